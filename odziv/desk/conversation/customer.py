"""Who the customer is, beside their conversation: contact, browser, what the site told, other conversations."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, url_for
from flask_login import current_user
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.customer import save_customer
from odziv.cases.customers.customer_details import CleanLine, is_time_zone, read_email
from odziv.cases.customers.other_addresses import (
    add_other_address,
    list_history,
    look_up_addresses,
    remove_other_address,
)
from odziv.cases.mail_addresses import spell_all
from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.conversation.merge import offer_merge
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.team.field_values import offer_fields
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.other_addresses import list_addresses
from odziv.store.customers.suggestions import COPY, MERGED, NOTED, REPLY_TO, Hint
from odziv.store.fields.values import mark_values
from odziv.store.lengths import LONGEST_CUSTOMER_NAME, LONGEST_EMAIL
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Trimmed, Wrong, read_form
from odziv.web.services import services

ADDRESSES = "/conversations/<conversation_id>/addresses"
TOO_LONG = Wrong(Kind.UNFIT, N_("Not added: an address has at most %(most)s characters."), {"most": LONGEST_EMAIL})
HINTS = {
    REPLY_TO: N_("Their e-mail asked for answers there (Reply-To)"),
    COPY: N_("In copy of their e-mail, with a similar name"),
    MERGED: N_("Of a conversation that was merged"),
    NOTED: N_("There, an agent added the address of this conversation"),
}
OUTCOMES = {
    "bot": N_("With the bot"),
    "queued": N_("Waiting for a person"),
    "resolved": N_("Resolved"),
    "spam": N_("Spam"),
}


class CustomerForm(Form):
    """Who the customer is, as an agent was told; empty where nobody knows."""

    name: Annotated[
        CleanLine,
        Field(max_length=LONGEST_CUSTOMER_NAME),
        Wrong(Kind.UNFIT, N_("Not saved: a name has at most %(most)s characters."), {"most": LONGEST_CUSTOMER_NAME}),
    ] = ""
    email: Annotated[
        str | None,
        AfterValidator(read_email),
        Wrong(Kind.UNFIT, N_("Not saved: this doesn’t look like an e-mail address.")),
    ] = None


class AddressForm(Form):
    """Another address of the customer, as typed; the verb checks it."""

    address: Annotated[Trimmed, Field(max_length=LONGEST_EMAIL), TOO_LONG] = ""


@page("/conversations/<conversation_id>/customer", needs=AGENT)
def show_customer(conversation_id: str) -> str:
    """The panel alone, for a page that is open already."""
    return render_template("desk/conversation/_customer.html", **describe_customer(find_or_404(conversation_id)))


@action("/conversations/<conversation_id>/customer", needs=AGENT)
def change_customer(conversation_id: str) -> AnyResponse | str:
    """Sets name and e-mail address as an agent typed them; 409 where the site verified them."""
    sent = read_form(CustomerForm)
    find_or_404(conversation_id)
    save_customer(services().store, conversation_id, name=sent.name or None, email=sent.email)
    return _show_panel(conversation_id)


@action(ADDRESSES, needs=AGENT)
def add_address(conversation_id: str) -> AnyResponse | str:
    """Adds another address of the customer; 422 with a sentence for what can be none."""
    sent = read_form(AddressForm)
    find_or_404(conversation_id)
    here = services()
    add_other_address(here.store, here.settings, current_user.agent, conversation_id, sent.address)
    return _show_panel(conversation_id)


@action(f"{ADDRESSES}/<int(max={LARGEST_ID}):address_id>/remove", needs=AGENT)
def remove_address(conversation_id: str, address_id: int) -> AnyResponse | str:
    """Removes it, in all conversations that are known to be the customer's."""
    find_or_404(conversation_id)
    remove_other_address(services().store, current_user.agent, conversation_id, address_id)
    return _show_panel(conversation_id)


def _show_panel(conversation_id: str) -> AnyResponse | str:
    if is_fragment():
        shown = describe_customer(find_or_404(conversation_id))
        return render_template("desk/conversation/_customer.html", **shown, is_done=True)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def describe_customer(conversation: Conversation) -> dict[str, Any]:
    """What the panel shows."""
    store, settings = services().store, services().settings
    browser, others = conversation.browser or {}, list_history(store, conversation)
    known = look_up_addresses(store, settings, conversation)
    return {
        "conversation": conversation,
        "browser": browser,
        "local_time": tell_time(browser.get("time_zone")),
        "others": others,
        **offer_merge(conversation, others),
        **offer_fields(conversation),
        "other_addresses": known.added,
        "proposed_addresses": known.proposed,
        "contact_mark": mark_contact(store, conversation),
        "longest_name": LONGEST_CUSTOMER_NAME,
        "consent": describe_consent(conversation),
        "is_mail_on": settings.mail.is_on,
    }


def describe_consent(conversation: Conversation) -> dict[str, Any] | None:
    """When the customer agreed to which text, and the text itself while the site still shows it; None where nothing
    is asked for and nothing was agreed to."""
    site = services().settings.sites.get(conversation.site)
    asked = site.consent if site else None
    if conversation.consent_at is None:
        return {"at": None} if asked and conversation.channel != "mail" else None
    found = {version: language for language, version in asked.versions.items()} if asked else {}
    language = found.get(conversation.consent_text or "")
    return {
        "at": conversation.consent_at,
        "version": conversation.consent_text,
        "language": language,
        "text": asked.text[language] if asked and language else None,
        "link": asked.link if asked and language else None,
    }


def mark_contact(store: Store, conversation: Conversation) -> str:
    """Differs whenever what the panel shows does."""
    parts = (conversation.name, conversation.email, conversation.customer, conversation.verified)
    parts += (conversation.consent_at,)
    parts += (conversation.status, conversation.agent_id)  # they decide whether the panel offers to merge
    known = [mark_values(store, conversation.id), [each.id for each in list_addresses(store, conversation, spell_all)]]
    told = json.dumps([*parts, conversation.browser, conversation.attributes, conversation.language, known])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def tell_time(time_zone: str | None) -> str | None:
    """The time of day where the customer is."""
    if not is_time_zone(time_zone):
        return None
    return f"{datetime.fromtimestamp(services().store.clock() / 1000, ZoneInfo(time_zone)):%H:%M}"


@blueprint.app_template_filter("hint_label")
def label_hint(hint: Hint) -> str:
    """Why an address is proposed."""
    return _(HINTS[hint.because])


@blueprint.app_template_filter("outcome_label")
def label_outcome(other: Any) -> str:
    """How another conversation stands: "Resolved, a person helped"."""
    if other.status == "open":
        return _("With %(name)s", name=other.agent_name) if other.agent_name else _("With a person")
    if other.status == "bot" and other.handoffs == 0:
        return _("The bot alone")
    if other.handoffs and other.status == "resolved":
        return _("Resolved, a person helped")
    return _(OUTCOMES[other.status]) if other.status in OUTCOMES else other.status


@blueprint.app_template_filter("attribute_label")
def label_attribute(value: Any) -> str:
    """A value the site passed in, in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:g}" if isinstance(value, float) else str(value)
