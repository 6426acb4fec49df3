"""What is wrong with an article's file: every fault of it, each with its line and what to put right.

It is said in English, and kept as a message for whoever says it in another language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MOST = 20  # faults of a file that are named; the rest is counted


class Reason(str):
    """The English sentence; `message` and `values` are what it is made of, as gettext has them.

    A value may be a Reason itself, or a tuple of such, which are listed. A percent sign is written twice.
    """

    message: str
    values: Mapping[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Reason:
        """Put the values into the message."""
        said = super().__new__(cls, message % {name: _list(value) for name, value in values.items()})
        said.message, said.values = message, values
        return said

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Have a copy be made anew of the message, not of the sentence."""
        return (self.message,), dict(self.values)


def _list(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Fault:
    """Something to put right; `line` counts from 1 and is None where no line stands for it."""

    line: int | None
    reason: str


class ArticleBroken(Exception):
    """A file that cannot become an article; `reason` and `line` are those of the first of its `faults`."""

    def __init__(self, reason: str, line: int | None = None, others: tuple[Fault, ...] = ()):
        super().__init__(reason)
        self.reason, self.line = reason, line
        self.faults = (Fault(line, reason), *others)


class Faults(list[Fault]):
    """The faults of one file, gathered while it is read."""

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Keep the faults of an ArticleBroken that the block raises, and go on after the block."""
        try:
            yield
        except ArticleBroken as broken:
            self.extend(broken.faults)

    def raise_any(self, most: int | None = None) -> None:
        """Raise ArticleBroken with the faults, in the order of their lines, if there are any; with `most` at most."""
        found = sorted(dict.fromkeys(self), key=lambda fault: fault.line or 0)
        if not found:
            return
        if most and len(found) > most:
            found = [
                *found[:most],
                Fault(None, Reason("has %(more)s more faults; put these right first", more=len(found) - most)),
            ]
        raise ArticleBroken(found[0].reason, found[0].line, tuple(found[1:]))
