"""The list of fields, as administrators keep it: what about, of which kind, for which site, and whether required."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from odziv.cases.customers.customer_details import clean_line, is_blank
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.fields import fields
from odziv.store.fields.fields import (
    CHOICE,
    CONVERSATION,
    CUSTOMER,
    DATE,
    MOST_FIELDS,
    NUMBER,
    TEXT,
    ChoiceInUse,
    Field,
    TooManyFields,
    find_field,
)
from odziv.store.lengths import LONGEST_FIELD_NAME, LONGEST_FIELD_VALUE
from odziv.store.site_names import NameTaken
from odziv.texts.desk import N_, _, ngettext

ABOUT = {CUSTOMER: N_("The customer"), CONVERSATION: N_("The conversation")}
KINDS = {TEXT: N_("Text"), NUMBER: N_("Number"), CHOICE: N_("Choice"), DATE: N_("Date")}
MOST_CHOICES = 100
NO_FIELD = N_("There is no such field.")


@dataclass(frozen=True)
class NewField:
    """What a field is to be, as it was typed. `about`, `kind` and `site` count when it is new."""

    name: str
    about: str = CONVERSATION
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    required: bool = False
    site: str = ""


def add_field(store: Store, settings: Settings, agent: Agent, wanted: NewField) -> int:
    """Adds a field; returns its id. Raises Refused for what is none, and for a name there is."""
    if wanted.about not in ABOUT or wanted.kind not in KINDS:
        raise Refused(Kind.INVALID, _("Please choose one of those offered."))
    if wanted.site and wanted.site not in settings.sites:
        raise Refused(Kind.INVALID, _("There is no such website. Please choose one from the list."))
    name, choices = _check_name(wanted.name), _check_choices(wanted.choices, wanted.kind)
    same = {"about": wanted.about, "kind": wanted.kind, "site": wanted.site}
    try:
        return fields.add_field(store, agent.id, **same, name=name, choices=choices, required=wanted.required)
    except NameTaken:
        raise Refused(Kind.CONFLICT, _say_exists(name)) from None
    except TooManyFields:
        raise Refused(Kind.UNFIT, _("Not saved: there are %(most)s fields already.", most=MOST_FIELDS)) from None


def change_field(store: Store, agent: Agent, field_id: int, wanted: NewField) -> None:
    """Gives a field another name, other choices, or makes it required. Raises Refused as `add_field`, and for a choice
    that is left out while conversations have it."""
    former = get_field(store, field_id)
    name, choices = _check_name(wanted.name), _check_choices(wanted.choices, former.kind)
    try:
        fields.change_field(store, field_id, agent.id, name=name, choices=choices, required=wanted.required)
    except NameTaken:
        raise Refused(Kind.CONFLICT, _say_exists(name)) from None
    except ChoiceInUse as used:
        raise Refused(
            Kind.CONFLICT,
            ngettext(
                "Not saved: %(num)s conversation has “%(choice)s”. Keep it, or fill in another there first.",
                "Not saved: %(num)s conversations have “%(choice)s”. Keep it, or fill in another there first.",
                used.count,
                choice=used,
            ),
        ) from None


def archive_field(store: Store, agent: Agent, field_id: int, *, archived: bool) -> Field:
    """Has a field offered no more, or again; what is known stays. Returns it. Raises Refused for one there isn't."""
    field = get_field(store, field_id)
    fields.archive_field(store, field_id, agent.id, archived=archived)
    return field


def place_field(store: Store, field_id: int, before: int | None) -> None:
    """Puts a field before another one about the same, or last (None). Raises Refused where there isn't one of them."""
    if not fields.place_field(store, field_id, before):
        raise Refused(Kind.NOT_FOUND, _(NO_FIELD))


def get_field(store: Store, field_id: int) -> Field:
    """The field. Raises Refused for one there isn't."""
    field = find_field(store, field_id)
    if field is None:
        raise Refused(Kind.NOT_FOUND, _(NO_FIELD))
    return field


def _check_name(name: str) -> str:
    name = clean_line(name)
    if is_blank(name) or len(name) > LONGEST_FIELD_NAME:
        raise Refused(
            Kind.UNFIT, _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_FIELD_NAME)
        )
    return name


def _check_choices(choices: Iterable[str], kind: str) -> list[str] | None:
    """The choices, clean, each once; None for what is no choice. Raises Refused."""
    if kind != CHOICE:
        return None
    cleaned = [clean_line(choice) for choice in choices]
    given = list({choice.casefold(): choice for choice in cleaned if not is_blank(choice)}.values())
    if not given or len(given) > MOST_CHOICES or any(len(choice) > LONGEST_FIELD_VALUE for choice in given):
        told = _(
            "Not saved: please give it choices, from 1 to %(most)s, each of up to %(longest)s characters.",
            most=MOST_CHOICES,
            longest=LONGEST_FIELD_VALUE,
        )
        raise Refused(Kind.UNFIT, told)
    return given


def _say_exists(name: str) -> str:
    return _("Not saved: there is a field “%(name)s” already.", name=name)
