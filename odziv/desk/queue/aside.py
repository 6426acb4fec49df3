"""E-mails that were put aside: the list, one of them, and making a conversation of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.aside import make_conversation
from odziv.desk.blueprint import blueprint
from odziv.desk.conversation.attachments import label_kind, label_size
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import rail
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.mail.aside import MOST_LISTED, AsideFile, find_aside, list_aside
from odziv.store.mail.inbound import STRAY_DAYS
from odziv.texts import CATALOGUE
from odziv.texts.desk import N_, _, spoken
from odziv.web.forms import Form, Position, read_address
from odziv.web.services import services

MAIL = f"/aside/<int(max={LARGEST_ID}):mail_id>"
# Why a mail was put aside, as `odziv.mail` says it: in a word or two, and in a sentence.
LABELS = {
    "a report": (
        N_("Delivery report"),
        N_("It is a report of a mail server: something did not arrive, or was received."),
    ),
    "an automatic reply": (
        N_("Automatic reply"),
        N_("It says itself that a machine wrote it, as out-of-office replies do."),
    ),
    "bulk mail": (N_("Bulk mail"), N_("It is marked as bulk mail, as newsletters are.")),
    "an empty return path": (N_("Automatic"), N_("It says that no answer is wanted: its return path is empty.")),
    "no usable sender": (
        N_("No sender"),
        N_("Its sender’s address can’t be read, so nobody can be answered by e-mail."),
    ),
    "a machine's address": (N_("From a machine"), N_("The sender’s address is one that no person reads, by its name.")),
    "our own mail": (N_("Our own"), N_("It was sent from our own address, or is an answer of ours that came back.")),
    "unreadable": (N_("Unreadable"), N_("It could not be read. It is still in the mailbox.")),
}


class AsideAddress(Form):
    """The mail that the list goes on after."""

    before: Position = 0


@page("/aside", needs=AGENT)
def show_aside() -> str:
    """What was put aside, the newest first."""
    return render_template("desk/frame/desk.html", **_frame())


@page(MAIL, needs=AGENT)
def show_aside_mail(mail_id: int) -> str:
    """One of them, whole, as plain text."""
    mail = or_404(find_aside(services().store, mail_id))
    return render_template("desk/frame/desk.html", **_frame(), mail=mail)


@action(f"{MAIL}/conversation", needs=AGENT)
def make_conversation_of_mail(mail_id: int) -> AnyResponse:
    """Puts it into the queue. Whoever presses again is led to the same conversation."""
    here = services()
    found, is_new = make_conversation(here.store, here.settings, here.knowledge, current_user.agent, mail_id)
    flash(_("It waits in the queue now.") if is_new else _("A colleague has made a conversation of it already."))
    return redirect(url_for("desk.show_conversation", conversation_id=found), 303)


@blueprint.app_template_filter("aside_label")
def label_aside(reason: str) -> str:
    """Why a mail was put aside, in a word or two."""
    return _(LABELS[reason][0]) if reason in LABELS else reason.capitalize()


@blueprint.app_template_filter("aside_reason")
def explain_aside(reason: str) -> str:
    """The same in a sentence."""
    return _(LABELS[reason][1]) if reason in LABELS else f"{reason.capitalize()}."


@blueprint.app_template_filter("aside_file")
def label_file(file: AsideFile) -> str:
    """What it is; or why it won't be in the conversation."""
    if file.type:
        return f"{label_kind(file.type)}, {label_size(file.size)}"
    return CATALOGUE.say("mail", file.why, spoken()) if file.why else _("only in the mailbox")


def _frame() -> dict[str, Any]:
    asides = list_aside(services().store, read_address(AsideAddress).before or None)
    return {
        **rail("aside"),
        "handoffs": [],
        "asides": asides,
        "older": len(asides) == MOST_LISTED,
        "kept_days": STRAY_DAYS,
    }
