"""Labels for programs: put on a conversation and taken off; which there are, as administrators keep them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.labels import catalogue
from odziv.cases.labels.marking import put_label, take_label_off
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import LabelBody
from odziv.desk.api.kept.bodies import LabelKept, LabelMade
from odziv.desk.api.kept.making import make
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import ADMIN, AGENT
from odziv.store.labels.labels import Label, find_label, list_labels
from odziv.store.webhooks.payloads import label_payload
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.services import services

LABELS = "/conversations/<conversation_id>/labels"
LABEL = f"/labels/<int(max={LARGEST_ID}):label_id>"


@call("GET", "/labels", needs=AGENT)
def get_labels() -> Response:
    """Every label, by name."""
    return jsonify(labels=[_label_json(label) for label in list_labels(services().store)])


@call("POST", "/labels", needs=ADMIN)
def post_new_label() -> tuple[Response, int]:
    """Adds one."""
    settings, agent = services().settings, current_user.agent
    made = make(LabelMade, lambda store, body: catalogue.add_label(store, settings, agent, body.wanted()).id)
    return _as_it_is(made), 201


@call("PUT", LABEL, needs=ADMIN)
def put_changed_label(label_id: int) -> Response:
    """Gives one another name, colour or category."""
    body = read_body(LabelKept)
    catalogue.change_label(services().store, services().settings, current_user.agent, label_id, body.wanted())
    return _as_it_is(label_id)


@call("DELETE", LABEL, needs=ADMIN)
def delete_label_for_good(label_id: int) -> tuple[str, int]:
    """Takes one off every conversation, and deletes it."""
    catalogue.delete_label(services().store, current_user.agent, label_id)
    return "", 204


@call("POST", LABELS, needs=AGENT)
def post_label(conversation_id: str) -> Response:
    """Puts one on; repeating it is harmless."""
    body = read_body(LabelBody)
    find(conversation_id)
    put_label(services().store, current_user.agent, conversation_id, body.label)
    return as_it_is(conversation_id)


@call("DELETE", f"{LABELS}/<int(max={LARGEST_ID}):label_id>", needs=AGENT)
def delete_label(conversation_id: str, label_id: int) -> Response:
    """Takes one off; where it isn't on it nothing happens."""
    find(conversation_id)
    take_label_off(services().store, current_user.agent, conversation_id, label_id)
    return as_it_is(conversation_id)


def _as_it_is(label_id: int) -> Response:
    label = find_label(services().store, label_id)
    if label is None:
        raise ApiError(404, "not_found", "There is no such label.")
    return jsonify(label=_label_json(label))


def _label_json(label: Label) -> dict[str, Any]:
    return {**label_payload(label), "site": label.site or None, "topic": label.topic}
