"""A verb's refusal, in words for the agent who asked. Says nothing of HTTP: each door gives a kind its own status."""

from __future__ import annotations

from enum import Enum, auto


class Kind(Enum):
    """Why something can't be done."""

    INVALID = auto()  # not understood: none of what was offered
    UNFIT = auto()  # understood, but not to be had so: too long, say
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()  # not as things stand now
    TOO_MANY = auto()


class Refused(Exception):
    """Something an agent asked for can't be done; `problem` says why, and what they can do."""

    def __init__(self, kind: Kind, problem: str) -> None:
        super().__init__(problem)
        self.kind, self.problem = kind, problem


class UnreadMessage(Refused):
    """Done now, it would leave a message of the customer's without an answer, which the agent has not seen.

    `seq` is its number, where it is told.
    """

    def __init__(self, kind: Kind, problem: str, seq: int = 0) -> None:
        super().__init__(kind, problem)
        self.seq = seq
