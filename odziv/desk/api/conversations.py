"""What programs do with a case beside answering: put off, mark, merge, set targets, and say who the customer is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.customer import save_customer
from odziv.cases.conversations.flag import flag_answer
from odziv.cases.conversations.merge import UnconfirmedMerge, merge
from odziv.cases.conversations.snooze import end_snooze, snooze
from odziv.cases.conversations.spam import mark_spam, unmark_spam
from odziv.cases.conversations.targets import announce_target, get_current_handoff, prioritise
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Availability, Customer, FlagBody, MergeBody, Priority, Promise, Snooze
from odziv.desk.api.reading import as_it_is, conversation_json, find
from odziv.desk.frame.roles import AGENT
from odziv.store.agents.availability import set_available
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.services import services

CONVERSATION = "/conversations/<conversation_id>"


@call("POST", f"{CONVERSATION}/merge", needs=AGENT)
def post_merge(conversation_id: str) -> Response:
    """Merges another conversation of the same customer into this one, which the agent has."""
    body = read_body(MergeBody)
    try:
        merge(services().store, current_user.agent, conversation_id, body.other, confirmed=body.confirmed)
    except UnconfirmedMerge as error:
        raise ApiError(409, "unconfirmed", error.problem) from error
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/snooze", needs=AGENT)
def post_snooze(conversation_id: str) -> Response:
    """Puts off what the agent has."""
    body = read_body(Snooze)
    find(conversation_id)
    now = datetime.fromtimestamp(services().store.clock() / 1000, UTC)
    snooze(services().store, current_user.agent, conversation_id, now + timedelta(minutes=body.minutes))
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/wake", needs=AGENT)
def post_wake(conversation_id: str) -> Response:
    """Brings back what is snoozed, by whomever."""
    find(conversation_id)
    end_snooze(services().store, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/spam", needs=AGENT)
def post_spam(conversation_id: str) -> Response:
    """Takes it out of every list."""
    find(conversation_id)
    mark_spam(services().store, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/not-spam", needs=AGENT)
def post_not_spam(conversation_id: str) -> Response:
    """Brings it back to where it was."""
    find(conversation_id)
    unmark_spam(services().store, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/priority", needs=AGENT)
def post_priority(conversation_id: str) -> Response:
    """Sets the priority, and with it the target."""
    body = read_body(Priority)
    store = services().store
    find(conversation_id)
    prioritise(store, current_user.agent, get_current_handoff(store, conversation_id).id, body.priority)
    return as_it_is(conversation_id)


@call("POST", f"{CONVERSATION}/promise", needs=AGENT)
def post_promise(conversation_id: str) -> Response:
    """Notes by when somebody told a waiting customer they would hear from us."""
    body = read_body(Promise)
    store = services().store
    find(conversation_id)
    announce_target(store, current_user.agent, get_current_handoff(store, conversation_id).id, body.minutes)
    return as_it_is(conversation_id)


@call("PATCH", f"{CONVERSATION}/customer", needs=AGENT)
def patch_customer(conversation_id: str) -> Response:
    """Sets name or e-mail address, where the site hasn't verified them."""
    body = read_body(Customer)
    fields = {name: getattr(body, name) or None for name in body.model_fields_set}
    return jsonify(**conversation_json(save_customer(services().store, conversation_id, **fields)))


@call("POST", f"{CONVERSATION}/messages/<int(max=999999999):seq>/flag", needs=AGENT)
def post_flag(conversation_id: str, seq: int) -> tuple[str, int]:
    """Tells editors that an answer of the bot was wrong. A second time changes nothing."""
    body = read_body(FlagBody)
    find(conversation_id)
    flag_answer(services().store, current_user.agent, conversation_id, seq, body.reason)
    return "", 204


@call("POST", "/availability", needs=AGENT)
def post_availability() -> tuple[str, int]:
    """Available: new conversations may come by themselves. Away: none do."""
    set_available(services().store, current_user.id, read_body(Availability).available)
    return "", 204
