"""Beginning a conversation: an agent writes to somebody by e-mail, who may be new."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.customers.customer_details import clean_line
from odziv.cases.mails.mailboxes import find_mailbox_of_site
from odziv.cases.mails.recipients import check_recipients
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.lengths import LONGEST_CUSTOMER_NAME, LONGEST_SUBJECT
from odziv.store.mail.begun import Opening, begin_conversation
from odziv.store.mail.recipients import Recipients
from odziv.texts.desk import N_, _, number

BEGUN_PER_HOUR = 60  # by one agent


@dataclass(frozen=True)
class NewMail:
    """What an agent typed: the first of `to` is the customer, whose `name` may be empty.

    `mailbox` is the name of the one it leaves from; None: the first of the site.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    name: str
    site: str
    language: str
    subject: str
    mailbox: str | None = None


def begin_mail(store: Store, settings: Settings, agent: Agent, mail: NewMail, key: str) -> tuple[str, Recipients]:
    """Makes a conversation of it, which the agent has; returns its id, and whom what is written goes to.

    The same `key` of the same agent makes it once. Nothing is sent yet. Raises Refused for what can't be.
    """
    recipients = check_recipients(settings, mail.to, mail.cc, mail.bcc)
    opening = _check(settings, mail, recipients.to[0])
    conversation_id = name_conversation(settings, agent, key)
    told = {"agent": agent.name, "address": opening.email, "subject": opening.subject}
    entry = internal_entry(N_("%(agent)s began this conversation by e-mail to %(address)s: “%(subject)s”"), **told)
    begin_conversation(store, conversation_id, agent.id, opening, entry)
    return conversation_id, recipients


def name_conversation(settings: Settings, agent: Agent, key: str) -> str:
    """Its id: the same for the same key, which nobody else can have, and which can't be guessed from it."""
    secret = settings.secret("begun-conversations").encode()
    return hmac.digest(secret, f"{agent.id}:{key}".encode(), hashlib.sha256).hex()[:24]


def _check(settings: Settings, mail: NewMail, email: str) -> Opening:
    subject, name = clean_line(mail.subject), clean_line(mail.name)
    if not subject:
        raise Refused(Kind.UNFIT, _("Not sent: an e-mail needs a subject."))
    if len(subject) > LONGEST_SUBJECT:
        problem = _("Not sent: a subject can have %(most)s characters.", most=number(LONGEST_SUBJECT))
        raise Refused(Kind.UNFIT, problem)
    if len(name) > LONGEST_CUSTOMER_NAME:
        problem = _("Not sent: a name can have %(most)s characters.", most=number(LONGEST_CUSTOMER_NAME))
        raise Refused(Kind.UNFIT, problem)
    if mail.site not in settings.sites:
        raise Refused(Kind.UNFIT, _("Not sent: there is no such website."))
    if mail.language not in settings.languages:
        raise Refused(Kind.UNFIT, _("Not sent: this language is not served."))
    chosen = mail.mailbox
    box = find_mailbox_of_site(settings, mail.site) if chosen is None else settings.mailboxes.get(chosen)
    if box is None:
        raise Refused(Kind.UNFIT, _("Not sent: there is no such mailbox."))
    return Opening(email, name or None, mail.site, mail.language, subject, box.name)
