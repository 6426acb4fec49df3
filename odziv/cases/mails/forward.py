"""Passing a conversation on to somebody outside by e-mail: to whom, with what, and which files."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kb.render import render_plain
from odziv.cases.conversations.reply import check_writing
from odziv.cases.customers.customer_details import clean_line
from odziv.cases.mail_addresses import spell_all
from odziv.cases.mails.recipients import check_recipients
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.attachments import MOST_IN_MAIL, find_public_attachment
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, NewMessage
from odziv.store.customers.other_addresses import list_addresses
from odziv.store.lengths import LONGEST_SUBJECT
from odziv.store.mail.side import Forward, find_thread, goes_on_in, keep_forward, take_back_forward
from odziv.texts.desk import _, number

FORWARDED_PER_HOUR = 60  # by one agent
LONGEST_PASSED_ON = 100_000
MOST_BYTES = 10_000_000  # of the files together; base64 adds a third, and many servers take no more than 15 MB


@dataclass(frozen=True)
class Passing:
    """What an agent typed: `text` is their own word, `passed_on` goes below it; `thread` is one they go on with."""

    to: str
    subject: str
    text: str
    passed_on: str = ""
    files: tuple[str, ...] = ()
    thread: str = ""


def forward_by_mail(
    store: Store, settings: Settings, agent: Agent, conversation: Conversation, passing: Passing, key: str
) -> Message:
    """Keeps it to be sent once it can't be taken back any more; the same `key` keeps it once.

    Raises Refused for what can't be.
    """
    check_writing(passing.text, (), internal=False)
    before = find_thread(store, passing.thread) if passing.thread else None
    if before and not goes_on_in(store, before, conversation.id):
        before = None
    address = _check_address(store, settings, conversation, before.address if before else passing.to)
    subject = clean_line(before.subject if before else passing.subject)
    if not subject:
        raise Refused(Kind.UNFIT, _("Not sent: an e-mail needs a subject."))
    if len(subject) > LONGEST_SUBJECT + len("Fwd: "):
        raise Refused(Kind.UNFIT, _("Not sent: a subject can have %(most)s characters.", most=number(LONGEST_SUBJECT)))
    _check_contents(store, conversation, passing)
    note = NewMessage("agent", passing.text, render_plain(passing.text), agent_id=agent.id, internal=True)
    # Never a name that a customer's own message could have taken.
    note = replace(note, client_id=f"a{agent.id}-{key}" if key else None)
    wait_ms = settings.desk.undo_seconds * 1000
    forward = Forward(address, subject, passing.passed_on, passing.files, before.thread if before else None)
    return keep_forward(store, conversation.id, forward, note, wait_ms)


def take_back(store: Store, agent: Agent, conversation_id: str, seq: int) -> None:
    """Takes back the agent's own while it waits; asked again, the same. Raises Refused once it is sent."""
    if not take_back_forward(store, conversation_id, seq, agent.id):
        raise Refused(Kind.CONFLICT, _("Too late: it is sent already."))


def is_customers(store: Store, conversation: Conversation, address: str) -> bool:
    """Whether it is the address of the conversation's customer, or another of theirs."""
    own = spell_all(conversation.email) if conversation.email else set()
    return address in own | {each.address for each in list_addresses(store, conversation, spell_all)}


def _check_address(store: Store, settings: Settings, conversation: Conversation, typed: str) -> str:
    """Never the customer's: what is said there is not for them."""
    recipients = check_recipients(settings, (typed,), (), ())
    if len(recipients.all) != 1:
        raise Refused(Kind.UNFIT, _("Not sent: this goes to one address."))
    if is_customers(store, conversation, recipients.to[0]):
        raise Refused(Kind.UNFIT, _("Not sent: this is the customer’s own address. Answer them in the conversation."))
    return recipients.to[0]


def _check_contents(store: Store, conversation: Conversation, passing: Passing) -> None:
    """Files only of what the customer has too: those of notes stay among agents."""
    if len(passing.passed_on) > LONGEST_PASSED_ON:
        problem = _(
            "Not sent: %(count)s characters; a message can have %(most)s.",
            count=number(len(passing.passed_on)),
            most=number(LONGEST_PASSED_ON),
        )
        raise Refused(Kind.UNFIT, problem)
    if len(set(passing.files)) != len(passing.files) or len(passing.files) > MOST_IN_MAIL:
        raise Refused(Kind.UNFIT, _("Not sent: a message can have %(most)s files.", most=MOST_IN_MAIL))
    found = [find_public_attachment(store, conversation.id, each) for each in passing.files]
    if any(each is None for each in found):
        raise Refused(Kind.UNFIT, _("Not sent: one of the files is no longer there."))
    if sum(each.size for each in found if each) > MOST_BYTES:
        problem = _("Not sent: files can have %(most)s MB together.", most=MOST_BYTES // 1_000_000)
        raise Refused(Kind.UNFIT, problem)
