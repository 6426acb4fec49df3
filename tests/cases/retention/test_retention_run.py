"""What is older than it is to be kept goes wholly, and nothing else does."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from bot.trackers import tracker_of
from odziv.cases.retention import deleting
from odziv.cases.retention.deleting import RetentionRun, RetentionTask
from odziv.cases.retention.plan import plan_retention
from odziv.settings import Settings
from odziv.settings.retention import Retention
from odziv.store import Store
from odziv.store.audit import list_entries, record_alone
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS
from odziv.store.knowledge.feedback import Verdict, add_feedback
from odziv.store.mail.inbound import Incoming, is_known, keep_as_conversation
from odziv.store.mail.recipients import Copies
from odziv.store.retention.parts import NO_LONGER_KEPT
from odziv.store.schema import article_feedback, attachments, conversations, mails, messages, ratings, search_entries
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.store.webhooks.subscriptions import add_webhook

FILE = b"the bytes of a picture"


def keep(settings: Settings, **days: object) -> Settings:
    """The settings with a retention."""
    return settings.model_copy(update={"retention": Retention.model_validate(days)})


def begin(store: Store, site: str = "demo", text: str = "My boots are wet.", **files: object) -> str:
    conversation = create_conversation(store, site, "sl").id
    add_customer_message(store, conversation, "c1", text, f"<p>{text}</p>", **files)
    return conversation


def run(store: Store, settings: Settings) -> dict[str, int]:
    return dict(RetentionRun(store, settings, threading.Event(), pause=0).run())


def is_there(store: Store, conversation: str) -> bool:
    return find_conversation(store, conversation) is not None


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_by_itself_nothing_is_deleted(store, settings):
    conversation = begin(store)
    record_alone(store, "sign_in")
    store.clock.advance(10_000 * DAY_MS)
    assert not settings.retention.is_on and run(store, settings) == {}
    assert list(plan_retention(store, settings)) == [] and is_there(store, conversation)


def test_conversations_go_after_their_days_with_all_that_hangs_on_them(store, settings):
    old = begin(store)
    file = add_attachment(store, old, FILE, name="boots.png", type="image/png")
    add_customer_message(store, old, "c2", "See", "", attachments=(file.id,))
    tracker = settings.var / "rasa" / "tracker.db"
    tracker.parent.mkdir()
    with closing(sqlite3.connect(tracker)) as connection, connection:
        connection.execute("CREATE TABLE events (sender_id TEXT, data TEXT, timestamp REAL)")
        connection.execute("INSERT INTO events VALUES (?, 'wet boots', 1)", (tracker_of(f"{old}-0"),))
    store.clock.advance(31 * DAY_MS)
    young = begin(store)
    assert run(store, keep(settings, conversations=30)) == {"conversations": 1}
    assert (is_there(store, old), is_there(store, young)) == (False, True)
    assert count(store, messages) == 1 and count(store, attachments) == 0 and not store.files.path(file.id).exists()
    with closing(sqlite3.connect(tracker)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
    [entry] = list_entries(store, action="expired")
    assert (entry.object, entry.agent_id) == (f"conversation:{old}", None)


@pytest.mark.sqlite
def test_what_has_gone_is_overwritten_in_the_file(store, settings):
    begin(store)
    store.clock.advance(31 * DAY_MS)
    begin(store)
    run(store, keep(settings, conversations=30))
    everything = (settings.var / "odziv.sqlite").read_bytes() + (settings.var / "odziv.sqlite-wal").read_bytes()
    assert everything.count(b"My boots are wet.") == everything.count(b"<p>My boots are wet.</p>") * 2 > 0


def test_the_last_thing_said_counts(store, settings):
    conversation = begin(store)
    store.clock.advance(29 * DAY_MS)
    add_customer_message(store, conversation, "c2", "Still wet.", "")
    store.clock.advance(29 * DAY_MS)
    assert run(store, keep(settings, conversations=30)) == {}
    store.clock.advance(2 * DAY_MS)
    assert run(store, keep(settings, conversations=30)) == {"conversations": 1}


def test_whoever_waits_for_a_person_or_is_with_one_loses_nothing(store, settings):
    by_status = {status: begin(store) for status in ("bot", "queued", "open", "resolved", "spam")}
    for status, conversation in by_status.items():
        with store.write() as connection:
            connection.execute(update(conversations).where(conversations.c.id == conversation).values(status=status))
    file = add_attachment(store, by_status["open"], FILE, name="a.png", type="image/png")
    add_customer_message(store, by_status["open"], "c2", "", "", attachments=(file.id,))
    store.clock.advance(400 * DAY_MS)
    assert run(store, keep(settings, conversations=30, attachments=1, mail=1, ratings=1)) == {"conversations": 3}
    assert [status for status, conversation in by_status.items() if is_there(store, conversation)] == ["queued", "open"]
    assert store.files.path(file.id).exists()


def test_what_is_said_just_before_it_would_go_keeps_it(store, settings, monkeypatch):
    conversation = begin(store)
    store.clock.advance(31 * DAY_MS)

    def write_meanwhile(*_):
        add_customer_message(store, conversation, "late", "Are you still there?", "")
        return set()

    monkeypatch.setattr(deleting, "list_senders", write_meanwhile)
    assert not run(store, keep(settings, conversations=30)).get("conversations")
    assert [message.text for message in list_messages(store, conversation)][-1] == "Are you still there?"


def test_a_site_can_have_days_of_its_own(store, settings):
    begun = [begin(store, site) for site in ("demo", "other", "a-site-that-was")]
    store.clock.advance(100 * DAY_MS)
    kept = keep(settings, conversations=30, sites={"demo": {"conversations": 365}, "other": {"mail": 3}})
    assert run(store, kept) == {"conversations": 2}
    assert [is_there(store, each) for each in begun] == [True, False, False]


def test_a_site_can_keep_all_and_one_alone_can_be_named(store, settings):
    begun = [begin(store, site) for site in ("demo", "other")]
    store.clock.advance(100 * DAY_MS)
    assert run(store, keep(settings, conversations=30, sites={"demo": {"conversations": 0}})) == {"conversations": 1}
    assert run(store, keep(settings, sites={"demo": {"conversations": 30}})) == {"conversations": 1}
    assert [is_there(store, each) for each in begun] == [False, False]


def test_more_than_a_step_goes_in_one_run(store, settings, monkeypatch):
    monkeypatch.setattr(deleting, "STEP", 3)
    for _ in range(10):
        begin(store)
    store.clock.advance(31 * DAY_MS)
    assert run(store, keep(settings, conversations=30)) == {"conversations": 10}


def test_files_go_before_their_conversation_and_are_named_no_more(store, settings):
    conversation = create_conversation(store, "demo", "sl").id
    files = [add_attachment(store, conversation, FILE, name=f"passport{n}.png", type="image/png").id for n in range(3)]
    add_customer_message(store, conversation, "c1", "Look", "<p>Look</p>", attachments=tuple(files[:1]))
    add_customer_message(store, conversation, "c2", "", "", attachments=tuple(files[1:]))
    store.clock.advance(8 * DAY_MS)
    young = add_attachment(store, conversation, FILE, name="new.png", type="image/png").id
    add_customer_message(store, conversation, "c3", "", "", attachments=(young,))
    assert run(store, keep(settings, attachments=7)) == {"attachments": 3}
    told = [(message.text, message.attachments) for message in list_messages(store, conversation)]
    assert told[:2] == [("Look", None), ("Datoteka ni več shranjena.", None)]
    assert [file["id"] for file in told[2][1]] == [young]
    assert [path.name for path in store.files.folder.iterdir()] == [young]
    [entry] = list_entries(store, action="expired")
    assert (entry.object, entry.detail) == ("attachments", {"count": 3, "site": None})
    assert search(store, "passport", Wanted(), 5)[0] == [] and len(search(store, "new", Wanted(), 5)[0]) == 1


def test_the_subject_of_a_mail_is_not_found_any_more(store, settings):
    mail = Incoming("m1", "<1@x>", "anna@x.example", "Odpoved narocnine", "the whole text")
    keep_as_conversation(store, mail, "Anna", "demo", "sl", "Pozdravljeni", "<p>Pozdravljeni</p>")
    assert len(search(store, "odpoved", Wanted(), 5)[0]) == 1
    store.clock.advance(8 * DAY_MS)
    run(store, keep(settings, mail=7))
    assert search(store, "odpoved", Wanted(), 5)[0] == [] and len(search(store, "pozdravljeni", Wanted(), 5)[0]) == 1
    with store.read() as connection:
        assert "odpoved" not in str(connection.execute(select(search_entries.c.folded)).all())


def test_what_an_earlier_version_left_to_be_found_goes_too(store, settings):
    mail = Incoming("m1", "<1@x>", "anna@x.example", "Odpoved", "the whole text")
    keep_as_conversation(store, mail, "Anna", "demo", "sl", "Pozdravljeni", "<p>Pozdravljeni</p>")
    conversation = create_conversation(store, "demo", "sl").id
    file = add_attachment(store, conversation, FILE, name="passport.png", type="image/png").id
    add_customer_message(store, conversation, "c1", "Look", "<p>Look</p>", attachments=(file,))
    run(store, keep(settings, mail=7))
    assert len(search(store, "odpoved", Wanted(), 5)[0]) == len(search(store, "passport", Wanted(), 5)[0]) == 1
    with store.write() as connection:
        connection.execute(update(mails).values(subject=""))
        connection.execute(update(messages).values(attachments=None))
    run(store, keep(settings, mail=7))
    assert search(store, "odpoved", Wanted(), 5)[0] == search(store, "passport", Wanted(), 5)[0] == []
    assert len(search(store, "look", Wanted(), 5)[0]) == 1


def test_a_message_keeps_those_of_its_files_that_are_younger(store, settings):
    conversation = create_conversation(store, "demo", "en").id
    old = add_attachment(store, conversation, FILE, name="a.png", type="image/png").id
    store.clock.advance(DAY_MS // 2)
    young = add_attachment(store, conversation, FILE, name="b.png", type="image/png").id
    add_customer_message(store, conversation, "c1", "", "", attachments=(old, young))
    store.clock.advance(7 * DAY_MS - DAY_MS // 4)
    assert run(store, keep(settings, attachments=7)) == {"attachments": 1}
    [message] = list_messages(store, conversation)
    assert (message.text, [file["id"] for file in message.attachments]) == ("", [young])


def test_files_that_are_not_sent_yet_are_none_of_its_business(store, settings):
    conversation = begin(store)
    file = add_attachment(store, conversation, FILE, name="a.png", type="image/png")
    store.clock.advance(8 * DAY_MS)
    assert run(store, keep(settings, attachments=7)) == {} and store.files.path(file.id).exists()


def test_an_email_is_emptied_and_still_known(store, settings):
    who = {"copies": Copies(cc=(("Eva", "eva@kos.example"),)), "reply_to": "bojan@doma.example"}
    mail = Incoming("i" * 64, "<m@x>", "bojan@kos.example", "My passport", "It is number 123", ["a.pdf"], **who)
    message = keep_as_conversation(store, mail, "Bojan", "demo", "en", "It is number 123", "")
    store.clock.advance(8 * DAY_MS)
    assert run(store, keep(settings, mail=7)) == {"mail": 1}
    with store.read() as connection:
        row = connection.execute(select(mails)).one()
    assert (row.original, row.subject, row.sender, row.attachments) == (NO_LONGER_KEPT, "", None, None)
    assert (row.recipients, row.reply_to) == (None, None)
    assert is_known(store, mail.identity) and row.conversation_id == message.conversation_id
    assert run(store, keep(settings, mail=7)) == {}


def test_ratings_and_votes_on_articles(store, settings):
    conversation = begin(store)
    now = store.clock()
    with store.write() as connection:
        values = {"conversation_id": conversation, "about": "bot", "score": 5, "created_at": now, "changed_at": now}
        connection.execute(ratings.insert().values(**values))
    for site in ("demo", "other"):
        add_feedback(store, Verdict("orders/return", "en", site, True, None, "thanks", f"visitor-{site}"))
    store.clock.advance(8 * DAY_MS)
    assert run(store, keep(settings, sites={"demo": {"ratings": 7}})) == {"ratings": 2}
    assert (count(store, ratings), count(store, article_feedback)) == (0, 1)


def test_the_audit_trail(store, settings):
    record_alone(store, "sign_in")
    store.clock.advance(8 * DAY_MS)
    kept = keep(settings, audit=7)
    assert kept.audit_days == 7 and settings.audit_days == settings.desk.audit_days
    assert run(store, kept) == {"audit": 1}
    assert [(entry.action, entry.detail) for entry in list_entries(store)] == [("expired", {"count": 1})]


def test_logs_that_were_put_aside(store, settings):
    folder = settings.var / "logs"
    folder.mkdir()
    now = store.clock() / 1000
    for name, days in {
        "web.log": 99,
        "web.log.1": 8,
        "rasa.log.1": 6,
        "web.log-20260101.gz": 9,
        "notes.txt": 99,
    }.items():
        (folder / name).write_text("a line")
        os.utime(folder / name, (now - days * 86_400,) * 2)
    (folder / "link.log.1").symlink_to(folder / "notes.txt")
    os.utime(folder / "link.log.1", (now, now), follow_symlinks=False)
    assert run(store, keep(settings, logs=7)) == {"logs": 2}
    left = {"link.log.1", "notes.txt", "rasa.log.1", "web.log"}
    assert {path.name for path in folder.iterdir()} == left


def test_a_dry_run_counts_the_same_and_deletes_nothing(store, settings):
    first = store.clock()
    for site in ("demo", "demo", "other"):
        begin(store, site)
    store.clock.advance(31 * DAY_MS)
    kept = keep(settings, conversations=30, sites={"other": {"conversations": 10}}, audit=5, logs=5)
    told = [(each.kind, each.where, each.days, each.count, each.oldest) for each in plan_retention(store, kept)]
    assert told == [
        ("conversations", "other sites", 30, 2, first),
        ("conversations", "other", 10, 1, first),
        ("audit", "the whole installation", 5, 0, None),
        ("logs", "the whole installation", 5, 0, None),
    ]
    assert count(store, messages) == 3
    assert run(store, kept) == {"conversations": 3}


def test_a_run_ends_between_two_steps_when_the_server_stops(store, settings):
    for _ in range(3):
        begin(store)
    store.clock.advance(31 * DAY_MS)
    stopping = threading.Event()
    stopping.set()
    assert RetentionRun(store, keep(settings, conversations=30), stopping, pause=0).run() == {}
    assert count(store, messages) == 3


def test_webhooks_hear_nothing_they_would_not_hear_of_another_deletion(store, settings):
    add_webhook(store, "https://x.example/hook", ("conversation.created",))
    begin(store)
    store.clock.advance(31 * DAY_MS)
    assert run(store, keep(settings, conversations=30)) == {"conversations": 1}


@pytest.mark.parametrize(
    ("zone", "hour", "runs"), [("", 3, True), ("", 12, False), ("America/New_York", 7, True), ("Asia/Tokyo", 3, False)]
)
def test_it_runs_at_night_in_the_desks_time_zone(store, settings, zone, hour, runs):
    conversation = begin(store)
    moment = datetime(2026, 1, 20, hour, 30, tzinfo=UTC)
    with store.write() as connection:
        connection.execute(update(conversations).values(created_at=1, updated_at=1))
    store.clock.now = round(moment.timestamp() * 1000)
    hours = settings.desk.hours.model_copy(update={"time_zone": zone or None})
    desk = settings.desk.model_copy(update={"hours": hours})
    RetentionTask(store, keep(settings, conversations=30).model_copy(update={"desk": desk}))._run_once()
    assert is_there(store, conversation) is not runs
