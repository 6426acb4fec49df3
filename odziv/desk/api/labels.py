"""Labels for programs: which there are, put on a conversation and taken off."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.labels.marking import put_label, take_label_off
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import LabelBody
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.store.labels.labels import Label, list_labels
from odziv.store.webhooks.payloads import label_payload
from odziv.web.bodies import read_body
from odziv.web.services import services

LABELS = "/conversations/<conversation_id>/labels"


@call("GET", "/labels", needs=AGENT)
def get_labels() -> Response:
    """Every label, by name."""
    return jsonify(labels=[_label_json(label) for label in list_labels(services().store)])


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


def _label_json(label: Label) -> dict[str, Any]:
    return {**label_payload(label), "site": label.site or None, "topic": label.topic}
