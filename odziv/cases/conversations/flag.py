"""Flagging: an agent tells editors that an answer of the bot was wrong."""

from __future__ import annotations

from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.knowledge import flags
from odziv.store.lengths import LONGEST_FLAG_REASON
from odziv.texts.desk import _


def flag_answer(store: Store, agent: Agent, conversation_id: str, seq: int, reason: str | None) -> bool:
    """Flags a message of the bot, with an optional reason. False: it is flagged already. Raises Refused."""
    if len(reason or "") > LONGEST_FLAG_REASON:
        raise Refused(Kind.UNFIT, _("Not flagged: the reason can have %(most)s characters.", most=LONGEST_FLAG_REASON))
    try:
        return flags.flag_answer(store, conversation_id, seq, agent.id, reason or None)
    except KeyError as error:
        raise Refused(Kind.NOT_FOUND, _("The bot said no such message.")) from error
