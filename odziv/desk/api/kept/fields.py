"""Fields for programs: which there are, as administrators keep them, and what they hold of a conversation."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.fields import catalogue
from odziv.cases.fields.values import fill_in
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import FieldBody
from odziv.desk.api.kept.bodies import FieldKept, FieldMade, FieldsQuery, Placed
from odziv.desk.api.kept.making import make
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import ADMIN, AGENT
from odziv.store.fields.fields import Field, list_fields
from odziv.web.bodies import read_body, read_query
from odziv.web.services import services

FIELD = f"/fields/<int(max={LARGEST_ID}):field_id>"


@call("GET", "/fields", needs=AGENT)
def get_fields() -> Response:
    """Every field that is offered, in its order; and those that aren't any more, where they are asked for."""
    archived = read_query(FieldsQuery).archived == "true"
    return jsonify(fields=[_field_json(field) for field in list_fields(services().store, archived=archived)])


@call("POST", "/fields", needs=ADMIN)
def post_new_field() -> tuple[Response, int]:
    """Adds one behind the others."""
    settings, agent = services().settings, current_user.agent
    made = make(FieldMade, lambda store, body: catalogue.add_field(store, settings, agent, body.wanted()))
    return _as_it_is(made), 201


@call("PUT", FIELD, needs=ADMIN)
def put_changed_field(field_id: int) -> Response:
    """Gives one another name, other choices, or makes it required."""
    catalogue.change_field(services().store, current_user.agent, field_id, read_body(FieldKept).wanted())
    return _as_it_is(field_id)


@call("POST", f"{FIELD}/move", needs=ADMIN)
def post_field_move(field_id: int) -> tuple[str, int]:
    """Puts one before another one about the same, or last."""
    catalogue.place_field(services().store, field_id, read_body(Placed).before)
    return "", 204


@call("POST", f"{FIELD}/archive", needs=ADMIN)
def post_field_archive(field_id: int) -> Response:
    """Has one offered no more; what is known stays."""
    catalogue.archive_field(services().store, current_user.agent, field_id, archived=True)
    return _as_it_is(field_id)


@call("POST", f"{FIELD}/restore", needs=ADMIN)
def post_field_restore(field_id: int) -> Response:
    """Has one offered again."""
    catalogue.archive_field(services().store, current_user.agent, field_id, archived=False)
    return _as_it_is(field_id)


@call("PATCH", f"/conversations/<conversation_id>/fields/<int(max={LARGEST_ID}):field_id>", needs=AGENT)
def patch_field(conversation_id: str, field_id: int) -> Response:
    """Has one hold a value, or nothing; repeating it is harmless."""
    body = read_body(FieldBody)
    find(conversation_id)
    fill_in(services().store, current_user.agent, conversation_id, field_id, body.value or "")
    return as_it_is(conversation_id)


def _as_it_is(field_id: int) -> Response:
    return jsonify(field=_field_json(catalogue.get_field(services().store, field_id)))


def _field_json(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "about": field.about,
        "kind": field.kind,
        "name": field.name,
        "site": field.site or None,
        "choices": field.choices,
        "required": field.required,
        "archived": field.is_archived,
    }
