"""What stands in the address of the list of conversations: words, filters, order, and where a page begins."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_login import current_user

from odziv.desk.frame.lookups import LARGEST_ID
from odziv.store.lengths import LONGEST_FIELD_VALUE, LONGEST_SITE, LONGEST_WANTED
from odziv.store.search.entries import KINDS
from odziv.store.search.filters import STATES, Wanted
from odziv.store.search.finding import EXACT, NEAR, Place
from odziv.store.search.listing import ORDERS
from odziv.web.forms import Form, OrNone, Trimmed, to_number
from odziv.web.services import services

CHOSEN = ("site", "language", "channel", "topic", "article", "reason")
Chosen = Annotated[str | None, OrNone]


class ConversationsAddress(Form):
    """Words, filters, order and place, as text. What can't be is as if it were not there: an old link shows more."""

    q: Trimmed = ""
    kind: str = ""
    state: tuple[str, ...] = ()
    site: Chosen = None
    language: Chosen = None
    channel: Chosen = None
    topic: Chosen = None
    article: Chosen = None
    reason: Chosen = None
    agent: str = ""
    rating: str = ""
    label: str = ""
    field: str = ""
    value: Trimmed = ""
    customer: Trimmed = ""
    since: str = ""
    until: str = ""
    order: str = "activity"
    after: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """Those that there are, in their order."""
        return tuple(state for state in STATES if state in self.state)

    @property
    def entry_kind(self) -> str | None:
        """In what the words are to stand; None: anywhere."""
        return self.kind if self.kind in KINDS else None

    @property
    def sort(self) -> str:
        """One of ORDERS."""
        return self.order if self.order in ORDERS else "activity"

    def wanted(self) -> Wanted:
        """The filters. Days are the business's."""
        until = _begin_of_day(self.until)
        return Wanted(
            states=self.states,
            **{name: value[: LONGEST_SITE * 4] for name in CHOSEN if (value := getattr(self, name))},
            agent_id=current_user.id if self.agent == "me" else to_number(self.agent, LARGEST_ID),
            rating=to_number(self.rating, 5),
            label_id=to_number(self.label, LARGEST_ID),
            field_id=to_number(self.field, LARGEST_ID),
            field_value=self.value[:LONGEST_FIELD_VALUE] or None,
            customer=self.customer[:LONGEST_WANTED] or None,
            since=_to_ms(_begin_of_day(self.since)),
            until=_to_ms(until + timedelta(days=1)) if until else None,
        )

    def query(self) -> str:
        """The same filters as the end of an address, without the place; as saved views have them."""
        pairs = [("q", self.q[:LONGEST_WANTED]), ("kind", self.entry_kind or "")]
        pairs += [("state", state) for state in self.states]
        names = (*CHOSEN, "agent", "label", "field", "value", "rating", "customer", "since", "until")
        pairs += [(name, getattr(self, name) or "") for name in names]
        pairs += [("order", self.sort)] if self.sort != "activity" else []
        return urlencode([(name, value.encode("utf-8", "ignore")) for name, value in pairs if value])

    def count_filters(self) -> int:
        """How many filters are set, for where they are folded away."""
        always_seen = {"q": "", "order": "activity", "state": ()}
        query = self.model_copy(update=always_seen).query()
        return query.count("=")

    def list_place(self) -> tuple[int, str] | None:
        """Where a page of the list begins; None: at the first."""
        found = re.fullmatch(r"([0-9]{1,15})~([0-9a-zA-Z]{1,32})", self.after)
        return (int(found[1]), found[2]) if found else None

    def search_place(self) -> Place | None:
        """Where a page of what was found begins; None: at the first."""
        found = re.fullmatch(rf"({EXACT}|{NEAR})~([0-9]{{1,19}})", self.after)
        return (found[1], min(int(found[2]), LARGEST_ID)) if found else None


def write_place(place: tuple[int, str] | Place | None) -> str | None:
    """A place as it stands in an address."""
    return f"{place[0]}~{place[1]}" if place else None


def with_state(address: ConversationsAddress, state: str | None) -> str:
    """The same address with this state alone, or with none."""
    return address.model_copy(update={"state": (state,) if state else ()}).query()


def _begin_of_day(text: str) -> datetime | None:
    zone = ZoneInfo(services().settings.calendar().time_zone)
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), zone) if 1990 <= day.year <= 2200 else None
    except ValueError:
        return None


def _to_ms(moment: datetime | None) -> int | None:
    return int(moment.astimezone(UTC).timestamp() * 1000) if moment else None
