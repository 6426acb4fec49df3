"""Webhooks: which other programs hear of what happens here, and whether it reaches them. For administrators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.lengths import LONGEST_URL
from odziv.store.webhooks.deliveries import send_again
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import (
    Webhook,
    add_webhook,
    count_given_up,
    find_webhook,
    list_deliveries,
    list_webhooks,
    remove_webhook,
    send_test,
    set_enabled,
)
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Ticked, Trimmed, Wrong, read_address, read_form, to_number
from odziv.web.services import services
from odziv.web.webhook_addresses import NotAllowed, check_addresses, read_url, resolve

PAGE_SIZE = 50
MOST_WEBHOOKS = 20
WEBHOOK = f"/webhooks/<int(max={LARGEST_ID}):webhook_id>"
EVENT_WORDS = {
    "conversation.created": N_("A conversation begins"),
    "conversation.handed_off": N_("It waits for a person"),
    "conversation.withdrawn": N_("The customer went back to the assistant instead of waiting"),
    "conversation.waiting_too_long": N_("It waits too long while nobody is at the desk"),
    "conversation.claimed": N_("A person has it"),
    "message.created": N_("Somebody writes, customer, assistant or agent"),
    "conversation.resolved": N_("It is resolved"),
    "conversation.rated": N_("The customer rates it"),
    "conversation.label_added": N_("It gets a label"),
    "conversation.label_removed": N_("A label is taken off"),
    "conversation.field_changed": N_("A field is filled in, or emptied"),
    "conversation.rule_ran": N_("A rule that tells other programs has run"),
    "webhook.test": N_("A test"),
}


class WebhookForm(Form):
    """Where events go, and which."""

    url: Trimmed = ""
    events: list[str] = []


class WebhookStateForm(Form):
    """Whether it is sent to."""

    state: Annotated[Literal["on", "off"], Wrong(Kind.UNFIT, N_("A webhook can be on or off."))]


class DeliveriesPage(Form):
    """Which of what was sent."""

    failed: Ticked = False
    before: Annotated[int | None, BeforeValidator(lambda value: to_number(value, LARGEST_ID))] = None


@page("/webhooks", needs=ADMIN)
def show_webhooks() -> str:
    """Every webhook with its state, and the form for another."""
    return _page()


@action("/webhooks", needs=ADMIN)
def create_webhook() -> str | tuple[str, int]:
    """Adds one; the answer shows its secret, this once. 422 for an address that may not be used."""
    sent = read_form(WebhookForm)
    if problem := _find_problem(sent.url, sent.events):
        return _page(problem=problem, url=sent.url[:LONGEST_URL], chosen=sent.events), 422
    _id, secret = add_webhook(services().store, sent.url, sent.events, by=current_user.id)
    return _page(secret=secret, secret_for=sent.url)


@page(WEBHOOK, needs=ADMIN)
def show_webhook(webhook_id: int) -> str:
    """What was sent to one, newest first, 50 a page; `?failed=1` shows only what didn't arrive."""
    webhook = _find(webhook_id)
    wanted = read_address(DeliveriesPage)
    found = list_deliveries(
        services().store, webhook.id, before=wanted.before, failed=wanted.failed, limit=PAGE_SIZE + 1
    )
    return show_page(
        "desk/people/webhook.html",
        "webhooks",
        webhook=webhook,
        deliveries=found[:PAGE_SIZE],
        older=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        failed_only=wanted.failed,
    )


@action(f"{WEBHOOK}/test", needs=ADMIN)
def try_webhook(webhook_id: int) -> AnyResponse:
    """Sends a test event."""
    if not send_test(services().store, _find(webhook_id).id):
        raise Refused(Kind.CONFLICT, _("This webhook is off. Switch it on first."))
    flash(_("A test is on its way. Reload this page to see what came back."))
    return _back_to(webhook_id)


@action(f"{WEBHOOK}/state", needs=ADMIN)
def set_webhook_state(webhook_id: int) -> AnyResponse:
    """Switches one on or off."""
    state = read_form(WebhookStateForm).state
    set_enabled(services().store, _find(webhook_id).id, state == "on", current_user.id)
    flash(_("The webhook is on.") if state == "on" else _("The webhook is off."))
    return _back_to(webhook_id)


@action(f"{WEBHOOK}/remove", needs=ADMIN)
def delete_webhook(webhook_id: int) -> AnyResponse:
    """Removes one for good, with what still waited for it."""
    remove_webhook(services().store, _find(webhook_id).id, current_user.id)
    flash(_("The webhook is removed."))
    return redirect(url_for("desk.show_webhooks"), 303)


@action(f"{WEBHOOK}/deliveries/<int(max={LARGEST_ID}):delivery_id>/resend", needs=ADMIN)
def resend_delivery(webhook_id: int, delivery_id: int) -> AnyResponse:
    """Sends one again, under the same id."""
    if not send_again(services().store, _find(webhook_id).id, delivery_id):
        raise Refused(Kind.CONFLICT, _("Not sent: the webhook is off, or this is no longer kept."))
    flash(_("It is sent again. Reload this page to see what came back."))
    return _back_to(webhook_id)


@blueprint.app_template_filter("event_label")
def label_event(event: str) -> str:
    """What happened, in words."""
    return _(EVENT_WORDS[event]) if event in EVENT_WORDS else event


@blueprint.app_template_global("webhooks_given_up")
def webhooks_given_up() -> int:
    """How many were switched off because nothing arrived: administrators see it on every page."""
    return count_given_up(services().store)


def _find_problem(url: str, events: list[str]) -> str | None:
    if not events or set(events) - set(EVENTS):
        return _("Please choose what it should hear of.")
    if len(list_webhooks(services().store)) >= MOST_WEBHOOKS:
        return _("There are %(most)s webhooks already. Remove one first.", most=MOST_WEBHOOKS)
    try:
        target = read_url(url, services().settings.desk.webhook_hosts)
        check_addresses(target, resolve(target.host, target.port))
    except NotAllowed as refusal:
        return str(refusal)
    except OSError:
        return _("There is no host of that name. Please check the address.")
    return None


def _find(webhook_id: int) -> Webhook:
    return or_404(find_webhook(services().store, webhook_id))


def _back_to(webhook_id: int) -> AnyResponse:
    return redirect(url_for("desk.show_webhook", webhook_id=webhook_id), 303)


def _page(**shown: Any) -> str:
    return show_page(
        "desk/people/webhooks.html", "webhooks", webhooks=list_webhooks(services().store), events=EVENTS, **shown
    )
