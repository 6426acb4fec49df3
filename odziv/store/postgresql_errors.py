"""What PostgreSQL's errors say: to an operator a sentence with what to do, and to nobody what a customer wrote.

The driver is not imported: it is only there for who uses it, and its errors know their code (SQLSTATE) themselves.
"""

from __future__ import annotations

from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError

DATA_ERRORS = "22"  # the class of errors whose first line may quote a value
LONGEST_REASON = 200
# By code or its beginning: what is wrong, and what to do. `{name}` is the database, `{reason}` the server's words.
TOLD = {
    "28": "PostgreSQL refuses the user of database_url ({reason}); see pg_hba.conf on its machine",
    "3D": "{name} does not exist ({reason}); create it there (docs/operators.md, “PostgreSQL”)",
    "53100": "the disk of the database {name} is full ({reason}); make room there, then try again",
    "53300": "the database {name} has no connection left ({reason}): raise max_connections of PostgreSQL, or let other"
    " programs take fewer",
    "42501": "the user of database_url may not do all it has to in {name} ({reason}): make it the owner of it",
    "25006": "the database {name} can't be written to ({reason}): it is a copy that follows another server, or was set"
    " to be read only",
    "42P01": "the database {name} lacks a table ({reason}); put back your newest backup",
    "42703": "the database {name} lacks a column ({reason}); put back your newest backup",
    "55P03": "the database {name} is locked ({reason}): another program has written for longer than Odziv waits. "
    "pg_stat_activity names it; let it end, then try again",
    "57P": "the database {name} was stopped ({reason}); start PostgreSQL again",
    "08": "the connection to the database {name} broke ({reason}); see that PostgreSQL runs and can be reached",
    "XX": "the database {name} is damaged ({reason}). PostgreSQL's log says more; put back your newest backup",
}
DAMAGED = ("XX001", "XX002")
# What libpq says, without a code, when it can't connect; in English, as most servers do.
NO_PASSWORD = ("password authentication failed", "no password supplied")
NO_DATABASE = '" does not exist'


def name_of_server(url: URL) -> str:
    """The database's address without its password, and without what follows a question mark: one may stand there."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()


def is_postgresql(error: object) -> bool:
    """Whether the driver for PostgreSQL raised it, or it wraps one that did."""
    return type(_driver_error(error)).__module__.partition(".")[0] == "psycopg"


def state_of(error: object) -> str:
    """Its code, five letters and digits; empty where it never reached a server, or is another database's."""
    return str(getattr(_driver_error(error), "sqlstate", None) or "")


def is_damage(error: object) -> bool:
    """Whether it says that the server's files are damaged."""
    return state_of(error) in DAMAGED


def tell(name: str, error: object) -> str | None:
    """A sentence on what is wrong with the database `name`, and what to do; None where it is an error of ours."""
    if not is_postgresql(error):
        return None
    state, reason = state_of(error), reason_of(error)
    if not state:
        return _tell_unreached(name, reason) if type(_driver_error(error)).__name__ == "OperationalError" else None
    found = next((told for code, told in TOLD.items() if state.startswith(code)), None)
    return found.format(name=name, reason=reason) if found else None


def tell_any(name: str, error: object) -> str:
    """A sentence on any error of a database that can't be used."""
    return tell(name, error) or f"the database {name} can't be used ({reason_of(error)})"


def _tell_unreached(name: str, reason: str) -> str:
    if any(words in reason for words in NO_PASSWORD):
        return f"PostgreSQL refuses the user or the password of database_url ({reason})"
    if "database" in reason and NO_DATABASE in reason:
        return TOLD["3D"].format(name=name, reason=reason)
    return (
        f"the database {name} can't be reached ({reason}); see that PostgreSQL runs and lets this machine in, and that"
        " host, port, user, password and database in database_url are right"
    )


def reason_of(error: object) -> str:
    """What happened, in the server's words, on one line and without any value."""
    driver_error = _driver_error(error)
    state = state_of(error)
    if state.startswith(DATA_ERRORS):
        return f"{type(driver_error).__name__}, {state}"
    primary = getattr(getattr(driver_error, "diag", None), "message_primary", None)
    return " ".join(str(primary or driver_error).split())[:LONGEST_REASON]


def hide_values(context: ExceptionContext) -> None:
    """Leaves of an error's text its first line: "DETAIL: Key (email)=(…) already exists" quotes a customer."""
    reason = reason_of(context.original_exception)
    context.original_exception.args = (reason,)
    if isinstance(context.sqlalchemy_exception, DBAPIError):
        kind = type(context.original_exception)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {reason}",)


def _driver_error(error: object) -> object:
    return getattr(error, "orig", None) or error
