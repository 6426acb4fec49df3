"""An agent makes a conversation of a mail that was put aside."""

from __future__ import annotations

from kb.render import render_plain
from odziv.cases.absence import find_absence
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.knowledge import KnowledgeSource
from odziv.cases.mail_addresses import leads_to_any
from odziv.cases.mails.files import tell_refused
from odziv.cases.mails.question import NOTHING
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.messages import NewMessage
from odziv.store.mail.aside import Aside, find_aside, find_opened, open_aside
from odziv.texts.desk import N_, _

MOST_TEXT = 3_900  # characters of a message, as of any mail; the rest is in the original


def make_conversation(
    store: Store, settings: Settings, knowledge: KnowledgeSource, agent: Agent, mail_id: int
) -> tuple[str, bool]:
    """Its id, and whether it is new: a mail that is in one already keeps it.

    It waits for a person, and nothing is sent. Raises Refused when there is no such mail.
    """
    mail = find_aside(store, mail_id)
    opened = _open(store, settings, knowledge, agent, mail) if mail else None
    if opened is not None:
        return opened, True
    found = find_opened(store, mail_id)
    if found is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such e-mail any more."))
    return found, False


def _open(store: Store, settings: Settings, knowledge: KnowledgeSource, agent: Agent, mail: Aside) -> str | None:
    told = f"{mail.subject}\n\n{mail.original}"[:MOST_TEXT].strip()
    boxes = settings.mailboxes
    box = boxes.get(mail.mailbox or "") or next(iter(boxes.values()), None)  # None: e-mail is off by now
    language = knowledge.detect_language(told, page=(box and box.language) or None) or settings.default_language
    text = _write(mail, language)
    is_ours = leads_to_any(mail.sender or "", settings.mail.own)
    opened = {
        "site": box.site if box else next(iter(settings.sites)),
        "mailbox": mail.mailbox,
        "language": language,
        "email": None if is_ours else mail.sender,
    }
    message = NewMessage("customer", text, render_plain(text))
    entry = internal_entry(
        N_("%(agent)s made a conversation of this e-mail. It had been put aside: %(reason)s."),
        agent=agent.name,
        reason=mail.reason,
    )
    after_hours = find_absence(store, settings, language, mail.mailbox) is not None
    return open_aside(store, mail.id, agent.id, opened, message, entry, after_hours=after_hours)


def _write(mail: Aside, language: str) -> str:
    """The mail as a message: its subject, its text, and the files that are not with it. Empty where all it has are."""
    refused = tell_refused([(file.name, file.why) for file in mail.files if file.why], language)
    elsewhere = [file.name for file in mail.files if not file.why and not file.type][:10]
    rest = [refused, f"[{', '.join(elsewhere)}]" if elsewhere else ""]
    room = MOST_TEXT - len(mail.subject) - sum(map(len, rest))
    said = mail.original.strip()
    said = said if len(said) <= room else f"{said[:room].rstrip()} […]"
    text = "\n\n".join(part for part in (mail.subject, said, *rest) if part)
    return text or ("" if any(file.type for file in mail.files) else NOTHING)
