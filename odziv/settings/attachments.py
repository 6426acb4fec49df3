"""Where attachments are kept: in the data folder, or in a store that speaks S3 (`attachments:` and `s3:`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import field_validator

from odziv.settings.section import Section

ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?P<prefix>(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)/?")
EXAMPLE = "s3://bucket/prefix"
SECRET = "ODZIV_S3_SECRET"


class S3Settings(Section):
    """How a store that speaks S3 is reached, and who we are there."""

    endpoint: str = ""
    region: str = ""
    path_style: bool = False
    key_id: str = ""
    secret_file: str = ""

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            is_good = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or True))
        except ValueError:
            is_good = False
        if not is_good or url and (parts.path.strip("/") or parts.query or parts.fragment or parts.username):
            raise ValueError("write scheme, host and port only, like https://s3.example.com, or leave it empty for AWS")
        return url.rstrip("/")

    @field_validator("region", "key_id")
    @classmethod
    def _check_word(cls, word: str) -> str:
        if len(word) > 128 or not word.isascii() or any(not c.isprintable() or c.isspace() for c in word):
            raise ValueError("write one word")
        return word

    def secret(self, environment: Mapping[str, str]) -> str:
        """The secret of `key_id`, from the environment or the file; empty without one. Raises ValueError."""
        if environment.get(SECRET) or not self.secret_file:
            return environment.get(SECRET, "")
        try:
            return Path(self.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"odziv.s3: secret_file {self.secret_file} can't be read ({error})") from error

    def check_secret(self, environment: Mapping[str, str]) -> None:
        """Raises ValueError when there is a key without its secret."""
        if self.key_id and not self.secret(environment):
            raise ValueError(f"odziv.s3: key_id needs its secret; put it into {SECRET} or name a secret_file")


def check_place(written: str) -> str:
    """The place, if it is one, or empty. Raises ValueError."""
    if written and read_place(written) is None:
        raise ValueError(f"write {EXAMPLE}, with a prefix of letters, digits, - and _, or leave it empty")
    return written.rstrip("/")


def read_place(written: str) -> tuple[str, str] | None:
    """The bucket, and what every key begins with: empty, or ending with a slash. None for what is no place."""
    found = ADDRESS.fullmatch(written)
    if found is None or ".." in found["bucket"]:
        return None
    prefix = found["prefix"].strip("/")
    return found["bucket"], f"{prefix}/" if prefix else ""
