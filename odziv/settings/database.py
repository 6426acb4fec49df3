"""The addresses of the database and of Redis, `database_url` and `redis_url`: what each has to have."""

from __future__ import annotations

from urllib.parse import urlsplit

# As it is written, with the driver named or not.
KINDS = ("sqlite", "postgresql", "postgresql+psycopg")
EXAMPLE = "postgresql://user:password@host/odziv"
SIGNS = "in a user's name or password, @ is written as %40, : as %3A, / as %2F and % as %25"


def check_address(written: str) -> str:
    """The address, if it is one of a database that is known, or empty. Raises ValueError, which quotes nothing: the
    password may stand anywhere in it."""
    if not written:
        return written
    try:
        parts = urlsplit(written)
        is_read = "://" in written and (parts.port or True)
    except ValueError:
        is_read = False
    if not is_read:
        raise ValueError(f"write a URL like {EXAMPLE}, or leave it empty; {SIGNS}")
    if parts.scheme not in KINDS:
        raise ValueError(f"only SQLite and PostgreSQL are known: leave it empty, or write a URL like {EXAMPLE}")
    if parts.netloc.count("@") > 1:
        raise ValueError(SIGNS)
    if not parts.path.strip("/"):
        raise ValueError(f"it names no database; write a URL like {EXAMPLE}")
    return written


REDIS_EXAMPLE = "redis://:password@host:6379/0"


def check_redis_address(written: str) -> str:
    """The address, if it is one of a Redis, or empty. Raises ValueError, which quotes nothing, as above."""
    if not written:
        return written
    try:
        parts = urlsplit(written)
        is_read = "://" in written and bool(parts.hostname) and (parts.port or True)
    except ValueError:
        is_read = False
    if not is_read:
        raise ValueError(f"write a URL like {REDIS_EXAMPLE}, or leave it empty; {SIGNS}")
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError(f"write a URL like {REDIS_EXAMPLE}; with TLS it begins with rediss://")
    if parts.netloc.count("@") > 1:
        raise ValueError(SIGNS)
    number = parts.path.strip("/")
    if parts.query or parts.fragment or not (number == "" or (number.isascii() and number.isdigit())):
        raise ValueError(
            f"behind host and port may stand the number of the database, and nothing else: {REDIS_EXAMPLE}"
        )
    return written
