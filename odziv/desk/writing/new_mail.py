"""Writing to somebody by e-mail: a new conversation, which is the agent's own from the beginning."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from odziv.cases.conversations.reply import LONGEST_REPLY, check_writing, draft_message, write_message
from odziv.cases.mails.begin import BEGUN_PER_HOUR, NewMail, begin_mail
from odziv.cases.mails.mailboxes import find_mailbox, find_mailbox_of_site
from odziv.cases.mails.recipients import write_list
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.writing.recipients import RecipientsForm
from odziv.settings.mail import Mailbox
from odziv.store.agents.mail_drafts import (
    MailDraft,
    MailDraftChanged,
    find_mail_draft,
    forget_mail_draft,
    save_mail_draft,
)
from odziv.store.agents.reply_drafts import ReplyDraft, find_draft, save_draft
from odziv.store.conversations.conversation import find_conversation
from odziv.store.lengths import LONGEST_AGENT_CLIENT_ID, LONGEST_RECIPIENTS, LONGEST_SUBJECT, LONGEST_WANTED
from odziv.store.mail.begun import find_known
from odziv.store.mail.recipients import Recipients
from odziv.texts.desk import _
from odziv.web.forms import Form, Text, read_address, read_form, to_number
from odziv.web.services import services

MOST_KNOWN, SHORTEST_WANTED = 8, 2
LARGEST_VERSION = 10**15
# How many characters of each field are kept: of what is too long to be sent, too, so that it can be shortened.
MOST_TYPED = {
    **dict.fromkeys(("to", "cc", "bcc"), LONGEST_RECIPIENTS),
    **dict.fromkeys(("name", "site", "language", "subject", "mailbox"), 2 * LONGEST_SUBJECT),
    "text": 2 * LONGEST_REPLY,
}


class NewMailForm(RecipientsForm):
    """The mail, under an id that the page chose; `open`: its text goes into the composer, and nothing is sent yet."""

    name: Text = ""
    site: str = ""
    language: str = ""
    subject: Text = ""
    text: Text = ""
    mailbox: str = ""
    client_id: Text = ""
    version: str = "0"
    then: str = "send"


class ForForm(Form):
    """The conversation whose customer is written to, or what was typed of one."""

    conversation: str = ""
    q: Text = ""


@page("/write", needs=AGENT)
def show_new_mail() -> str:
    """The mail that was begun, else an empty one; with `?conversation=ID` to that one's customer.

    Where another was begun, that one stays kept until the agent says which of the two is to.
    """
    settings = services().settings
    known = find_conversation(services().store, read_address(ForForm).conversation)
    begun = find_mail_draft(services().store, current_user.id)
    site, language = next(iter(settings.sites)), settings.default_language
    if known and known.email:
        to = write_list([(known.name or "", known.email)])
        site = known.site if known.site in settings.sites else site
        language = known.language if known.language in settings.languages else language
        if begun.to != to:
            mailbox = _name_mailbox(find_mailbox(settings, known))
            return _show(NewMailForm(to=to, name=known.name or "", site=site, language=language, mailbox=mailbox))
    if begun.version:
        return _show(NewMailForm(**{**asdict(begun), "version": str(begun.version)}))
    return _show(NewMailForm(site=site, language=language, mailbox=_name_mailbox(find_mailbox_of_site(settings, site))))


def _name_mailbox(box: Mailbox | None) -> str:
    return box.name if box else ""


@action("/write/draft", needs=AGENT)
def keep_mail_draft() -> ResponseReturnValue:
    """Keeps what is in the form and says its version; 409 with what is kept, where this was begun from another."""
    try:
        version = save_mail_draft(services().store, current_user.id, _read_draft(read_form(NewMailForm)))
    except MailDraftChanged as changed:
        return jsonify(draft=asdict(changed.current)), 409
    return jsonify(version=version)


@action("/write/draft/forget", needs=AGENT)
def forget_new_mail() -> ResponseReturnValue:
    """Throws away what was begun, as it is on this page; what another window began since stays."""
    forget_mail_draft(services().store, current_user.id, _key_of(read_form(NewMailForm)))
    return redirect(url_for("desk.show_new_mail"), 303)


@page("/write/customers", needs=AGENT)
def find_customers() -> ResponseReturnValue:
    """Those who are known by the beginning of an address or name, to be chosen from while typing."""
    words = read_address(ForForm).q[:LONGEST_WANTED]
    found = find_known(services().store, words, MOST_KNOWN) if len(words) >= SHORTEST_WANTED else []
    shown = [{"to": write_list([(each.name or "", each.email)]), **each.__dict__} for each in found]
    return jsonify(shown)


@action("/write", needs=AGENT)
def begin() -> ResponseReturnValue:
    """Begins the conversation, and sends or opens it with the text in the composer; else the form and what is wrong."""
    sent, store = read_form(NewMailForm), services().store
    is_sent = sent.then != "open"
    services().rate_limits.check_hourly("begun", str(current_user.id), BEGUN_PER_HOUR)
    try:
        if is_sent:
            check_writing(sent.text, (), internal=False)
        key = _key_of(sent) or secrets.token_hex(8)
        conversation_id, recipients = begin_mail(store, services().settings, current_user.agent, _mail(sent), key)
        if is_sent:
            _send(conversation_id, sent.text, key, recipients)
    except Refused as refused:
        return _show(sent, refused.problem), STATUSES[refused.kind]
    forget_mail_draft(store, current_user.id, key)
    if not is_sent:
        _keep(conversation_id, sent.text, recipients)
        flash(_("Nothing is sent yet: write, attach files, and press Send."))
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def _key_of(sent: NewMailForm) -> str:
    return sent.client_id[:LONGEST_AGENT_CLIENT_ID]


def _read_draft(sent: NewMailForm) -> MailDraft:
    """What was sent of it. Raises Refused for more than the form can hold."""
    typed = {name: getattr(sent, name).replace("\0", "") for name in MOST_TYPED}
    if any(len(value) > MOST_TYPED[name] for name, value in typed.items()):
        raise Refused(Kind.UNFIT, _("Not kept: this is too long."))
    version = to_number(sent.version, LARGEST_VERSION) or 0
    return MailDraft(**typed, client_id=_key_of(sent).replace("\0", ""), version=version)


def _mail(sent: NewMailForm) -> NewMail:
    lists = ((sent.to,), (sent.cc,), (sent.bcc,))
    told = {name: getattr(sent, name) for name in ("name", "site", "language", "subject")}
    return NewMail(*lists, **told, mailbox=sent.mailbox if len(services().settings.mailboxes) > 1 else None)


def _send(conversation_id: str, text: str, key: str, recipients: Recipients) -> None:
    """As a reply: it can be taken back as long as one."""
    store, agent = services().store, current_user.agent
    to = recipients if len(recipients.all) > 1 else None
    draft = draft_message(store, agent, text, key, internal=False, recipients=to)
    write_message(store, agent, conversation_id, draft, delay_ms=services().settings.desk.undo_seconds * 1000)
    services().scheduled_replies.wake()


def _keep(conversation_id: str, text: str, recipients: Recipients) -> None:
    """As the draft of a reply."""
    typed = {field: ", ".join(getattr(recipients, field)) for field in ("to", "cc", "bcc")}
    begun = find_draft(services().store, conversation_id, current_user.id)
    if not begun.version:  # pressed a second time, it is there already
        draft = ReplyDraft("reply", text, typed if len(recipients.all) > 1 else None)
        save_draft(services().store, conversation_id, current_user.id, draft)


def _show(sent: NewMailForm, problem: str = "") -> str:
    settings = services().settings
    values: dict[str, Any] = {"sent": sent, "problem": problem, "is_on": settings.mail.is_on}
    values |= {"sites": settings.sites, "languages": settings.languages, "mailboxes": settings.mailboxes}
    begun = find_mail_draft(services().store, current_user.id)
    is_begun = bool(begun.version) and begun.client_id == _key_of(sent)
    values |= {"is_begun": is_begun, "version": begun.version if is_begun else 0}
    return show_page("desk/writing/new_mail.html", "write", client_id=sent.client_id or secrets.token_hex(8), **values)
