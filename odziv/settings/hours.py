"""Business hours: the setting `odziv.desk.hours`, and the arithmetic on it. Pure: it knows no clock and no store.

Moments are milliseconds since 1970 UTC, as in the store.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, model_validator

from odziv.settings.languages import Language
from odziv.settings.section import Section
from odziv.settings.wrong import WrongValue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
# From and to, in minutes after midnight. Past midnight, `to` is above 24 × 60.
Span = tuple[int, int]


def _read_zone(value: Any) -> Any:
    if value is None:
        return None
    try:
        return str(ZoneInfo(value))
    except Exception as error:  # zoneinfo raises whatever a strange name leads to: a folder, a null byte, a list
        raise WrongValue("write the name of a time zone, like Europe/Ljubljana").in_file(
            "write a time zone's name, like Europe/Ljubljana"
        ) from error


def _read_week(value: Any) -> Any:
    """`{"mon-fri": "8:00-16:00"}` → the spans of each of the seven days; raises WrongValue."""
    if value is None or isinstance(value, tuple):
        return value
    if not isinstance(value, dict):
        raise WrongValue("write hours for each day, like 8:00-16:00").in_file(
            "write days before hours, like {mon-fri: 8:00-16:00, sat: 8:00-12:00}"
        )
    week: list[tuple[Span, ...]] = [()] * 7
    for days, hours in value.items():
        for day in _read_days(days):
            week[day] = _read_spans(days, hours)
    if value and not any(week):
        raise WrongValue(
            "if every day is closed, nobody would ever be there; leave all days empty to be there always"
        ).in_file("with no hours on any day nobody would ever be there; leave `week` out to be always open")
    return tuple(week) if value else None


def _read_days(key: Any) -> list[int]:
    ends = [DAYS.index(name) if name in DAYS else -1 for name in str(key).lower().split("-")]
    if -1 in ends or len(ends) > 2:
        raise WrongValue("there is no day “%(day)s”", day=key).in_file(
            f"{key!r} is no day; write {', '.join(DAYS)}, or the first and last like mon-fri"
        )
    return [(ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1)]


def _read_spans(days: Any, hours: Any) -> tuple[Span, ...]:
    if hours in (None, "", "closed"):
        return ()
    parts = hours.split(",") if isinstance(hours, str) else hours if isinstance(hours, list) else [hours]
    return tuple(_read_span(days, str(part).strip()) for part in parts)


def _read_span(days: Any, text: str) -> Span:
    found = _SPAN.fullmatch(text)
    begins, ends = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    is_right = found and int(found[2]) < 60 and int(found[4]) < 60 and begins < DAY_MINUTES and ends <= DAY_MINUTES
    if not is_right or begins == ends:
        raise WrongValue(
            "“%(hours)s” are no hours; write them like 8:00-16:00, or with a break 8:00-12:00, 13:00-17:00", hours=text
        ).in_file(f"{days}: {text!r} are no hours; write them like 8:00-16:00, or 8:00-12:00, 13:00-17:00")
    return begins, ends if ends > begins else ends + DAY_MINUTES


def _read_holidays(value: Any) -> Any:
    """Dates as (year, month, day); a year of 0 stands for every year."""
    if value is None or isinstance(value, tuple):
        return value
    if not isinstance(value, list):
        raise WrongValue("write a list of dates, like 2026-12-24").in_file(
            "write a list of dates, like [2026-12-24, 12-31]"
        )
    return tuple(_read_date(day) for day in value)


def _read_date(value: Any) -> tuple[int, int, int]:
    if isinstance(value, date):
        return value.year, value.month, value.day
    found = re.fullmatch(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})", str(value))
    try:
        day = date(int(found[1] or 2000), int(found[2]), int(found[3])) if found else None  # 2000 has a 29 February
    except ValueError:
        day = None
    if found is None or day is None:
        raise WrongValue("“%(date)s” is no date; write 2026-12-24, or 12-24 for every year", date=value).in_file(
            f"{str(value)!r} is no date; write 2026-12-24, or 12-24 for every year"
        )
    return int(found[1] or 0), day.month, day.day


def _read_country(value: Any) -> Any:
    if value is None:
        return None
    from holidays import list_supported_countries  # a fifth of a second, only for those who need it

    if not isinstance(value, str) or value not in list_supported_countries(include_aliases=False):
        raise WrongValue("write the two letters of a country, like SI, HR or PL")
    return value


class LanguageHours(Section):
    """Business hours; what is None is the same as in the hours of all languages."""

    time_zone: Annotated[str | None, BeforeValidator(_read_zone)] = None
    week: Annotated[tuple[tuple[Span, ...], ...] | None, BeforeValidator(_read_week)] = None
    holidays: Annotated[tuple[tuple[int, int, int], ...] | None, BeforeValidator(_read_holidays)] = None
    country: Annotated[str | None, BeforeValidator(_read_country)] = None


class Hours(LanguageHours):
    """The same, and what differs for a language. Nothing set: always open."""

    languages: dict[Language, LanguageHours] = {}

    @model_validator(mode="after")
    def _check_zone(self) -> Hours:
        for name, hours in (("", self), *self.languages.items()):
            has_hours = hours.week or hours.holidays or hours.country
            if has_hours and not (hours.time_zone or self.time_zone):
                where = f"languages.{name}" if name else "hours"
                raise WrongValue("a time zone is needed; write one, like Europe/Ljubljana").in_file(
                    f"{where} needs a time_zone; write one like Europe/Ljubljana"
                )
        return self

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {code: _merge(self, hours) for code, hours in (("", self), *self.languages.items())}

    def calendar(self, language: str = "") -> Calendar:
        """The calendar of a language; without one, that of all."""
        return self._calendars.get(language) or self._calendars[""]


def tell_hours(hours: LanguageHours) -> dict[str, Any]:
    """As they are written in config.yml, day by day; what is not set is left out."""
    told: dict[str, Any] = {}
    if hours.time_zone:
        told["time_zone"] = hours.time_zone
    if hours.week:
        told["week"] = {day: _tell_spans(spans) for day, spans in zip(DAYS, hours.week, strict=True) if spans}
    if hours.country:
        told["country"] = hours.country
    if hours.holidays:
        told["holidays"] = [f"{y:04}-{m:02}-{d:02}" if y else f"{m:02}-{d:02}" for y, m, d in hours.holidays]
    if isinstance(hours, Hours) and hours.languages:
        told["languages"] = {language: tell_hours(own) for language, own in hours.languages.items()}
    return told


def _tell_spans(spans: tuple[Span, ...]) -> str:
    return ", ".join(f"{_tell_time(begins)}-{_tell_time(ends)}" for begins, ends in spans)


def _tell_time(minutes: int) -> str:
    """Past midnight, `to` is above 24 × 60; 24:00 itself stays."""
    hour, minute = divmod(minutes - DAY_MINUTES if minutes > DAY_MINUTES else minutes, 60)
    return f"{hour}:{minute:02}"


def _merge(all_hours: LanguageHours, hours: LanguageHours) -> Calendar:
    fields = ("time_zone", "week", "holidays", "country")
    chosen = {name: getattr(hours, name) for name in fields}
    own = {name: getattr(all_hours, name) if value is None else value for name, value in chosen.items()}
    return Calendar(own["time_zone"] or "UTC", own["week"], own["holidays"] or (), own["country"])


@dataclass(frozen=True)
class _Table:
    """The open spans from one moment to another, merged, and how long it was open before each."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    until: int

    def open_before(self, moment: int) -> int:
        place = bisect_right(self.starts, moment) - 1
        return self.before[place] + min(moment, self.ends[place]) - self.starts[place] if place >= 0 else 0


@dataclass(frozen=True)
class Calendar:
    """When a business is open. `week` None: every day, all day, but for holidays."""

    time_zone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] | None = None
    holidays: tuple[tuple[int, int, int], ...] = ()
    country: str | None = None

    @property
    def is_always_open(self) -> bool:
        """Whether it never closes."""
        return self.week is None and not self.holidays and not self.country

    def is_open(self, moment: int) -> bool:
        """Whether somebody should be there."""
        if self.is_always_open:
            return True
        table = _table(self, self._year(moment))
        place = bisect_right(table.starts, moment) - 1
        return place >= 0 and moment < table.ends[place]

    def next_opening(self, moment: int) -> int | None:
        """`moment` while it is open, else when it opens. None when it doesn't within a year."""
        if self.is_open(moment):
            return moment
        table = _table(self, self._year(moment))
        place = bisect_right(table.starts, moment)
        return table.starts[place] if place < len(table.starts) else None

    def open_ms(self, begins: int, ends: int) -> int:
        """For how long it is open between two moments, in milliseconds; 0 when they are in the wrong order."""
        if self.is_always_open:
            return max(0, ends - begins)
        total = 0
        while begins < ends:
            table = _table(self, self._year(begins))
            stop = min(ends, table.until)
            total += table.open_before(stop) - table.open_before(begins)
            begins = stop
        return total

    def business_minutes(self, begins: int, ends: int) -> float:
        """The same in minutes."""
        return self.open_ms(begins, ends) / MINUTE_MS

    def add(self, moment: int, minutes: float) -> int | None:
        """The moment so many business minutes later. None when that isn't within a year."""
        span = round(minutes * MINUTE_MS)
        if self.is_always_open:
            return moment + span
        table = _table(self, self._year(moment))
        wanted = table.open_before(moment) + span
        place = bisect_right(table.before, wanted - 1) - 1 if wanted else 0
        if place < 0 or place >= len(table.starts):
            return None
        found = table.starts[place] + wanted - table.before[place]
        return max(found, moment) if found <= table.ends[place] else None

    def _year(self, moment: int) -> int:
        return datetime.fromtimestamp(moment / 1000, UTC).year


@lru_cache(maxsize=64)
def _table(calendar: Calendar, year: int) -> _Table:
    """The year and the one after, so that "next" is found; a week more on both sides for zones and long nights."""
    zone, day, last = ZoneInfo(calendar.time_zone), date(year, 1, 1) - timedelta(7), date(year + 2, 1, 7)
    free = _free_days(calendar, year)
    merged: list[list[int]] = []
    while day <= last:
        for opens, closes in () if _is_free(calendar, free, day) else _spans(calendar, day):
            start, end = _moment(zone, day, opens), _moment(zone, day, closes)
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            elif start < end:  # an hour that a clock change leaves out is no hour
                merged.append([start, end])
        day += timedelta(1)
    starts, ends = [start for start, _ in merged], [end for _, end in merged]
    lengths = (end - start for start, end in merged)
    until = _moment(ZoneInfo("UTC"), date(year + 2, 1, 1), 0)
    return _Table(starts, ends, list(accumulate(lengths, initial=0))[:-1], until)


def _spans(calendar: Calendar, day: date) -> tuple[Span, ...]:
    return tuple(sorted(calendar.week[day.weekday()])) if calendar.week else ((0, DAY_MINUTES),)


def _is_free(calendar: Calendar, free: Any, day: date) -> bool:
    dates = {(day.year, day.month, day.day), (0, day.month, day.day)}
    return day in free or not dates.isdisjoint(calendar.holidays)


def _free_days(calendar: Calendar, year: int) -> Any:
    if not calendar.country:
        return ()
    from holidays import country_holidays

    return set(country_holidays(calendar.country, years=range(year - 1, year + 3)))


def _moment(zone: ZoneInfo, day: date, minutes: int) -> int:
    """A time on the wall as a moment. Of an hour there is twice, the first; one left out counts as the next."""
    days, minutes = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(day + timedelta(days), time(*divmod(minutes, 60)), zone)
    return int(wall.timestamp() * 1000)
