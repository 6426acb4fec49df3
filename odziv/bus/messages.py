"""A message between processes: who sends it, of what kind it is, and some items, each a row of plain values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 7_500  # of a message; NOTIFY of PostgreSQL takes less than 8,000, a datagram more
Item = tuple[Any, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of message: its name, and what stands in each of its items, in order (`str`, `int` or `bool`)."""

    name: str
    fields: tuple[type, ...]

    def fits(self, item: Any) -> bool:
        """Whether a list that was received is such an item."""
        return (
            isinstance(item, list)
            and len(item) == len(self.fields)
            and all(type(value) is field for value, field in zip(item, self.fields, strict=True))
        )


@dataclass(frozen=True)
class Received:
    """What was received: the sender's mark, the kind's name, and items that nobody has looked at yet."""

    origin: str
    kind: str
    items: list[Any]


def write_messages(origin: str, kind: Kind, items: Iterable[Item]) -> Iterator[str]:
    """The messages, in ASCII, that say so: as many as it takes, none longer than MOST_BYTES.

    An item that is too long for one by itself is left out.
    """
    head = json.dumps({"from": origin, "kind": kind.name})[:-1] + ', "items": ['
    room = MOST_BYTES - len(head) - len("]}")
    piece: list[str] = []
    length = 0
    for item in items:
        written = json.dumps(item)
        if len(written) > room:
            continue
        if piece and length + len(written) > room:
            yield head + ", ".join(piece) + "]}"
            piece, length = [], 0
        piece.append(written)
        length += len(written) + len(", ")
    if piece:
        yield head + ", ".join(piece) + "]}"


def read_message(raw: str | bytes) -> Received | None:
    """What a message says; None for anything else that somebody may have put there."""
    try:
        found = json.loads(raw)
        return Received(str(found["from"]), str(found["kind"]), list(found["items"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
