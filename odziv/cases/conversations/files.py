"""Files of a conversation, as far as an agent may read them."""

from __future__ import annotations

from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.attachments import Attachment, find_attachment
from odziv.texts.desk import _


def get_file(store: Store, agent: Agent, conversation_id: str, attachment_id: str) -> Attachment:
    """A file that was sent, or that the agent has sent up. Raises Refused: a colleague's is nobody else's till then."""
    attachment = find_attachment(store, conversation_id, attachment_id)
    if attachment is None or (attachment.seq is None and attachment.agent_id != agent.id):
        raise Refused(Kind.NOT_FOUND, _("There is no such attachment."))
    return attachment
