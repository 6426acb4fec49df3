"""Says a moment in a customer's language and the business's zone: "tomorrow, Tuesday, at 8:00"."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from odziv.texts import FOLDER


@cache
def _words() -> dict[str, dict[str, Any]]:
    words: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "moments.yml").read_text(encoding="utf-8"))
    return words


def say_when(moment: int, now: int, time_zone: str, language: str) -> str:
    """A moment to come, as part of a sentence; both in milliseconds. In English where a language is missing."""
    words, zone = _words().get(language) or _words()["en"], ZoneInfo(time_zone)
    then, today = (datetime.fromtimestamp(at / 1000, zone) for at in (moment, now))
    time = words["time"].format(hour=then.hour, minute=f"{then.minute:02}")
    distance = (then.date() - today.date()).days
    form = words["today"] if distance == 0 else words["tomorrow"] if distance == 1 else words["later"]
    day, month = words["days"][then.weekday()], words["months"][then.month - 1]
    return str(form).format(time=time, day=day, date=then.day, month=month)
