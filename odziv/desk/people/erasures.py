"""Erasing everything of a customer: first what would go, then receipts. For administrators."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.customer_data.erasing import have_erased, make_receipt
from odziv.cases.customer_data.whose import Customer, Who, find_customer
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.customers.erasures import list_erasures
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, read_form
from odziv.web.services import services

CUSTOMER = "/conversations/<conversation_id>/erase"
# What a receipt counts, by the names that the store has for it.
ERASED = {
    "conversations": N_("conversations:"),
    "messages": N_("messages:"),
    "files": N_("files:"),
    "attachments": N_("attachments:"),
    "dialogues": N_("dialogues of the assistant:"),
    "handoffs": N_("handoffs:"),
    "exports": N_("exports:"),
    "merges": N_("merges:"),
    "ratings": N_("ratings:"),
    "mails_put_aside": N_("e-mails put aside:"),
    "mail_drafts": N_("e-mails begun:"),
    "customer_addresses": N_("other e-mail addresses:"),
}


class ErasureForm(Form):
    """What was on the page, by its mark, and whether what may be theirs goes too."""

    shown: str = ""
    also_unsure: str = ""


@page("/erasures", needs=ADMIN)
def show_erasures() -> str:
    """Every erasure with its receipt, the newest first."""
    store, settings = services().store, services().settings
    found = [(erased, make_receipt(store, settings, erased.id)) for erased in list_erasures(store)]
    return show_page("desk/people/erasures.html", "erasures", erasures=found)


@page(CUSTOMER, needs=ADMIN)
def show_erasure_plan(conversation_id: str) -> str:
    """What would go with everything of this conversation's customer, and what may be theirs and would stay."""
    customer = _find(find_or_404(conversation_id).id)
    return show_page(
        "desk/people/erasure.html",
        "erasure",
        conversation_id=conversation_id,
        customer=customer,
        shown=_mark(customer),
    )


@action(CUSTOMER, needs=ADMIN)
def begin_customer_erasure(conversation_id: str) -> AnyResponse:
    """Has it erased, unless something has come since it was shown."""
    sent = read_form(ErasureForm)
    this = find_or_404(conversation_id).id
    customer = _find(this)
    if sent.shown != _mark(customer):
        flash(_("Nothing was erased: something has come or gone meanwhile. This is how it is now."))
        return redirect(url_for("desk.show_erasure_plan", conversation_id=this), 303)
    if sent.also_unsure:
        customer = replace(customer, conversation_ids=customer.conversation_ids + customer.unsure)
    have_erased(services().store, customer, current_user.id)
    flash(_("It is being erased."))
    return redirect(url_for("desk.show_erasures"), 303)


@blueprint.app_template_filter("erased_label")
def label_erased(name: str) -> str:
    """What was erased, in words; a receipt has the number after it."""
    return _(ERASED[name]) if name in ERASED else name.replace("_", " ")


def _find(conversation_id: str) -> Customer:
    return find_customer(services().store, services().settings, Who(conversation_id=conversation_id))


def _mark(customer: Customer) -> str:
    """Differs when what would go does."""
    told = repr((customer.conversation_ids, customer.unsure, customer.mails_aside))
    return hashlib.sha256(told.encode()).hexdigest()[:12]
