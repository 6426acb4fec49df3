"""What a macro does with a conversation: its steps, checked when they are saved, and told in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.fields.values import read_value
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_topic, list_topics
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import list_agents
from odziv.store.agents.saved_replies import list_saved_replies
from odziv.store.fields.fields import Field, list_fields
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.labels.labels import list_labels

# What a conversation can be left with at the end, and until when it can be snoozed.
ENDS = ("resolve", "snooze", "assign", "queue", "spam")
SNOOZES = {"later": "for 3 hours", "tomorrow": "until tomorrow, 9:00", "week": "until next Monday, 9:00"}
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
        raise Refused(Kind.CONFLICT, "This was made with another version. Please save it anew.") from error


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
        raise Refused(Kind.UNFIT, "Not saved: please choose what it does.")
    if len(steps.note) > LONGEST_REPLY:
        raise Refused(Kind.UNFIT, f"Not saved: the note can have {LONGEST_REPLY:,} characters.")
    if len(steps.labels_on) > MOST_LABELS_IN_STEPS or len(steps.labels_off) > MOST_LABELS_IN_STEPS:
        raise Refused(Kind.UNFIT, f"Not saved: at most {MOST_LABELS_IN_STEPS} labels.")
    if set(steps.labels_on) & set(steps.labels_off):
        raise Refused(Kind.UNFIT, "Not saved: a label can be put on or taken off, not both.")
    if steps.priority is not None and steps.priority not in PRIORITIES:
        raise Refused(Kind.INVALID, "A priority is normal, high or urgent.")
    if steps.end is not None and steps.end not in ENDS:
        raise Refused(Kind.INVALID, "Please choose what happens at the end from the list.")
    if (steps.end == "snooze") != (steps.snooze is not None) or steps.snooze not in (None, *SNOOZES):
        raise Refused(Kind.INVALID, "Not saved: please choose until when it is snoozed.")
    if (steps.end == "assign") != (steps.to is not None):
        raise Refused(Kind.INVALID, "Not saved: please choose to whom it is given.")
    for field_id, text in steps.fields.items():
        if field_id in named.fields:
            read_value(named.fields[field_id], text)
    if lost := find_lost(steps, named):
        raise Refused(Kind.CONFLICT, f"Not saved: {lost[0]}")


def find_lost(steps: Steps, named: Named) -> list[str]:
    """What the steps name that there isn't any more, each in a sentence."""
    lost = []
    if {*steps.labels_on, *steps.labels_off} - named.labels.keys():
        lost.append("a label it names is deleted.")
    if steps.fields.keys() - named.fields.keys():
        lost.append("a field it fills in is archived.")
    if steps.reply is not None and steps.reply not in named.replies:
        lost.append("its saved reply is deleted.")
    if steps.to is not None and steps.to not in named.agents:
        lost.append("whom it gives the conversation to has no account any more.")
    if steps.topic is not None and steps.topic not in named.topics:
        lost.append(f"there is no category {steps.topic} any more.")
    return lost


def tell_steps(steps: Steps, named: Named) -> list[str]:
    """What happens, in the order in which it does, each in a sentence. A reply's own text isn't in it."""
    gone = "one that is deleted"
    said = [f"Takes the label {named.labels.get(one, gone)} off." for one in steps.labels_off]
    said += [f"Puts the label {named.labels.get(one, gone)} on." for one in steps.labels_on]
    for field_id, text in steps.fields.items():
        name = named.fields[field_id].name if field_id in named.fields else "one that is archived"
        said.append(f"Fills in the field {name}: “{text}”.")
    if steps.priority:
        said.append(f"Sets the priority to {steps.priority}.")
    if steps.note:
        said.append(f"Adds an internal note: “{steps.note}”")
    if steps.reply is not None:
        said.append(f"Sends the customer the saved reply {named.replies.get(steps.reply, gone)}.")
    if steps.end:
        said.append(_tell_end(steps, named))
    return said


def _tell_end(steps: Steps, named: Named) -> str:
    if steps.end == "snooze":
        return f"Snoozes it {SNOOZES.get(steps.snooze or '', '')}."
    if steps.end == "assign":
        return f"Gives it to {named.agents.get(steps.to or 0, 'somebody who has no account any more')}."
    if steps.end == "queue":
        return f"Puts it back into the queue{f', for {label_topic(steps.topic)}' if steps.topic else ''}."
    if steps.end == "spam":
        return "Marks it as spam."
    return "Resolves it; the customer reads that it is closed."
