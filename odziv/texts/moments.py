"""Says dates, times, lists and languages' names as each language writes them, by Babel: "tomorrow, Tuesday, at 8:00".

Where a sentence needs another form than Babel's, the language has it in its `forms.yml`: `days` from Monday on, and
`months` from January on. How a date and a time are written is a pattern in `moments.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, get_datetime_format
from babel.lists import format_list

from odziv.texts.catalogue import CATALOGUE, say


def say_when(moment: int, now: int, time_zone: str, language: str) -> str:
    """A moment to come, as part of a sentence; both in milliseconds. In English where a language is missing."""
    zone = ZoneInfo(time_zone)
    then, today = (datetime.fromtimestamp(at / 1000, zone) for at in (moment, now))
    distance = (then.date() - today.date()).days
    form = "today" if distance == 0 else "tomorrow" if distance == 1 else "later"
    day, month = _form("days", then.weekday(), language), _form("months", then.month - 1, language)
    return say("moments", form, language, time=say_time(then, language), day=day, date=then.day, month=month)


def say_date(day: date, language: str) -> str:
    """A date by itself: "7. 12. 2026", "7 December 2026"."""
    return format_date(day, CATALOGUE.of("moments", language)["day"], CATALOGUE.locale_of(language))


def say_time(moment: datetime, language: str) -> str:
    """A time of the day, on the moment's own clock: "8.05", "8:05"."""
    return format_in(CATALOGUE.of("moments", language)["time"], moment, language)


def say_date_and_time(moment: datetime, language: str) -> str:
    """Both, on the moment's own clock, put together as the language does: "7 December 2026, 8:05"."""
    together = str(get_datetime_format("short", locale=CATALOGUE.locale_of(language)))
    return together.format(say_time(moment, language), say_date(moment, language))


def say_moment(moment: datetime, language: str) -> str:
    """Weekday, date and time, short, on the moment's own clock: "Fri, 4 Dec 2026, 09:00"."""
    locale = CATALOGUE.locale_of(language)
    return f"{format_skeleton('yMMMEd', moment, locale=locale)}, {format_skeleton('Hm', moment, locale=locale)}"


def format_in(pattern: str, moment: datetime, language: str) -> str:
    """A moment, on its own clock, by a pattern of the Unicode CLDR like "EEEE, d MMMM, HH:mm"."""
    return format_datetime(moment, pattern, locale=CATALOGUE.locale_of(language))


def list_words(words: Sequence[str], language: str) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    return format_list(words, locale=CATALOGUE.locale_of(language))


def name_language(code: str, language: str) -> str:
    """What `language` calls the language of that code, as within a sentence; the code itself for one nobody knows."""
    return CATALOGUE.locale_of(language).languages.get(code) or code


def own_name(code: str) -> str:
    """What a language calls itself where it stands alone, as in a choice of languages: "Slovenščina"."""
    name = name_language(code, code)
    return name[:1].upper() + name[1:]


def _form(kind: str, number: int, language: str) -> str:
    """A day's or a month's name as a sentence needs it: the language's own form, else Babel's."""
    own = CATALOGUE.of("forms", language).get(kind)
    if own:
        return str(own[number])
    locale = CATALOGUE.locale_of(language)
    names = locale.days if kind == "days" else locale.months
    return str(names["format"]["wide"][number if kind == "days" else number + 1])
