"""Which of a conversation's messages a page shows: the last ones, those around one it was asked for, and what lies
between them as a gap that more can be fetched from."""

from __future__ import annotations

from typing import NamedTuple

# So many messages at a time; and at the most the last 500, so that a page stays quick.
STEP, MOST = 200, 500
CONTEXT = 20  # shown before the message that was asked for


class LogPart(NamedTuple):
    """The messages from one number to another, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many these are; below 1 for none."""
        return self.last - self.first + 1


def choose_parts(last_seq: int, handed_off: int | None, at: int = 0) -> list[LogPart]:
    """The last 200 messages, and up to 500 when they are `handed_off` (the first message since) or younger; and those
    around the message `at`, if that is an earlier one."""
    newest = max(1, last_seq - STEP + 1)
    first = max(1, min(newest, max(handed_off or last_seq, last_seq - MOST + 1)))
    if not 0 < at < first:
        return [LogPart(first, last_seq)]
    around = LogPart(max(1, at - CONTEXT), max(1, at - CONTEXT) + STEP - 1)
    return [around, LogPart(newest, last_seq)] if around.last + 1 < newest else [LogPart(around.first, last_seq)]


def choose_new(last_seq: int, after: int) -> list[LogPart]:
    """What came after a number; of very much, the last 500."""
    return [LogPart(max(after + 1, last_seq - MOST + 1), last_seq)]


def choose_more(last_seq: int, before: int, after: int, until: int) -> tuple[LogPart, list[LogPart]]:
    """The 200 messages before `before`, or those after `after` and before `until`; and the gaps left beside them."""
    if before:
        end = min(before - 1, last_seq)
        part = LogPart(max(1, end - STEP + 1), end)
        return part, find_gaps([part])
    until = min(until, last_seq + 1)
    part = LogPart(after + 1, min(after + STEP, until - 1))
    rest = LogPart(part.last + 1, until - 1)
    return part, [rest] if part.size > 0 and rest.size > 0 else []


def find_gaps(parts: list[LogPart], after: int = 0) -> list[LogPart]:
    """What is left out between `after` and the last of the parts."""
    ends = [after, *(part.last for part in parts)]
    found = [LogPart(end + 1, part.first - 1) for end, part in zip(ends, parts, strict=False)]
    return [gap for gap in found if gap.size > 0]
