"""A customer's other e-mail addresses, for programs: those that agents added, and such as may be theirs."""

from __future__ import annotations

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.customers.other_addresses import add_other_address, look_up_addresses, remove_other_address
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import AddressBody
from odziv.desk.api.reading import find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.store.engine import iso_time
from odziv.web.bodies import read_body
from odziv.web.services import services

ADDRESSES = "/conversations/<conversation_id>/addresses"


@call("GET", ADDRESSES, needs=AGENT)
def get_addresses(conversation_id: str) -> Response:
    """Those that were added, in that order, and those that something hints at."""
    return _as_they_are(conversation_id)


@call("POST", ADDRESSES, needs=AGENT)
def post_address(conversation_id: str) -> Response:
    """Adds one; a second time changes nothing."""
    body, here = read_body(AddressBody), services()
    find(conversation_id)
    add_other_address(here.store, here.settings, current_user.agent, conversation_id, body.address)
    return _as_they_are(conversation_id)


@call("DELETE", f"{ADDRESSES}/<int(max={LARGEST_ID}):address_id>", needs=AGENT)
def delete_address(conversation_id: str, address_id: int) -> Response:
    """Removes one, in all conversations that are known to be the customer's; a second time changes nothing."""
    find(conversation_id)
    remove_other_address(services().store, current_user.agent, conversation_id, address_id)
    return _as_they_are(conversation_id)


def _as_they_are(conversation_id: str) -> Response:
    known = look_up_addresses(services().store, services().settings, find(conversation_id))
    added = [
        {"id": one.id, "address": one.address, "added_by": one.agent_name, "created_at": iso_time(one.created_at)}
        for one in known.added
    ]
    proposed = [
        {"address": hint.address, "name": hint.name or None, "because": hint.because} for hint in known.proposed
    ]
    return jsonify(addresses=added, proposed=proposed)
