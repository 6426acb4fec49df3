"""What we have written in a conversation, as far as a customer's program may quote it."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.sources.passages import to_plain
from odziv.cases.mails.signature import write_signature
from odziv.mail.reading.ours import Ours
from odziv.mail.texts import say
from odziv.settings import Settings
from odziv.settings.mail import Mailbox
from odziv.store import Store
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, list_messages
from odziv.texts.moments import list_words, say_date

MOST_MESSAGES = 60
LEAST_DOMAIN = 5  # letters; a shorter one may be any word
AROUND, CLOSINGS = ("greeting", "read_more", "see_also"), ("from_person", "handed_off")


def name_us(settings: Settings) -> tuple[str, ...]:
    """Our addresses, and the names that our mails come under, those of our domains among them."""
    return tuple(dict.fromkeys(name for box in settings.mailboxes.values() for name in _name(settings, box) if name))


def _name(settings: Settings, box: Mailbox) -> tuple[str, ...]:
    domain = box.address.rpartition("@")[2].partition(".")[0]
    named = domain if len(domain) >= LEAST_DOMAIN else ""
    return (box.address, box.sender_name, settings.sites[box.site].name, named)


def collect_ours(store: Store, settings: Settings, conversation: Conversation | None, names: tuple[str, ...]) -> Ours:
    """How to know our own words again in an answer; without a conversation, by our names alone."""
    if conversation is None:
        return Ours(names)
    messages = list_messages(store, conversation.id, after=max(0, conversation.last_seq - MOST_MESSAGES))
    language = conversation.language
    around = [*(say(key, language) for key in AROUND), *names]
    closings = [say(key, language) for key in CLOSINGS] + [say("from_assistant", language, name=name) for name in names]
    said = [text for message in messages if message.sender != "customer" for text in _texts_of(message, language)]
    asked = [text for message in messages if message.sender == "customer" for text in _asked(message, language)]
    around += [name for each in messages for name in (each.agent_name, each.agent_for_customers) if name]
    writers = [find_agent(store, each) for each in sorted({message.agent_id or 0 for message in messages})]
    around += [line for each in writers for line in write_signature(settings, conversation, each).split("\n") if line]
    return Ours(names, said, asked, around, closings) if said else Ours(names, [], asked)


def _texts_of(message: Message, language: str) -> list[str]:
    titles = [button["title"] for button in message.buttons or []]
    if message.answer:
        titles += [message.answer["title"], f"{say('read_more', language)} {message.answer['title']}"]
    files = [shown["name"] for shown in message.attachments or ()]
    told = [say(key, language, names=list_words(files, language)) for key in ("attached", "left_out") if files]
    return [message.text, to_plain(message.text), *titles, *told, *files]


def _asked(message: Message, language: str) -> list[str]:
    """What the customer wrote before, which our mail quotes below a line of its own."""
    when = say_date(datetime.fromtimestamp(message.created_at / 1000, UTC), language)
    return [message.text, say("you_wrote", language, when=when)]
