"""A desk in the middle of a day, with something on every page. Made-up people; also what the pictures in docs/ show."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import update

from kb.render import render, render_plain
from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.desk.people import totp
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite
from odziv.store.agents.passwords import make_reset
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.agents.second_factor import begin_second_factor
from odziv.store.agents.tokens import make_token
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.conversations.ratings import rate_conversation
from odziv.store.conversations.spam import mark_spam
from odziv.store.handoffs.handoff import add_handoff, claim, list_queue, release
from odziv.store.handoffs.snoozes import snooze
from odziv.store.knowledge.drafts import propose_draft
from odziv.store.knowledge.feedback import Verdict, add_feedback
from odziv.store.knowledge.flags import flag_answer
from odziv.store.knowledge.phrasings import propose_words
from odziv.store.macros.macros import add_macro
from odziv.store.mail.aside import list_aside
from odziv.store.mail.inbound import Incoming, keep_aside
from odziv.store.rules.rules import add_rule
from odziv.store.schema import conversations, handoffs, messages
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.files import PDF, picture
from tests.fixtures import set_contact

MINUTE = 60_000
BROWSER = {"device": "Firefox on Windows", "time_zone": "Europe/Ljubljana", "title": "Šotor Jelovica 3 | Smreka"}
# Language, reason, minutes ago, name, and what was said: a customer's line, or "bot: …".
QUEUE = [
    ("sl", "complaint", 9, "Peter Zupan", ["To je že tretja reklamacija istega šotora. Zahtevam vračilo denarja."]),
    ("sl", "requested", 52, "Maja Horvat", ["Kje je moj paket?", "bot: Paket sledite s številko pošiljke.",
        "Sledenje kaže, da je v Mariboru že od petka. Rada bi govorila s človekom."]),
    ("hr", "low_confidence", 26, "Ivana Babić", ["Mogu li promijeniti veličinu jakne prije nego što je pošaljete?"]),
    ("pl", "unanswered", 14, "Zofia Nowak", ["Czy namiot Jelovica ma osobny przedsionek na rowery?",
        "bot: Czy chodzi o któryś z tych artykułów?", "Nie, pytam o przedsionek."]),
    ("en", "requested", 3, "James Miller", ["Do you deliver to Graz? I would like to talk to a person."]),
]  # fmt: skip
CONSIDERED = [
    {"article": "orders/return", "language": "sl", "title": "Vračilo izdelka", "confidence": 0.62},
    {"article": "delivery/time", "language": "sl", "title": "Rok dostave", "confidence": 0.31},
]
ANSWER = {"article": "orders/return", "language": "sl", "title": "Vračilo izdelka", "url": "/help/sl/orders/return",
          "confidence": 0.93}  # fmt: skip


ASIDE = [
    ("mailer-daemon@posta.example", "Undelivered Mail Returned to Sender", "Unknown user.", "a report"),
    ("novice@dobavitelj-opreme-za-gore.example", "Novembrske novosti", "Nove gojzarje pošiljamo takoj.", "bulk mail"),
    ("nina@kranjc.example", "Samodejni odgovor: Re: Šotor", "Odsotna sem do ponedeljka.", "an automatic reply"),
    (None, "Vprašanje s sejma", "Pozdravljeni,\n\nna sejmu sem videl šotor Jelovica 3. Ali ga imate v zeleni barvi?\n"
     "Pišem s sejemskega računalnika, pokličite me na stojnico 14.\n\nLep pozdrav\nRok", "no usable sender"),
]  # fmt: skip


@dataclass
class Day:
    """What was made, for pages that need an id. `mine` is the busy conversation of `me`."""

    me: Agent
    marek: Agent
    mine: str = ""
    waiting: list[str] = field(default_factory=list)
    snoozed: str = ""
    spam: str = ""
    resolved: str = ""
    answer_seq: int = 0
    bot_seq: int = 0
    file: str = ""
    webhook: int = 0
    invitation: str = ""
    reset: str = ""
    aside: int = 0


def add_person(store: Store, name: str, role: str, password_hash: str = "no hash") -> Agent:
    email = f"{name.split()[0].lower()}@smreka.example"
    return accept_invitation(store, invite(store, email, role), email, name, password_hash)


def fill_day(store: Store, password_hash: str, role: str = "admin") -> Day:
    """Ana, who looks at the desk, with a colleague, customers and everything else."""
    day = Day(add_person(store, "Ana Kovač", role, password_hash), add_person(store, "Marek Zieliński", "editor"))
    for line in QUEUE:
        day.waiting.append(wait(store, *line))
    _write_mine(store, day)
    _end_others(store, day)
    _teach(store, day)
    _open_doors(store, day)
    day.aside = _put_mails_aside(store)
    return day


def _put_mails_aside(store: Store) -> int:
    """Mails of machines, and one that may be a person's; returns the number of the newest."""
    for number, (sender, subject, text, why) in enumerate(ASIDE):
        keep_aside(store, Incoming(f"aside{number}", None, sender, subject, text, ["račun.pdf"], automatic=why))
    return list_aside(store)[0].id


def wait(store: Store, language: str, reason: str, minutes: float, name: str, said: list[str]) -> str:
    """A customer in the queue since so many minutes."""
    page = f"https://smreka.example/{language}/jelovica-3"
    conversation = create_conversation(store, "demo", language, language, page)
    for number, text in enumerate(said):
        _say(store, conversation.id, text, f"{number}-{conversation.id}")
    with store.write() as connection:
        append_message(connection, conversation.id, system_notice(f"handoff_{reason}", language))
        add_handoff(connection, conversation.id, reason, language)
        change_owner(connection, conversation.id, "queued", agent_id=None)
        here, began = conversation.id, store.clock() - round(minutes * MINUTE)
        connection.execute(
            update(handoffs).where(handoffs.c.conversation_id == here).values(created_at=began, topic="delivery")
        )
        connection.execute(update(messages).where(messages.c.conversation_id == here).values(created_at=began))
        connection.execute(update(conversations).where(conversations.c.id == here).values(created_at=began))
    set_contact(store, conversation.id, name=name, browser=BROWSER)
    return conversation.id


def take(store: Store, agent: Agent, conversation_id: str, language: str = "sl") -> None:
    [handoff] = [h.id for h in list_queue(store) if h.conversation_id == conversation_id]
    assert claim(store, handoff, agent.id, system_notice("joined", language, name=agent.name_for_customers)).won


def _say(store: Store, conversation_id: str, text: str, client_id: str, files: tuple[str, ...] = ()) -> None:
    if not text.startswith("bot: "):
        add_customer_message(store, conversation_id, client_id, text, render_plain(text), attachments=files)
        return
    with store.write() as connection:
        said = text.removeprefix("bot: ")
        answer = ANSWER if "obrazec" in said else None
        append_message(
            connection, conversation_id, NewMessage("bot", said, render(said), answer=answer, considered=CONSIDERED)
        )


def _write_mine(store: Store, day: Day) -> None:
    said = ["Pozdravljeni, šotor je prišel z zlomljeno palico. Kako ga vrnem?",
            "bot: Izpolnite **obrazec za vračilo** v 14 dneh in ga priložite paketu.",
            "Hvala, a jaz bi raje samo novo palico."]  # fmt: skip
    before = wait(store, "sl", "requested", 9000, "Nina Kranjc", ["Kdaj bo spet na zalogi spalna vreča Triglav?"])
    take(store, day.me, before)
    release(store, before, day.me.id, "resolved", system_notice("resolved", "sl"))
    set_contact(store, before, email="nina@kranjc.example")
    day.mine = mine = wait(store, "sl", "low_confidence", 12, "Nina Kranjc", said)
    set_contact(store, mine, email="nina@kranjc.example", attributes={"stranka": "zlata", "naročil": 12})
    photo = add_attachment(
        store, mine, picture("JPEG", (900, 600)), name="palica.jpg", type="image/jpeg", width=900, height=600
    )
    bill = add_attachment(store, mine, PDF, name="racun-2026-1184.pdf", type="application/pdf")
    _say(store, mine, "Tukaj je slika.", "photo", (photo.id, bill.id))
    day.file, day.bot_seq = photo.id, 2
    take(store, day.me, mine)
    reply = "Dober dan, gospa Kranjc. Žal mi je za palico!\n\nNovo vam **pošljemo danes**, brezplačno."
    note = f"@{day.me.name} v skladišču jih imamo še šest."
    with store.write() as connection:
        append_message(connection, mine, NewMessage("agent", reply, render(reply), agent_id=day.me.id))
        mention = NewMessage("agent", note, render(note), agent_id=day.marek.id, internal=True, mentions=(day.me.id,))
        day.answer_seq = append_message(connection, mine, mention).seq - 1
    _say(store, mine, "Super, hvala! Kdaj bo pri meni in ali moram staro vrniti?", "last")


def _end_others(store: Store, day: Day) -> None:
    day.snoozed = wait(store, "pl", "requested", 300, "Piotr Wójcik", ["Kiedy wróci rozmiar 43?"])
    take(store, day.marek, day.snoozed, "pl")
    until = store.clock() + 1440 * MINUTE
    snooze(store, day.snoozed, day.marek.id, until, internal_entry("Marek Zieliński snoozed this until tomorrow."))
    day.spam = wait(store, "en", "low_confidence", 400, "SEO Team", ["We bring your shop to page one of every search!"])
    mark_spam(store, day.spam, day.me.id, internal_entry("Ana Kovač marked this as spam."))
    day.resolved = wait(store, "hr", "requested", 600, "Luka Marić", ["Gdje mogu preuzeti narudžbu?"])
    take(store, day.me, day.resolved, "hr")
    said = "U našoj poslovnici u Ljubljani, od sutra."
    with store.write() as connection:
        append_message(connection, day.resolved, NewMessage("agent", said, render(said), agent_id=day.me.id))
    release(store, day.resolved, day.me.id, "resolved", system_notice("resolved", "hr"))
    rate_conversation(
        store, day.resolved, "person", 5, "Brzo i ljubazno.", draft_note=lambda *_: internal_entry("5 of 5.")
    )


def _teach(store: Store, day: Day) -> None:
    where = (store, day.mine, day.answer_seq)
    propose_words(*where, "orders/return", "sl", "zlomljena palica šotora")
    fields = {"language": "sl", "category": "orders", "title": "Nadomestni deli",
              "question": "Kako dobim nov del?", "answer": "Novo palico pošljemo **brezplačno**."}  # fmt: skip
    propose_draft(*where, day.me.id, **fields)
    flag_answer(store, day.mine, day.bot_seq, day.me.id, "Želela je samo del.")
    add_saved_reply(store, "pozdrav", "Greeting", {"sl": "Dober dan, {{customer.name}}!", "en": "Hello!"}, day.me.id)
    add_saved_reply(store, "stevilka", "Order number", {"sl": "Mi zaupate številko naročila?"}, day.me.id)
    add_macro(store, day.me.id, None, "Ask for the number", {"priority": "high", "reply": 2, "end": "queue"})
    add_rule(store, day.me.id, "Complaints first", event="handed_off", hours=None, conditions={"reason": "complaint"},
             actions={"steps": {"priority": "urgent", "note": "Please call back."}})  # fmt: skip
    add_macro(store, day.me.id, day.me.id, "Called back", {"note": "I called.", "end": "resolve"})
    for number, helpful in enumerate([True, True, False]):
        words = None if helpful else "Kje je obrazec?"
        add_feedback(store, Verdict("orders/return", "sl", "demo", helpful, f"v{number}", "unclear", words))


def _open_doors(store: Store, day: Day) -> None:
    day.webhook, _ = add_webhook(store, "https://smreka.example/hooks/odziv", EVENTS[:3])
    make_token(store, day.me.id, "Warehouse", "agent", days=90)
    day.invitation = invite(store, "vera@smreka.example", "editor")
    day.reset = make_reset(store, day.marek.id)
    begin_second_factor(store, day.me.id, totp.new_secret())
