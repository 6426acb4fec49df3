"""Of which kind each setting is: how it is read from a form, and how it is written into one."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from odziv.settings import LANGUAGES
from odziv.settings.hours import DAYS, Hours, tell_hours
from odziv.settings.load import MinutesByPriority

TEXT, WORDS, CHOICES, TICK, NUMBER = "text", "words", "choices", "tick", "number"
LINES, ORIGINS, SHARES, MINUTES, HOURS = "lines", "origins", "shares", "minutes", "hours"
# By pattern of the key; what is not here is TEXT.
KINDS = {
    "languages": CHOICES,
    "sites/*/languages": CHOICES,
    "sites/*/origins": ORIGINS,
    "sites/*/tags": LINES,
    "sites/*/launcher/*": WORDS,
    "sites/*/greeting/*": WORDS,
    "sites/*/person": TICK,
    "categories/*": WORDS,
    "answer_precision": SHARES,
    "suggest_recall": SHARES,
    "desk/hours": HOURS,
    "desk/promises/*": MINUTES,
    "desk/agent_capacity": NUMBER,
    "desk/lease_minutes": NUMBER,
    "desk/undo_seconds": NUMBER,
    "desk/read_receipts": TICK,
    "desk/push": TICK,
    "desk/auto_close/*": NUMBER,
    "mail/signatures/*": WORDS,
    "mail/plus_addressing": TICK,
    "mail/mailboxes/*/signatures/*": WORDS,
    "mail/mailboxes/*/plus_addressing": TICK,
    "mail/*_per_hour": NUMBER,
    "mail/poll_seconds": NUMBER,
    "retention/*": NUMBER,
}
PRIORITIES = ("normal", "high", "urgent")


def kind_of(key: str) -> str:
    """The kind of a setting."""
    return next((kind for pattern, kind in KINDS.items() if fnmatchcase(key, pattern)), TEXT)


def read_value(key: str, sent: Mapping[str, str]) -> Any:
    """What a form sent for a setting, as JSON; None where there is to be no value.

    What should be a number and is none stays a text, which the settings refuse in their own words.
    """
    text = sent.get(key, "").replace("\r\n", "\n").strip()
    match kind_of(key):
        case "words":
            return text or None
        case "lines":
            return _lines(text)
        case "origins":  # as an address bar has them
            return [line.lower().removesuffix("/") for line in _lines(text)]
        case "choices":
            return [code for code in LANGUAGES if sent.get(f"{key}/{code}") == "1"]
        case "tick":
            return text == "1"
        case "number":
            return _number(text)
        case "minutes":
            return {priority: _number(sent.get(f"{key}/{priority}", "").strip()) for priority in PRIORITIES}
        case "shares":
            return _read_shares(key, sent)
        case "hours":
            return read_hours(key, sent)
        case _:
            return text


def write_value(value: Any) -> Any:
    """What the settings hold, as JSON and as `read_value` would read it."""
    if isinstance(value, Hours):
        return tell_hours(value)
    if isinstance(value, MinutesByPriority):
        return value.model_dump()
    return [write_value(each) for each in value] if isinstance(value, tuple) else value


def read_hours(key: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """The hours of all customers, and those that differ for a language, as config.yml has them."""
    hours = _read_calendar(key, sent)
    own = {code: calendar for code in LANGUAGES if (calendar := _read_calendar(f"{key}/{code}", sent))}
    return hours | ({"languages": own} if own else {})


def _read_calendar(key: str, sent: Mapping[str, str]) -> dict[str, Any]:
    typed = {part: sent.get(f"{key}/{part}", "").strip() for part in ("time_zone", "country", "holidays", *DAYS)}
    week = {day: typed[day] for day in DAYS if typed[day]}
    found = {
        "time_zone": typed["time_zone"],
        "week": week,
        "country": typed["country"].upper(),
        "holidays": _lines(typed["holidays"].replace("\r\n", "\n")),
    }
    return {part: value for part, value in found.items() if value}


def _read_shares(key: str, sent: Mapping[str, str]) -> Any:
    """One for all languages, or with those that differ, as percentages are typed."""
    typed = {code: sent.get(f"{key}/{code}", "").strip() for code in ("default", *LANGUAGES)}
    shares = {code: _share(text) for code, text in typed.items() if text}
    return shares["default"] if list(shares) == ["default"] else shares or None


def _share(text: str) -> Any:
    try:
        return round(float(text.replace(",", ".").removesuffix("%")) / 100, 6)
    except ValueError:
        return text


def _number(text: str) -> Any:
    return (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text) if text else None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
