"""What a page tells its agent of with a notification or a sound, when they look elsewhere. Asked for by alerts.js."""

from __future__ import annotations

from flask import Response, jsonify, url_for
from flask_login import current_user

from odziv.cases.push import news
from odziv.cases.routing import load_team
from odziv.cases.topics import label_language, label_reason
from odziv.desk.frame.roles import AGENT, page
from odziv.store.agents.alerts import list_newest_of_customers
from odziv.store.agents.mentions import list_mentions
from odziv.store.handoffs.queue_view import Waiting, list_waiting
from odziv.web.services import services


@page("/news", needs=AGENT)
def show_news() -> Response:
    """The waiting handoffs this agent would be given by "Take next", the customers' newest words in their own, and the
    mentions they have not seen: what was taken over from them, or given to them, is one.

    No text of a customer: a notification stands on screens that others see.
    """
    store = services().store
    own = list_newest_of_customers(store, current_user.id)
    return jsonify(
        handoffs=[
            {
                "id": waiting.id,
                "words": f"{label_reason(waiting.reason)}, {label_language(waiting.language)}",
                "url": _link(waiting.conversation_id),
            }
            for waiting in list_takeable()
        ],
        messages=[
            {"conversation": conversation, "seq": seq, "url": _link(conversation)} for conversation, seq in own.items()
        ],
        mentions=[
            {"id": f"{mention.conversation_id}.{mention.seq}", "url": _link(mention.conversation_id)}
            for mention in list_mentions(store, current_user.id)
            if mention.read_at is None
        ],
    )


def list_takeable() -> list[Waiting]:
    """What "Take next" would give the signed-in agent, in that order; nothing while they are away."""
    team = load_team(services().store, services().settings)
    me = next(member for member in team.members if member.agent_id == current_user.id)
    return news.list_takeable(me, list_waiting(services().store), team)


def _link(conversation_id: str) -> str:
    return url_for("desk.show_conversation", conversation_id=conversation_id)
