"""Filling fields in: what each kind takes, with a sentence that names the field; and what is missing to resolve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.customers.customer_details import clean_line
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import Conversation
from odziv.store.fields import values
from odziv.store.fields.fields import CHOICE, DATE, NUMBER, Field, list_fields
from odziv.store.fields.values import NoSuchField, list_values
from odziv.store.lengths import LONGEST_FIELD_VALUE
from odziv.texts.desk import _, spoken
from odziv.texts.moments import list_words

# Up to 15 digits before and 6 after the sign between them, which may be a comma.
NUMBERS = re.compile(r"([+-]?)0*([0-9]{1,15})(?:[.,]([0-9]{1,6}))?")
DAYS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(1900, 2201)


class MissingFields(Refused):
    """A conversation can't be resolved yet: a required field is empty."""


def fill_in(store: Store, agent: Agent | None, conversation_id: str, field_id: int, text: str) -> None:
    """Has a field hold what was typed; nothing where that is empty. Any agent may. `agent` None: a rule does.

    Raises Refused, with a sentence that names the field, for what it can't hold, and for one there isn't here.
    """
    conversation = get_conversation(store, conversation_id)
    field = next((one for one in list_fields(store, conversation.site) if one.id == field_id), None)
    if field is None:
        raise Refused(Kind.CONFLICT, _("Nothing changed: there is no such field for this website any more."))
    try:
        values.set_value(store, conversation_id, field_id, read_value(field, text), agent.id if agent else None)
    except (NoSuchField, KeyError):
        raise Refused(Kind.CONFLICT, _("Nothing changed: the field or the conversation is gone.")) from None


def fill_in_all(store: Store, agent: Agent, conversation_id: str, typed: Mapping[int, str]) -> None:
    """The same for several; when one can't be, none is. Raises Refused."""
    conversation = get_conversation(store, conversation_id)
    offered = {field.id: field for field in list_fields(store, conversation.site)}
    for field_id, text in typed.items():
        if field_id in offered:
            read_value(offered[field_id], text)
    for field_id, text in typed.items():
        fill_in(store, agent, conversation_id, field_id, text)


def read_value(field: Field, text: str) -> str:
    """What was typed, as it is kept: a number like "12.5", a day like "2026-11-30". Raises Refused."""
    text = clean_line(text)
    if len(text) > LONGEST_FIELD_VALUE:
        raise Refused(
            Kind.UNFIT,
            _("Not saved: “%(name)s” can have %(most)s characters.", name=field.name, most=LONGEST_FIELD_VALUE),
        )
    if not text:
        return ""
    if field.kind == NUMBER:
        return _read_number(field, text)
    if field.kind == DATE:
        return _read_date(field, text)
    if field.kind == CHOICE and text not in (field.choices or ()):
        raise Refused(Kind.UNFIT, _("Not saved: “%(name)s” has to be one of its choices.", name=field.name))
    return text


def check_filled_in(store: Store, conversation: Conversation) -> None:
    """Raises MissingFields, which names them, where a conversation lacks what it can't be resolved without."""
    required = [field for field in list_fields(store, conversation.site) if field.required]
    if not required:
        return
    known = list_values(store, conversation.id)
    if missing := [_("“%(text)s”", text=field.name) for field in required if field.id not in known]:
        problem = _(
            "Not resolved: please fill in %(fields)s first, in the panel Customer.",
            fields=list_words(missing, spoken()),
        )
        raise MissingFields(Kind.CONFLICT, problem)


def _read_number(field: Field, text: str) -> str:
    found = NUMBERS.fullmatch(text.replace("\u2212", "-").replace(" ", ""))
    if found is None:
        raise Refused(Kind.UNFIT, _("Not saved: “%(name)s” has to be a number, like 12 or 12.5.", name=field.name))
    sign, whole, part = found[1], found[2], (found[3] or "").rstrip("0")
    number = whole + (f".{part}" if part else "")
    return f"-{number}" if sign == "-" and number != "0" else number


def _read_date(field: Field, text: str) -> str:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date() if DAYS.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Refused(Kind.UNFIT, _("Not saved: “%(name)s” has to be a date, like 2026-11-30.", name=field.name))
    return day.isoformat()
