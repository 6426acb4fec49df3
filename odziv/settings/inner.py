"""Addresses within an installation, at which its processes reach each other."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def check_inner_address(written: str) -> str:
    """`http://host:port`, without a slash at the end. Raises ValueError, with what to write."""
    problem = ValueError(f"{written!r} is no address; write it like http://10.0.0.5:5015")
    address = urlsplit(written.strip().rstrip("/"))
    try:
        port = address.port
    except ValueError:
        raise problem from None
    is_plain = address.scheme == "http" and not (address.path or address.query or address.fragment or address.username)
    if not (is_plain and address.hostname and port):
        raise problem
    return f"http://{address.netloc.lower()}"


InnerAddress = Annotated[str, AfterValidator(check_inner_address)]
