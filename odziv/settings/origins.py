"""Origins as browsers send them: a name like „žaba.si" in its ASCII form, and no port that goes without saying."""

from __future__ import annotations

import re

import idna

ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")
USUAL_PORTS = {"http": ":80", "https": ":443"}


def read_origin(written: str) -> str | None:
    """The origin that somebody wrote in small letters; None for what is none, such as an address with a path."""
    scheme, mark, rest = written.partition("://")
    if not rest.isascii():
        name, colon, port = rest.partition(":")
        rest = f"{_in_ascii(name)}{colon}{port}"
    found = ORIGIN.fullmatch(f"{scheme}{mark}{rest}")
    if found is None:
        return None
    port = found[3] or ""
    return f"{found[1]}://{found[2]}{'' if port == USUAL_PORTS[found[1]] else port}"


def _in_ascii(name: str) -> str:
    """By IDNA 2008, as browsers do; the name itself where there is none."""
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return name
