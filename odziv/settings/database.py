"""The address of the database, `database_url`: which ones there are, and what one has to have."""

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
