"""The list of labels, as administrators keep it: names, colours, sites, and the category each is proposed for."""

from __future__ import annotations

from dataclasses import dataclass

from odziv.cases.customers.customer_details import clean_line, is_blank
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.labels import labels
from odziv.store.labels.labels import MOST_LABELS, Label, TooManyLabels, find_label
from odziv.store.lengths import LONGEST_LABEL
from odziv.store.site_names import NameTaken
from odziv.texts.desk import _

COLOURS = ("grey", "red", "orange", "yellow", "green", "teal", "blue", "purple")


@dataclass(frozen=True)
class NewLabel:
    """What a label is to be, as it was typed. `site` empty: for every site; `topic` None: never proposed."""

    name: str
    colour: str
    topic: str | None = None
    site: str = ""


def add_label(store: Store, settings: Settings, agent: Agent, wanted: NewLabel) -> Label:
    """Adds a label, and returns it. Raises Refused for what is none, and for a name there is."""
    name = _check(settings, wanted)
    if wanted.site and wanted.site not in settings.sites:
        raise Refused(Kind.INVALID, _("There is no such website. Please choose one from the list."))
    site, colour, topic = wanted.site, wanted.colour, wanted.topic
    try:
        label_id = labels.add_label(store, agent.id, site=site, name=name, colour=colour, topic=topic)
    except NameTaken:
        raise Refused(Kind.CONFLICT, _say_exists(name)) from None
    except TooManyLabels:
        raise Refused(
            Kind.UNFIT, _("Not saved: there are %(most)s labels already. Delete one first.", most=MOST_LABELS)
        ) from None
    return Label(label_id, site, name, colour, topic)


def change_label(store: Store, settings: Settings, agent: Agent, label_id: int, wanted: NewLabel) -> None:
    """Gives a label another name, colour or category; its site stays. Raises Refused as `add_label`."""
    name = _check(settings, wanted, former=find_label(store, label_id))
    try:
        done = labels.change_label(store, label_id, agent.id, name=name, colour=wanted.colour, topic=wanted.topic)
    except NameTaken:
        raise Refused(Kind.CONFLICT, _say_exists(name)) from None
    if not done:
        raise Refused(Kind.NOT_FOUND, _("There is no such label."))


def delete_label(store: Store, agent: Agent, label_id: int) -> Label:
    """Takes a label off every conversation and deletes it; returns it. Raises Refused for one there isn't."""
    label = find_label(store, label_id)
    if label is None or not labels.delete_label(store, label_id, agent.id):
        raise Refused(Kind.NOT_FOUND, _("There is no such label."))
    return label


def _check(settings: Settings, wanted: NewLabel, former: Label | None = None) -> str:
    """The name, clean. A category whose articles are gone may stay. Raises Refused."""
    try:
        name = clean_line(wanted.name)
    except ValueError:
        name = ""
    if is_blank(name) or len(name) > LONGEST_LABEL:
        raise Refused(
            Kind.UNFIT, _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_LABEL)
        )
    if wanted.colour not in COLOURS:
        raise Refused(Kind.INVALID, _("Please choose one of the colours offered."))
    kept = former.topic if former else None
    if wanted.topic is not None and wanted.topic not in (*list_topics(settings), kept):
        raise Refused(Kind.INVALID, _("There is no such category. Please choose one from the list."))
    return name


def _say_exists(name: str) -> str:
    return _("Not saved: there is a label “%(name)s” already.", name=name)
