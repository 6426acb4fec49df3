"""Labels on a conversation: put on, taken off, and proposed from the category it was handed off with."""

from __future__ import annotations

from collections.abc import Collection

from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.labels.labels import Label
from odziv.store.labels.marks import MOST_ON_ONE, NoSuchLabel, TooManyOnOne, put_on, take_off
from odziv.texts.desk import _


def put_label(store: Store, agent: Agent | None, conversation_id: str, label_id: int) -> None:
    """Puts a label on a conversation; any agent may, and a rule (None); a second time is harmless.

    Raises Refused for a label there isn't for this site, and for more than MOST_ON_ONE.
    """
    get_conversation(store, conversation_id)
    try:
        put_on(store, conversation_id, label_id, agent.id if agent else None)
    except NoSuchLabel:
        raise Refused(Kind.CONFLICT, _("Nothing changed: there is no such label for this website any more.")) from None
    except TooManyOnOne:
        raise Refused(
            Kind.UNFIT, _("A conversation can have %(most)s labels. Take one off first.", most=MOST_ON_ONE)
        ) from None


def take_label_off(store: Store, agent: Agent | None, conversation_id: str, label_id: int) -> None:
    """Takes a label off a conversation; any agent may, and where it isn't on it nothing happens."""
    get_conversation(store, conversation_id)
    take_off(store, conversation_id, label_id, agent.id if agent else None)


def propose_labels(offered: Collection[Label], on_it: Collection[Label], topic: str | None) -> list[Label]:
    """Those for the category a conversation was handed off with, unless they are on it."""
    return [label for label in offered if topic and label.topic == topic and label not in on_it]
