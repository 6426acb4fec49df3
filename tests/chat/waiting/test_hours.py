"""Business hours: what may be written, and when it is open, over clock changes, holidays, midnight and leap years."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from odziv.settings.hours import Calendar, Hours

LJUBLJANA = "Europe/Ljubljana"
OFFICE = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}).calendar()


def at(text: str, zone: str = LJUBLJANA, fold: int = 0) -> int:
    """A time on the wall, like "2026-11-23 08:00", as milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def wall(moment: int | None, zone: str = LJUBLJANA) -> str | None:
    return moment and datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-23 07:59", False, "2026-11-23 08:00"),
        ("2026-11-23 08:00", True, "2026-11-23 08:00"),
        ("2026-11-23 15:59", True, "2026-11-23 15:59"),
        ("2026-11-23 16:00", False, "2026-11-24 08:00"),
        ("2026-11-27 16:00", False, "2026-11-30 08:00"),
        ("2026-12-31 23:59", False, "2027-01-01 08:00"),
    ],
)
def test_it_is_open_from_the_first_minute_to_before_the_last(moment, is_open, opens):
    assert OFFICE.is_open(at(moment)) is is_open
    assert wall(OFFICE.next_opening(at(moment))) == opens


@pytest.mark.parametrize(
    ("begins", "ends", "minutes"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:30", 30),
        ("2026-11-23 15:30", "2026-11-24 08:30", 60),
        ("2026-11-27 15:30", "2026-11-30 08:15", 45),
        ("2026-11-28 00:00", "2026-11-29 23:00", 0),
        ("2026-11-23 00:00", "2026-11-30 00:00", 5 * 480),
        ("2026-11-24 09:00", "2026-11-23 09:00", 0),
        ("2025-12-31 15:00", "2026-01-01 09:00", 120),
        (
            "2024-01-01 00:00",
            "2028-01-01 00:00",
            (262 + 3 * 261) * 480,
        ),  # weekdays of 2024, and of the three years after
    ],
)
def test_business_minutes(begins, ends, minutes):
    assert OFFICE.business_minutes(at(begins), at(ends)) == minutes


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        ("2026-11-23 09:00", 60, "2026-11-23 10:00"),
        ("2026-11-23 15:30", 60, "2026-11-24 08:30"),
        ("2026-11-23 15:00", 60, "2026-11-23 16:00"),
        ("2026-11-28 12:00", 60, "2026-11-30 09:00"),
        ("2026-12-31 15:30", 60, "2027-01-01 08:30"),
        ("2026-11-23 09:00", 480 * 10, "2026-12-07 09:00"),
    ],
)
def test_the_moment_so_many_business_minutes_later(moment, minutes, due):
    assert wall(OFFICE.add(at(moment), minutes)) == due


def test_adding_and_counting_agree_wherever_one_begins():
    chance, start = Random(5), at("2026-01-01 00:00")
    for _ in range(300):
        moment, minutes = start + chance.randrange(400 * 86_400_000), chance.randrange(1, 3000)
        assert OFFICE.business_minutes(moment, OFFICE.add(moment, minutes)) == pytest.approx(minutes)


def test_clocks_that_change_make_a_day_of_23_and_one_of_25_hours():
    nights = Hours(time_zone=LJUBLJANA, week={"sun": "0:00-24:00"}).calendar()
    assert nights.business_minutes(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 23 * 60
    assert nights.business_minutes(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 25 * 60


def test_an_hour_that_is_left_out_counts_as_the_next_and_one_that_is_twice_as_the_first():
    early = Hours(time_zone=LJUBLJANA, week={"sun": "2:30-4:00"}).calendar()
    assert wall(early.next_opening(at("2026-03-29 01:00"))) == "2026-03-29 03:30"
    assert early.business_minutes(at("2026-03-29 00:00"), at("2026-03-29 12:00")) == 30
    assert early.next_opening(at("2026-10-25 01:00")) == at("2026-10-25 02:30", fold=0)
    assert early.business_minutes(at("2026-10-25 00:00"), at("2026-10-25 12:00")) == 150


def test_hours_that_lie_wholly_in_the_hour_left_out_harm_nothing():
    gap = Hours(time_zone=LJUBLJANA, week={"sun": "2:45-3:00"}).calendar()
    assert gap.business_minutes(at("2026-03-29 00:00"), at("2026-03-29 12:00")) == 0
    assert wall(gap.next_opening(at("2026-03-29 00:00"))) == "2026-04-05 02:45"


def test_the_same_wall_clock_before_and_after_a_clock_change():
    assert wall(OFFICE.add(at("2026-03-27 15:30"), 60)) == "2026-03-30 08:30"
    assert wall(OFFICE.add(at("2026-10-23 15:30"), 60)) == "2026-10-26 08:30"


def test_hours_past_midnight_belong_to_the_day_they_begin_on():
    bar = Hours(time_zone=LJUBLJANA, week={"fri": "20:00-2:00"}, holidays=["2026-11-28"]).calendar()
    assert bar.is_open(at("2026-11-28 01:59")) and not bar.is_open(at("2026-11-28 02:00"))
    assert not bar.is_open(at("2026-11-27 01:00"))  # Thursday's night
    assert bar.business_minutes(at("2026-11-27 23:00"), at("2026-11-28 12:00")) == 180


def test_hours_that_overlap_count_once():
    twice = Hours(time_zone=LJUBLJANA, week={"mon": "20:00-10:00", "tue": "8:00-12:00, 9:00-11:00"}).calendar()
    assert twice.business_minutes(at("2026-11-23 00:00"), at("2026-11-25 00:00")) == 16 * 60
    new_year = Hours(time_zone=LJUBLJANA, week={"thu": "20:00-10:00", "fri": "8:00-12:00"}).calendar()
    assert new_year.business_minutes(at("2026-12-31 00:00"), at("2027-01-02 00:00")) == 16 * 60


def test_several_hours_a_day_and_closed_days():
    split = Hours(time_zone=LJUBLJANA, week={"mon-sat": "8:00-12:00, 13:00-17:00", "sat": "closed"}).calendar()
    assert wall(split.next_opening(at("2026-11-23 12:30"))) == "2026-11-23 13:00"
    assert wall(split.next_opening(at("2026-11-28 09:00"))) == "2026-11-30 08:00"


def test_days_may_go_round_the_weekend():
    assert Hours(time_zone=LJUBLJANA, week={"sat-mon": "8:00-9:00"}).calendar().is_open(at("2026-11-23 08:30"))


def test_holidays_once_and_every_year():
    free = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}, holidays=["2026-12-24", "12-31"]).calendar()
    assert wall(free.next_opening(at("2026-12-23 17:00"))) == "2026-12-25 08:00"
    assert wall(free.next_opening(at("2026-12-30 17:00"))) == "2027-01-01 08:00"
    assert free.is_open(at("2027-12-24 09:00")) and not free.is_open(at("2027-12-31 09:00"))


def test_the_29th_of_february_every_year_is_a_holiday_when_there_is_one():
    free = Hours(time_zone=LJUBLJANA, week={"mon-sun": "8:00-16:00"}, holidays=["02-29"]).calendar()
    assert wall(free.next_opening(at("2028-02-28 16:00"))) == "2028-03-01 08:00"
    assert wall(free.next_opening(at("2027-02-28 16:00"))) == "2027-03-01 08:00"
    assert OFFICE.is_open(at("2028-02-29 09:00"))


@pytest.mark.slow
def test_public_holidays_of_a_country():
    free = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}, country="SI").calendar()
    assert wall(free.next_opening(at("2026-12-24 17:00"))) == "2026-12-28 08:00"
    assert not free.is_open(at("2027-02-08 09:00"))  # Prešeren's day


def test_a_language_has_what_it_says_and_the_rest_of_all():
    hours = Hours(
        time_zone=LJUBLJANA,
        week={"mon-fri": "8:00-16:00"},
        holidays=["2026-11-24"],
        languages={"pl": {"time_zone": "Europe/London"}, "en": {"holidays": []}},
    )
    assert hours.calendar("hr") == hours.calendar() != hours.calendar("pl")
    assert hours.calendar("pl").is_open(at("2026-11-23 16:30"))
    assert not hours.calendar("pl").is_open(at("2026-11-24 10:00")) and hours.calendar("en").is_open(
        at("2026-11-24 10:00")
    )


def test_nothing_set_is_always_open():
    calendar, moment = Hours().calendar("sl"), at("2026-12-25 03:00")
    assert calendar.is_always_open and calendar.is_open(moment) and calendar.next_opening(moment) == moment
    assert calendar.business_minutes(moment, moment + 60_000) == 1 and calendar.add(moment, 1) == moment + 60_000


def test_who_never_opens_is_found_out_without_looking_for_ever():
    days = [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32) if is_date(month, day)]
    never = Hours(time_zone=LJUBLJANA, week={"mon-sun": "8:00-16:00"}, holidays=days).calendar()
    moment = at("2026-11-23 09:00")
    assert never.next_opening(moment) is None and never.add(moment, 5) is None
    assert never.business_minutes(moment, moment + 10**9) == 0


def is_date(month: int, day: int) -> bool:
    return (datetime(2000, month, 1) + timedelta(day - 1)).month == month


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"time_zone": "Ljubljana"}, "like Europe/Ljubljana"),
        ({"time_zone": "../../etc/passwd"}, "like Europe/Ljubljana"),
        ({"time_zone": 1}, "like Europe/Ljubljana"),
        ({"time_zone": "Europe"}, "like Europe/Ljubljana"),
        ({"time_zone": "a\0b"}, "like Europe/Ljubljana"),
        ({"week": {"mon": "8:00-16:00"}}, "needs a time_zone"),
        ({"country": "SI"}, "needs a time_zone"),
        ({"languages": {"pl": {"week": {"mon": "8:00-16:00"}}}}, "languages.pl needs a time_zone"),
        ({"week": "8-16"}, "write days before hours"),
        ({"week": {"monday": "8:00-16:00"}}, "'monday' is no day; write mon, tue"),
        ({"week": {"mon-fri-sun": "8:00-16:00"}}, "is no day"),
        ({"week": {1: "8:00-16:00"}}, "is no day"),
        ({"week": {"mon": "8-16"}}, "write them like 8:00-16:00"),
        ({"week": {"mon": 480}}, "write them like 8:00-16:00"),
        ({"week": {"mon": "8:00-8:00"}}, "are no hours"),
        ({"week": {"mon": "8:60-9:00"}}, "are no hours"),
        ({"week": {"mon": "8:00-25:00"}}, "are no hours"),
        ({"week": {"mon": "24:00-25:00"}}, "are no hours"),
        ({"week": {"mon": {"from": 8}}}, "are no hours"),
        ({"week": {"mon": "closed"}}, "leave `week` out to be always open"),
        ({"holidays": "2026-12-24"}, "write a list of dates"),
        ({"holidays": ["24.12.2026"]}, "write 2026-12-24, or 12-24 for every year"),
        ({"holidays": ["2026-02-29"]}, "is no date"),
        ({"holidays": [20261224]}, "is no date"),
        ({"country": "Slovenija"}, "write the two letters"),
        ({"country": ["SI"]}, "write the two letters"),
        ({"languages": {"de": {}}}, "'sl', 'hr', 'pl' or 'en'"),
        ({"open": "8-16"}, "not permitted"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_right_is_refused_with_what_to_write(values, said):
    with pytest.raises(ValidationError) as problem:
        Hours(**values)
    assert said in str(problem.value)


def test_a_calendar_of_another_time_zone_counts_there():
    assert Calendar("America/New_York", OFFICE.week).is_open(at("2026-11-23 14:00"))
