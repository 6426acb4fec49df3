"""When a customer who waits should have an answer. Derived: it follows priorities and hours as they are now."""

from __future__ import annotations

from dataclasses import dataclass

from odziv.settings import Settings
from odziv.store.handoffs.handoff import Handoff
from odziv.texts.desk import N_, _

WORDS = {"normal": N_("normal"), "high": N_("high"), "urgent": N_("urgent")}

# An answer is due soon in the last quarter of the time there is for it.
CALM_SHARE = 0.75


@dataclass(frozen=True)
class Target:
    """By when an answer is due; from `soon_at` on it is due soon. Milliseconds."""

    at: int
    soon_at: int

    def level(self, now: int) -> str:
        """calm, soon or missed."""
        return "missed" if now >= self.at else "soon" if now >= self.soon_at else "calm"


def priority_of(handoff: Handoff) -> str:
    """What an agent set; else high for a complaint and whoever was raised in the queue."""
    return handoff.priority or ("high" if handoff.raised_by else "normal")


def find_target(handoff: Handoff, settings: Settings) -> Target | None:
    """By when the customer should hear from a person; None when there is no target, or nothing asked."""
    targets, priority = settings.desk.promises, priority_of(handoff)
    if handoff.status in ("closed", "snoozed"):  # what an agent put off by intent isn't marked
        return None
    if handoff.target_at and (handoff.status == "waiting" or handoff.replied_at is None):
        begins, ends = handoff.created_at, handoff.target_at
        return Target(ends, begins + round(CALM_SHARE * max(0, ends - begins)))
    if handoff.replied_at is None:
        return _count_target(handoff, handoff.created_at, getattr(targets.first_reply, priority), settings)
    if handoff.asked_at is not None:
        return _count_target(handoff, handoff.asked_at, getattr(targets.next_reply, priority), settings)
    return None


def _count_target(handoff: Handoff, since: int, minutes: int, settings: Settings) -> Target | None:
    calendar = settings.calendar(handoff.language, handoff.mailbox)
    at, soon_at = calendar.add(since, minutes), calendar.add(since, CALM_SHARE * minutes)
    return Target(at, soon_at) if minutes and at is not None and soon_at is not None else None


def label_priority(priority: str) -> str:
    """How soon somebody should answer, in a word."""
    return _(WORDS.get(priority, priority))
