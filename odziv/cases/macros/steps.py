"""What a macro does with a conversation: its steps, checked when they are saved, and told in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.fields.values import read_value
from odziv.cases.refused import Kind, Refused
from odziv.cases.targets import label_priority
from odziv.cases.topics import label_topic, list_topics
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import list_agents
from odziv.store.agents.saved_replies import list_saved_replies
from odziv.store.fields.fields import Field, list_fields
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.labels.labels import list_labels
from odziv.texts.desk import N_, _, number

# What a conversation can be left with at the end, and until when it can be snoozed.
ENDS = ("resolve", "snooze", "assign", "queue", "spam")
SNOOZES = {
    "later": N_("for 3 hours"),
    "tomorrow": N_("until tomorrow, 9:00"),
    "week": N_("until next Monday, 9:00"),
}
REPLIES = {
    "reply": N_("Sends the customer the saved reply %(name)s."),
    "automatic": N_("Sends, marked as automatic, the saved reply %(name)s."),
}
MOST_LABELS_IN_STEPS = 20


class Steps(BaseModel):
    """What is done, in this order: labels, fields, priority, note, reply, and one of ENDS.

    `reply` is a saved reply's id; `text` is that, filled in for the conversation it is for. `to` is whom it is assigned
    to, `topic` for which category it goes back to the queue, `snooze` one of SNOOZES.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels_on: tuple[int, ...] = ()
    labels_off: tuple[int, ...] = ()
    fields: dict[int, str] = {}
    priority: str | None = None
    note: str = ""
    reply: int | None = None
    text: str = ""
    end: str | None = None
    snooze: str | None = None
    to: int | None = None
    topic: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be done."""
        return self == Steps()


def read_steps(kept: Mapping[str, Any]) -> Steps:
    """The steps as they were kept. Raises Refused for what an older version, or a newer one, had kept otherwise."""
    try:
        return Steps.model_validate(kept)
    except ValidationError as error:
        raise Refused(Kind.CONFLICT, _("This was made with another version. Please save it anew.")) from error


@dataclass(frozen=True)
class Named:
    """What the ids in steps stand for now. What is gone is not in it."""

    labels: Mapping[int, str]
    replies: Mapping[int, str]
    agents: Mapping[int, str]
    fields: Mapping[int, Field]
    topics: tuple[str, ...]


def load_names(store: Store, settings: Settings) -> Named:
    """The labels, saved replies, agents, fields and categories there are."""
    return Named(
        {label.id: label.name for label in list_labels(store)},
        {reply.id: reply.name for reply in list_saved_replies(store)},
        {agent.id: agent.name for agent in list_agents(store) if not agent.disabled},
        {field.id: field for field in list_fields(store)},
        tuple(list_topics(settings)),
    )


def check_steps(steps: Steps, named: Named) -> None:
    """Raises Refused, with a sentence, for steps that can't be kept so."""
    if steps.is_empty:
        raise Refused(Kind.UNFIT, _("Not saved: please choose what it does."))
    if len(steps.note) > LONGEST_REPLY:
        raise Refused(Kind.UNFIT, _("Not saved: the note can have %(most)s characters.", most=number(LONGEST_REPLY)))
    if len(steps.labels_on) > MOST_LABELS_IN_STEPS or len(steps.labels_off) > MOST_LABELS_IN_STEPS:
        raise Refused(Kind.UNFIT, _("Not saved: at most %(most)s labels.", most=MOST_LABELS_IN_STEPS))
    if set(steps.labels_on) & set(steps.labels_off):
        raise Refused(Kind.UNFIT, _("Not saved: a label can be put on or taken off, not both."))
    if steps.priority is not None and steps.priority not in PRIORITIES:
        raise Refused(Kind.INVALID, _("A priority is normal, high or urgent."))
    if steps.end is not None and steps.end not in ENDS:
        raise Refused(Kind.INVALID, _("Please choose what happens at the end from the list."))
    if (steps.end == "snooze") != (steps.snooze is not None) or steps.snooze not in (None, *SNOOZES):
        raise Refused(Kind.INVALID, _("Not saved: please choose until when it is snoozed."))
    if (steps.end == "assign") != (steps.to is not None):
        raise Refused(Kind.INVALID, _("Not saved: please choose to whom it is given."))
    for field_id, text in steps.fields.items():
        if field_id in named.fields:
            read_value(named.fields[field_id], text)
    if lost := find_lost(steps, named):
        raise Refused(Kind.CONFLICT, _("Not saved: %(lost)s", lost=lost[0]))


def find_lost(steps: Steps, named: Named) -> list[str]:
    """What the steps name that there isn't any more, each in a sentence."""
    lost = []
    if {*steps.labels_on, *steps.labels_off} - named.labels.keys():
        lost.append(_("a label it names is deleted."))
    if steps.fields.keys() - named.fields.keys():
        lost.append(_("a field it fills in is archived."))
    if steps.reply is not None and steps.reply not in named.replies:
        lost.append(_("its saved reply is deleted."))
    if steps.to is not None and steps.to not in named.agents:
        lost.append(_("whom it gives the conversation to has no account any more."))
    if steps.topic is not None and steps.topic not in named.topics:
        lost.append(_("there is no category %(topic)s any more.", topic=steps.topic))
    return lost


def tell_steps(steps: Steps, named: Named, *, is_rule: bool = False) -> list[str]:
    """What happens, in the order in which it does, each in a sentence. A reply's own text isn't in it.

    What a rule (`is_rule`) sends is marked as automatic.
    """
    gone = _("one that is deleted")
    said = [_("Takes the label %(name)s off.", name=named.labels.get(one, gone)) for one in steps.labels_off]
    said += [_("Puts the label %(name)s on.", name=named.labels.get(one, gone)) for one in steps.labels_on]
    for field_id, text in steps.fields.items():
        name = named.fields[field_id].name if field_id in named.fields else _("one that is archived")
        said.append(_("Fills in the field %(name)s: “%(text)s”.", name=name, text=text))
    if steps.priority:
        said.append(_("Sets the priority to %(priority)s.", priority=label_priority(steps.priority)))
    if steps.note:
        said.append(_("Adds an internal note: “%(note)s”", note=steps.note))
    if steps.reply is not None:
        reply = named.replies.get(steps.reply, gone)
        said.append(_(REPLIES["automatic" if is_rule else "reply"], name=reply))
    if steps.end:
        said.append(_tell_end(steps, named))
    return said


def _tell_end(steps: Steps, named: Named) -> str:
    if steps.end == "snooze":
        return _("Snoozes it %(when)s.", when=_(SNOOZES[steps.snooze]) if steps.snooze in SNOOZES else "")
    if steps.end == "assign":
        to = named.agents.get(steps.to or 0) or _("somebody who has no account any more")
        return _("Gives it to %(name)s.", name=to)
    if steps.end == "queue":
        if steps.topic:
            return _("Puts it back into the queue, for %(topic)s.", topic=label_topic(steps.topic))
        return _("Puts it back into the queue.")
    if steps.end == "spam":
        return _("Marks it as spam.")
    return _("Resolves it; the customer reads that it is closed.")
