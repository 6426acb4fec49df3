"""Fields for programs: which there are, and what they hold of a conversation and its customer."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.fields.values import fill_in
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import FieldBody
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.store.fields.fields import Field, list_fields
from odziv.web.bodies import read_body
from odziv.web.services import services


@call("GET", "/fields", needs=AGENT)
def get_fields() -> Response:
    """Every field that is offered, in its order."""
    return jsonify(fields=[_field_json(field) for field in list_fields(services().store)])


@call("PATCH", f"/conversations/<conversation_id>/fields/<int(max={LARGEST_ID}):field_id>", needs=AGENT)
def patch_field(conversation_id: str, field_id: int) -> Response:
    """Has one hold a value, or nothing; repeating it is harmless."""
    body = read_body(FieldBody)
    find(conversation_id)
    fill_in(services().store, current_user.agent, conversation_id, field_id, body.value or "")
    return as_it_is(conversation_id)


def _field_json(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "about": field.about,
        "kind": field.kind,
        "name": field.name,
        "site": field.site or None,
        "choices": field.choices,
        "required": field.required,
    }
