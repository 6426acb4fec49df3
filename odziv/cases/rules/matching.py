"""Whether a rule's conditions hold of what happened in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from odziv.cases.rules.terms import Conditions, Terms
from odziv.cases.targets import priority_of
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation, list_of_ids
from odziv.store.fields.values import list_values_of
from odziv.store.handoffs.handoff import Handoff, list_newest_of
from odziv.store.labels.marks import list_labels_of
from odziv.store.rules.events import ASSIGNED, BEGUN, FIELD_CHANGED, LABELLED, RATED, Happened
from odziv.store.rules.facts import Said, read_said
from odziv.store.search.words import fold

# Conditions about what happened itself, and the event they go with: of any other they don't hold.
ABOUT = {"put_on": LABELLED, "changed": FIELD_CHANGED, "given_to": ASSIGNED}


@dataclass(frozen=True)
class Facts:
    """What is known when a rule is asked: of the conversation as it is now, and of what happened."""

    happened: Happened
    conversation: Conversation
    handoff: Handoff | None
    labels: frozenset[int]
    fields: dict[int, str]
    said: Said | None
    words: str  # of what was said, folded, with a space around each


def load_facts(store: Store, happened: Happened) -> Facts | None:
    """The facts; None where the conversation is gone."""
    with store.read() as connection:
        said = read_said(connection, happened.conversation_id, happened.seq)
    return next(iter(load_several(store, [(happened, said)])), None)


def load_several(store: Store, happened: Sequence[tuple[Happened, Said | None]]) -> list[Facts]:
    """The same of several things that happened, with what was said; without those whose conversation is gone."""
    ids = {each.conversation_id for each, _ in happened}
    found = {conversation.id: conversation for conversation in list_of_ids(store, ids)}
    newest, labels, fields = list_newest_of(store, ids), list_labels_of(store, ids), list_values_of(store, ids)
    return [
        Facts(
            each,
            found[this],
            newest.get(this),
            frozenset(label.id for label in labels.get(this, [])),
            dict(fields.get(this, {})),
            said,
            f" {fold(said.text)} " if said else "",
        )
        for each, said in happened
        if (this := each.conversation_id) in found
    ]


def holds(terms: Terms, facts: Facts, settings: Settings) -> bool:
    """Whether all of it is so. Of what is marked as spam, nothing is."""
    if facts.conversation.status == "spam":
        return False
    if terms.event == BEGUN and not (facts.said and facts.said.is_first):
        return False
    return _is_such(terms.conditions, facts) and _is_then(terms.conditions, facts, settings)


def _is_such(conditions: Conditions, facts: Facts) -> bool:
    """Of the conversation as it is."""
    conversation, handoff = facts.conversation, facts.handoff
    priority = priority_of(handoff) if handoff is not None else "normal"
    same = (
        (conditions.site, conversation.site),
        (conditions.language, conversation.language),
        (conditions.channel, conversation.channel),
        (conditions.priority, priority),
        (conditions.reason, handoff and handoff.reason),
        (conditions.customer, "verified" if conversation.verified else "unverified"),
    )
    if any(wanted is not None and wanted != found for wanted, found in same):
        return False
    if conditions.label is not None and conditions.label not in facts.labels:
        return False
    if conditions.without_label is not None and conditions.without_label in facts.labels:
        return False
    if conditions.field is None:
        return True
    held = facts.fields.get(conditions.field)
    return held is not None and fold(conditions.value) in fold(held)


def _is_then(conditions: Conditions, facts: Facts, settings: Settings) -> bool:
    """Of what happened, and when."""
    happened = facts.happened
    for name, event in ABOUT.items():
        wanted = getattr(conditions, name)
        if wanted is not None and (happened.event, happened.thing_id) != (event, wanted):
            return False
    if conditions.rating is not None and (
        happened.event not in RATED.values() or (happened.thing_id or 0) > conditions.rating
    ):
        return False
    if conditions.hours is not None:
        calendar = settings.calendar(facts.conversation.language, facts.conversation.mailbox)
        if calendar.is_open(facts.happened.created_at) != (conditions.hours == "within"):
            return False
    return not conditions.words or any(f" {fold(phrase)} " in facts.words for phrase in conditions.words)
