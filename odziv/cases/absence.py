"""Whether anybody is there for a customer who needs a person, and what the customer is told when nobody is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.availability import is_anyone_available
from odziv.texts.moments import say_when
from odziv.texts.notices import notice

Whom = tuple[str, str | None]  # a language, and the mailbox that it came to


@dataclass(frozen=True)
class Absence:
    """Nobody is there. `opens_at` is when somebody will be, in milliseconds; None: as soon as somebody comes."""

    now: int
    opens_at: int | None
    time_zone: str


def find_absence(store: Store, settings: Settings, language: str, mailbox: str | None = None) -> Absence | None:
    """Outside the hours of a language, or nobody at the desk who takes new ones; None while somebody is there.

    What came to a mailbox has that one's hours.
    """
    return find_absences(store, settings, [(language, mailbox)]).get((language, mailbox))


def find_absences(store: Store, settings: Settings, those: Iterable[Whom]) -> dict[Whom, Absence]:
    """Of these languages and mailboxes, those for which nobody is there now. The agents are asked for once."""
    now = store.clock()
    calendars = {whom: settings.calendar(*whom) for whom in those}
    absent = {
        whom: Absence(now, calendar.next_opening(now), calendar.time_zone)
        for whom, calendar in calendars.items()
        if not calendar.is_open(now)
    }
    within_hours = calendars.keys() - absent.keys()
    if within_hours and not is_anyone_available(store):
        absent |= {whom: Absence(now, None, calendars[whom].time_zone) for whom in within_hours}
    return absent


def say_danger(absence: Absence | None, language: str, *, is_self: bool = False, by_mail: bool = False) -> str:
    """What is said to somebody in danger: the emergency number first, then who comes, and when. Never more than that.

    `is_self`: they may harm themselves. `by_mail`: they wrote a mail.
    """
    parts = [notice("danger", language), *([notice("danger_self", language)] if is_self else [])]
    if absence is None:
        parts.append(notice("danger_called", language, by_mail=by_mail))
    else:
        parts.append(say_absence_in_danger(absence, language))
    return "\n\n".join(parts)


def say_absence_in_danger(absence: Absence, language: str) -> str:
    """Says that nobody is here and when somebody will be; an address isn't asked for now."""
    if absence.opens_at is None:
        return notice("danger_away", language)
    when = say_when(absence.opens_at, absence.now, absence.time_zone, language)
    return notice("danger_away_until", language, when=when)


def say_absence(absence: Absence, language: str, *, asks_email: bool, by_mail: bool = False) -> str:
    """What a customer is told: nobody is here, when somebody will be, and may we have your address?"""
    if absence.opens_at is None:
        text = notice("away", language, by_mail=by_mail)
    else:
        when = say_when(absence.opens_at, absence.now, absence.time_zone, language)
        text = notice("away_until", language, by_mail=by_mail, when=when)
    return f"{text}\n\n{notice('ask_email', language)}" if asks_email else text
