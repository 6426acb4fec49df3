"""What fields hold, in the panel beside a conversation: shown, and filled in by any agent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, url_for
from flask_login import current_user
from pydantic import ConfigDict
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.fields.values import fill_in_all
from odziv.desk.blueprint import is_fragment
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.conversations.conversation import Conversation
from odziv.store.fields.fields import list_fields
from odziv.store.fields.values import list_values
from odziv.web.forms import Form, Trimmed, read_form, to_number
from odziv.web.services import services


class FieldsForm(Form):
    """What was typed, as `field-<id>` for each."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Trimmed]


def read_fields(sent: Mapping[str, str] | None, *, also_empty: bool = False) -> dict[int, str]:
    """What a form sent as `field-<id>`; only what isn't empty, unless that counts too."""
    found = {}
    for name, text in (sent or {}).items():
        number = re.fullmatch(r"field-([0-9]{1,19})", name)
        if number and (text or also_empty) and (field_id := to_number(number[1], LARGEST_ID)):
            found[field_id] = text
    return found


def offer_fields(conversation: Conversation) -> dict[str, Any]:
    """What the panel needs: the fields of this website, and what they hold."""
    store = services().store
    return {"fields": list_fields(store, conversation.site), "field_values": list_values(store, conversation.id)}


@action("/conversations/<conversation_id>/fields", needs=AGENT)
def fill_in_fields(conversation_id: str) -> AnyResponse | str:
    """Has the fields hold what was typed; 422 with a sentence, and nothing changed, where one can't."""
    find_or_404(conversation_id)
    typed = read_fields(read_form(FieldsForm).__pydantic_extra__, also_empty=True)
    fill_in_all(services().store, current_user.agent, conversation_id, typed)
    if is_fragment():
        conversation = find_or_404(conversation_id)
        return render_template(
            "desk/team/_fields.html", conversation=conversation, saved=True, **offer_fields(conversation)
        )
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
