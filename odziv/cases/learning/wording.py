"""Says why an article's file can't be used or written, in the language spoken."""

from __future__ import annotations

from typing import Any

from kb.sources.faults import Reason
from odziv.texts.desk import _, number


def say_reason(reason: str) -> str:
    """The sentence; what is no Reason, such as a system's own words, as it is."""
    if not isinstance(reason, Reason):
        return reason
    return _(reason.message, **{name: _say_value(value) for name, value in reason.values.items()})


def _say_value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(say_reason, value))
    return number(value) if isinstance(value, int) else say_reason(str(value) if not isinstance(value, str) else value)
