"""Who the customer is, beside their conversation: contact, browser, what the site told, other conversations."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, url_for
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.customer import save_customer
from odziv.cases.customers.customer_details import CleanLine, is_time_zone, read_email
from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.conversation.merge import offer_merge
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.team.field_values import offer_fields
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.other_conversations import list_others
from odziv.store.fields.values import mark_values
from odziv.store.lengths import LONGEST_CUSTOMER_NAME
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Wrong, read_form
from odziv.web.services import services

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


@page("/conversations/<conversation_id>/customer", needs=AGENT)
def show_customer(conversation_id: str) -> str:
    """The panel alone, for a page that is open already."""
    return render_template("desk/conversation/_customer.html", **describe_customer(find_or_404(conversation_id)))


@action("/conversations/<conversation_id>/customer", needs=AGENT)
def change_customer(conversation_id: str) -> AnyResponse | str:
    """Sets name and e-mail address as an agent typed them; 409 where the site verified them."""
    sent = read_form(CustomerForm)
    find_or_404(conversation_id)
    conversation = save_customer(services().store, conversation_id, name=sent.name or None, email=sent.email)
    if is_fragment():
        return render_template("desk/conversation/_customer.html", **describe_customer(conversation))
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def describe_customer(conversation: Conversation) -> dict[str, Any]:
    """What the panel shows."""
    browser, others = conversation.browser or {}, list_others(services().store, conversation)
    return {
        "conversation": conversation,
        "browser": browser,
        "local_time": tell_time(browser.get("time_zone")),
        "others": others,
        **offer_merge(conversation, others),
        **offer_fields(conversation),
        "contact_mark": mark_contact(services().store, conversation),
        "longest_name": LONGEST_CUSTOMER_NAME,
        "consent": describe_consent(conversation),
        "is_mail_on": services().settings.mail.is_on,
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
    known = mark_values(store, conversation.id)
    told = json.dumps([*parts, conversation.browser, conversation.attributes, conversation.language, known])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def tell_time(time_zone: str | None) -> str | None:
    """The time of day where the customer is."""
    if not is_time_zone(time_zone):
        return None
    return f"{datetime.fromtimestamp(services().store.clock() / 1000, ZoneInfo(time_zone)):%H:%M}"


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
