"""The widget's HTTP interface: parse, check, store, respond. The bot's turn comes after the acknowledgement."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed

from kb.render import render_plain
from odziv.cases.alarm import find_alarm
from odziv.cases.conversations.reopen import say_joined
from odziv.cases.customers.contact_address import EmailInvalid, NewContact, keep_contact, keep_typed_email
from odziv.cases.customers.customer_details import ContactChange, facts_of, is_blank
from odziv.chat.consent import check_consent, check_consented
from odziv.chat.json import conversation_json, message_json, shown_conversation
from odziv.chat.verification import VerifiedPerson, read_identity
from odziv.store.conversations.attachments import AttachmentUnknown
from odziv.store.conversations.conversation import Conversation, create_conversation, find_conversation
from odziv.store.conversations.log_pages import read_page
from odziv.store.conversations.messages import (
    Conflict,
    Message,
    NewMessage,
    add_customer_message,
    find_button,
)
from odziv.store.conversations.seen import note_seen
from odziv.store.customers.details import VerifiedBySite, change_contact
from odziv.store.customers.verified import (
    AnotherPerson,
    identify_conversation,
    record_consent,
    resume_conversation,
    resume_or_create,
)
from odziv.store.handoffs.withdrawals import withdraw
from odziv.texts.notices import notice
from odziv.web.bodies import CustomerMessageBody, NewConversation, Seen, read_after, read_body, read_limit
from odziv.web.drawing.portraits import give_out_portrait
from odziv.web.errors import ApiError, error_response, no_conversation, register_error_handlers
from odziv.web.following.response import stream_response
from odziv.web.networks import callers_network
from odziv.web.origins import allow_origin, check_origin
from odziv.web.services import services
from odziv.web.streams import event_stream
from odziv.web.visitor_tokens import Pass

blueprint = Blueprint("chat_api", __name__, url_prefix="/api/v1")
CONTACTS_PER_MINUTE, WITHDRAWALS_PER_MINUTE, SEEN_PER_MINUTE = 10, 10, 60
register_error_handlers(blueprint)
blueprint.after_request(allow_origin)


@blueprint.post("/conversations")
def post_conversation() -> tuple[Response, int]:
    """Opens a conversation and gives the visitor the token for it."""
    limits = services().settings.limits
    services().rate_limits.check("conversation", callers_network(), limits.conversations_per_minute_per_address)
    body = read_body(NewConversation)
    check_origin(body.site)
    person = read_identity(body.identity, services().settings, body.site) if body.identity else None
    if person and (found := resume_conversation(services().store, body.site, **asdict(person))) is not None:
        return _opened(found, resumed=True), 200
    if body.resume:
        return Response(status=204)
    conversation = _create(body, person)
    return _opened(conversation), 201 if conversation.last_seq == 0 else 200


def _create(body: NewConversation, person: VerifiedPerson | None) -> Conversation:
    consent = check_consent(services().settings, body.site, body.consent)
    page_language = _supported(body.language)
    new = {
        "language": page_language or services().settings.default_language,
        "page_language": page_language,
        "page": body.page,
        "browser": facts_of(body.browser, request.user_agent.string),
        "attributes": body.attributes or None,
        **({"consent_at": services().store.clock(), "consent_text": consent} if consent else {}),
    }
    if person is None:
        return create_conversation(services().store, body.site, **new)
    who = asdict(person)
    return resume_or_create(services().store, body.site, who.pop("customer"), who, new)


def _opened(conversation: Conversation, **more: bool) -> Response:
    token = services().visitor_tokens.issue(
        conversation.id, conversation.site, is_verified=conversation.customer is not None
    )
    return jsonify(conversation=conversation_json(conversation), token=token, **more)


@blueprint.patch("/conversations/<conversation_id>")
def patch_conversation(conversation_id: str) -> Response:
    """Sets what the body names and leaves the rest. What somebody types of themselves is never verified."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("contact", conversation.id, 30)
    changes = read_body(ContactChange).model_dump(exclude_unset=True)
    identity, consent = changes.pop("identity", None), changes.pop("consent", None)
    if changes.get("language") is not None and _supported(changes["language"]) is None:
        raise ApiError(400, "bad_request", "language: is not served here.")
    changes["language"] = _supported(changes.get("language")) or conversation.language
    person = read_identity(identity, services().settings, conversation.site) if identity else None
    if consent and (version := check_consent(services().settings, conversation.site, consent)):
        record_consent(services().store, conversation.id, version)
    try:
        if person:
            identify_conversation(services().store, conversation.id, **asdict(person))
        conversation = change_contact(services().store, conversation.id, **changes)
    except AnotherPerson as error:
        raise ApiError(409, "another_person", "identity: this conversation is another customer's.") from error
    except VerifiedBySite as error:
        raise ApiError(409, "conflict", "name, email: the site itself says who this customer is.") from error
    if conversation is None:
        raise no_conversation()
    if person:
        return _opened(conversation)
    return jsonify(conversation=shown_conversation(services().store, conversation, services().settings))


@blueprint.post("/conversations/<conversation_id>/messages")
def post_message(conversation_id: str) -> tuple[Response, int]:
    """Stores a message; once this answers, it is kept and will get its reaction."""
    limits = services().settings.limits
    services().rate_limits.check("message_address", callers_network(), limits.messages_per_minute_per_address)
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("message", conversation.id, limits.messages_per_minute_per_visitor)
    body = read_body(CustomerMessageBody)
    check_consented(services().settings, conversation)
    if body.text or not body.attachments:  # files need no words beside them
        check_text(body.text)
    services().turns.remember(conversation.id, callers_network())  # before: else it may be taken without
    message = _store_message(conversation, body)
    services().turns.wake()
    keep_typed_email(services().store, conversation, body.text)
    return jsonify(message=message_json(message)), 201


def _store_message(conversation: Conversation, body: CustomerMessageBody) -> Message:
    place = (body.button.seq, body.button.index) if body.button else None
    files = tuple(body.attachments)
    button = None if files else find_button(services().store, conversation.id, body.text, place)
    alarm = None if button else find_alarm(services().store, services().settings, conversation, body.text)
    try:
        message, _ = add_customer_message(
            services().store,
            conversation.id,
            body.client_id,
            body.text,
            render_plain(body.text),
            button,
            files,
            alarm,
            say_joined,
        )
    except Conflict as error:
        raise ApiError(409, "conflict", "This client_id was used for another text or other attachments.") from error
    except AttachmentUnknown as error:
        raise ApiError(422, "attachment_unknown", "attachments: not yours to send, sent already, or gone.") from error
    except KeyError as error:
        raise no_conversation() from error
    return message


@blueprint.get("/conversations/<conversation_id>/messages")
def get_messages(conversation_id: str) -> Response:
    """What came after N, page by page, for those who can't stream."""
    visitors_conversation(conversation_id)
    services().hub.note_customer(conversation_id, services().store.clock())
    return log_json(conversation_id, read_after())


def log_json(conversation_id: str, after: int) -> Response:
    """A page of what was said after N, how much follows, and how the conversation stands."""
    page = read_page(services().store, conversation_id, after, read_limit())
    if page.conversation is None:  # deleted at this very moment
        raise no_conversation()
    shown = shown_conversation(services().store, page.conversation, services().settings)
    return jsonify(messages=[message_json(message) for message in page.messages], conversation=shown, more=page.more)


@blueprint.get("/conversations/<conversation_id>/events")
def get_events(conversation_id: str) -> Response:
    """The same as a stream that stays open."""
    visitors_conversation(conversation_id)
    after = read_after()
    streams, store, hub = services().open_streams, services().store, services().hub
    place = streams.enter(callers_network(), conversation_id)
    if place.displaced:
        hub.wake(conversation_id)
    # Made here, outside the generator: a stream lives long, and holds no request while it does.
    shown = partial(shown_conversation, store, settings=services().settings)
    may_read = partial(is_for_bearer, given=services().visitor_tokens.read(request.headers.get("Authorization")))
    events = event_stream(store, hub, place, after, message_json, shown, may_read)
    response = stream_response(events, lambda: streams.leave(place))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/conversations/<conversation_id>/contact")
def post_contact(conversation_id: str) -> Response:
    """Notes where the customer can be reached, and says so in the log; or that they would rather not say."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("contact", conversation.id, CONTACTS_PER_MINUTE)
    try:
        kept = keep_contact(services().store, conversation, read_body(NewContact))
    except EmailInvalid:
        raise ApiError(422, "email_invalid", "email: this is no e-mail address we could write to.") from None
    shown = shown_conversation(services().store, kept or conversation, services().settings)
    return jsonify(conversation=shown)


@blueprint.post("/conversations/<conversation_id>/back")
def post_back(conversation_id: str) -> Response:
    """Back to the bot instead of waiting for a person; 409 once one is there. Where the bot has it, nothing happens."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("back", conversation.id, WITHDRAWALS_PER_MINUTE)
    text = notice("withdrawn", conversation.language)
    now = withdraw(services().store, conversation.id, NewMessage("system", text, render_plain(text)))
    if now is None:  # deleted at this very moment
        raise no_conversation()
    if now.status != "bot":
        why = "A person has this conversation now." if now.status == "open" else "This conversation is closed."
        raise ApiError(409, "not_waiting", why)
    return jsonify(conversation=shown_conversation(services().store, now, services().settings))


@blueprint.post("/conversations/<conversation_id>/seen")
def post_seen(conversation_id: str) -> tuple[str, int]:
    """All messages up to a number were on the customer's screen; agents are shown that, where it is wanted."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("seen", conversation.id, SEEN_PER_MINUTE)
    body = read_body(Seen)
    if services().settings.desk.read_receipts:
        note_seen(services().store, conversation, body.seq)
    return "", 204


@blueprint.post("/conversations/<conversation_id>/typing")
def post_typing(conversation_id: str) -> tuple[str, int]:
    """The customer is typing; only whoever looks at the conversation hears of it."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("typing", conversation.id, 60)
    services().hub.typing(conversation.id, "customer", True)
    return "", 204


@blueprint.get("/portraits/<digest>.jpg")
def get_portrait(digest: str) -> Response:
    """An agent's picture. Its address is no secret to whom they write, and can't be guessed by others."""
    return give_out_portrait(services().store, digest)


@blueprint.app_errorhandler(405)
def wrong_method(error: MethodNotAllowed) -> Response | MethodNotAllowed:
    """Routing refuses a method before any blueprint is chosen, so its JSON is made here."""
    if not request.path.startswith("/api/"):
        return error
    response = error_response(405, "method_not_allowed", error.description)
    response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def visitors_conversation(conversation_id: str) -> Conversation:
    """The conversation, once the caller has shown its token and comes from its site. Raises ApiError."""
    given = services().visitor_tokens.read(request.headers.get("Authorization"))
    if given.conversation != conversation_id:
        raise no_conversation()
    check_origin(given.site)
    conversation = find_conversation(services().store, conversation_id)
    if conversation is None or conversation.site != given.site:
        raise no_conversation()
    if not is_for_bearer(conversation, given):
        raise ApiError(401, "unauthorized", "The token is from before this customer was known.")
    return conversation


def is_for_bearer(conversation: Conversation, given: Pass) -> bool:
    """Whether a token still opens its conversation, now, and a stream that was opened with it goes on.

    Once the site has said whose it is, tokens from before count no more: on a shared computer, somebody else may
    have begun it, and would read along.
    """
    return conversation.customer is None or given.is_verified


def check_text(text: str) -> None:
    """Raises ApiError when there is nothing to send, or too much."""
    most = services().settings.limits.message_characters
    if is_blank(text):
        raise ApiError(422, "text_empty", "text: write something first.")
    if len(text) > most:
        raise ApiError(422, "text_too_long", f"text: at most {most} characters, this has {len(text)}.")


def _supported(language: str | None) -> str | None:
    """`sl-SI` → `sl` when that is served."""
    primary = (language or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in services().settings.languages else None
