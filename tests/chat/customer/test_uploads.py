"""Files of customers: what gets in, who gets it back, and what never happens."""

from __future__ import annotations

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from odziv.chat import uploads
from odziv.store import Store
from odziv.store import files as files_on_disk
from odziv.store.conversations import attachments as stored
from odziv.store.conversations.attachments import add_attachment, list_unknown_files, sweep_attachments
from odziv.store.conversations.conversation import change_owner, create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.files import ID
from odziv.store.handoffs.handoff import add_agent_message, list_queue
from odziv.store.migrate import migrate
from odziv.store.schema import attachments, messages, turns
from odziv.web.attachments import clean_name
from tests.files import PDF, REFUSED, bomb, form, photo_with_position, picture


def upload(visitor, data: bytes = b"", name: str = "tent.png", type: str = "image/png", **headers):
    body = form(data or picture(), name, type)
    return visitor.client.post(f"{visitor.path}/attachments", headers={**visitor.headers, **headers}, **body)


def sent(visitor, *datas: bytes, text: str = "", client_id: str = "c1"):
    """Uploads and sends; the message as the visitor sees it."""
    ids = [upload(visitor, data).get_json()["attachment"]["id"] for data in datas or (picture(),)]
    return visitor.say(text, client_id, attachments=ids).get_json()["message"]


def fetch(visitor, url: str, **headers):
    return visitor.client.get(url, headers={**visitor.headers, **headers}, buffered=True)


def error_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def date(store, name: str, seconds: float) -> None:
    """A file as if it had been written so many seconds from now."""
    moment = store.clock() / 1000 + seconds
    os.utime(store.files.folder / name, (moment, moment))


def on_disk(store) -> list[str]:
    return sorted(os.listdir(store.files.folder)) if store.files.folder.exists() else []


# ---- sending


def test_a_picture_is_kept_sent_and_fetched(visitor, store):
    answer = upload(visitor, picture(size=(40, 30)), "my tent.png")
    attachment = answer.get_json()["attachment"]
    assert answer.status_code == 201
    assert {k: attachment[k] for k in ("name", "type", "width", "height")} == {
        "name": "my tent.png",
        "type": "image/png",
        "width": 40,
        "height": 30,
    }
    message = visitor.say("Is this the right tent?", attachments=[attachment["id"]]).get_json()["message"]
    assert message["attachments"] == [attachment]
    assert visitor.messages()[0]["attachments"] == [attachment]
    served = fetch(visitor, attachment["url"])
    assert (served.status_code, len(served.data)) == (200, attachment["size"])
    assert on_disk(store) == [attachment["id"]]


def test_a_message_without_files_has_an_empty_list(visitor):
    assert visitor.say("hello").get_json()["message"]["attachments"] == []


def test_files_need_no_words_and_keep_their_order(visitor):
    message = sent(visitor, PDF, picture(), picture("JPEG"))
    assert message["text"] == message["html"] == ""
    assert [a["type"] for a in message["attachments"]] == ["application/pdf", "image/png", "image/jpeg"]


def test_a_message_with_neither_is_refused(visitor):
    assert error_of(visitor.say("", attachments=[])) == (422, "text_empty")


def test_a_repeat_gives_the_first_and_other_files_are_a_conflict(visitor):
    ids = [upload(visitor).get_json()["attachment"]["id"] for _ in range(2)]
    first = visitor.say("look", attachments=ids[:1])
    assert visitor.say("look", attachments=ids[:1]).get_json() == first.get_json()
    assert error_of(visitor.say("look", attachments=ids)) == (409, "conflict")
    assert error_of(visitor.say("look")) == (409, "conflict")
    assert len(visitor.messages()) == 1


def test_a_file_is_sent_once(visitor):
    attachment = sent(visitor)["attachments"][0]
    assert error_of(visitor.say("again", "c2", attachments=[attachment["id"]])) == (422, "attachment_unknown")
    assert len(visitor.messages()) == 1


def test_what_is_refused_leaves_no_message_and_no_number_behind(visitor, store):
    own = upload(visitor).get_json()["attachment"]["id"]
    assert error_of(visitor.say("x", attachments=[own, "0" * 32])) == (422, "attachment_unknown")
    assert error_of(visitor.say("x", attachments=[own, own])) == (422, "attachment_unknown")
    assert visitor.messages() == []
    assert visitor.say("x", attachments=[own]).get_json()["message"]["seq"] == 1


@pytest.mark.parametrize("ids", [["../../odziv.sqlite"], ["A" * 32], [5], "x", [None], ["0" * 32] * 6, [["a"]], {}])
def test_ids_that_are_none(visitor, ids):
    assert error_of(visitor.say("x", attachments=ids)) == (400, "bad_request")


# ---- what doesn't get in


@pytest.mark.slow
@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize(("name", "type"), [("a.png", "image/png"), ("a.pdf", "application/pdf")])
def test_only_the_content_counts(visitor, store, kind, name, type):
    answer = upload(visitor, REFUSED[kind] or b" ", name, type)
    assert error_of(answer) == (422, "attachment_type")
    assert on_disk(store) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (picture()[:-40], "attachment_damaged"),
        (picture("JPEG", (300, 300))[:200], "attachment_damaged"),
        (PDF[:-10], "attachment_damaged"),
        (b"GIF89a<script>alert(1)</script>", "attachment_damaged"),
        (bomb(), "picture_too_large"),
        (bomb(500, 500), "attachment_damaged"),
    ],
    ids=["png", "jpeg", "pdf", "script", "bomb", "lie"],
)
def test_damaged_and_monstrous_files(visitor, store, data, code):
    assert error_of(upload(visitor, data)) == (422, code)
    assert on_disk(store) == []


def test_a_type_that_was_lied_about_is_put_right(visitor):
    attachment = upload(visitor, picture("GIF"), "page.html", "text/html").get_json()["attachment"]
    assert (attachment["name"], attachment["type"]) == ("page.html.gif", "image/gif")


def test_a_photo_loses_where_it_was_taken(visitor, store):
    attachment = sent(visitor, photo_with_position())["attachments"][0]
    assert b"SecretPhone" not in fetch(visitor, attachment["url"]).data


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\Ana\\račun.png", "račun.png"),
        ("/etc/cron.d/x.PNG", "x.PNG"),
        ("tent\u202egnp.exe", "tentgnp.exe.png"),
        ("a\u200b\u2066b\x07.png", "ab.png"),
        ("r\u0308.png", "r̈.png"),
        ("...", "file.png"),
        (".png", "png.png"),
        ("  .. ", "file.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x=1.png"),
        ('x"; filename="evil.html', "x ; filename= evil.html.png"),
        ("č" * 300 + ".png", "č" * 96 + ".png"),
        ("photo.jpeg", "photo.jpeg.png"),
        ("<b>.png", "b.png"),
    ],
)
def test_names_are_only_names(given, kept):
    assert clean_name(given, "image/png") == kept
    assert len(kept) <= 100


@pytest.mark.parametrize("name", ["x\r\nSet-Cookie: a=1.png", "tent\u202egnp.png", "šotor 😀.png", '";x.png'])
def test_a_hostile_name_stays_inside_its_header(visitor, name):
    attachment = upload(visitor, PDF, name, "application/pdf").get_json()["attachment"]
    visitor.say("", attachments=[attachment["id"]])
    headers = fetch(visitor, attachment["url"]).headers
    assert "Set-Cookie" not in headers and headers["Content-Disposition"].startswith("attachment; filename")


# ---- how much


def test_a_file_that_is_too_large(visitor, services, store):
    most = services.settings.limits.attachment_bytes
    answer = upload(visitor, b"%PDF-" + b"0" * most)
    assert error_of(answer) == (413, "attachment_too_large")
    assert "10 MB" in answer.get_json()["error"]["message"]
    assert error_of(upload(visitor, b"%PDF-" + b"0" * (most + 50_000))) == (413, "attachment_too_large")
    assert on_disk(store) == []


def test_other_calls_keep_their_small_limit(visitor, services):
    answer = visitor.say("x" * (services.settings.limits.body_bytes + 1))
    assert error_of(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    "body",
    [{}, {"file": "text"}, {"other": (io.BytesIO(PDF), "a.pdf")}, b"not multipart", b""],
    ids=["nothing", "text", "another field", "not multipart", "empty"],
)
def test_uploads_that_are_none(visitor, body):
    answer = visitor.client.post(f"{visitor.path}/attachments", data=body, headers=visitor.headers)
    assert error_of(answer) == (400, "bad_request")


def test_two_files_at_once_are_refused(visitor):
    body = {"file": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")]}
    answer = visitor.client.post(f"{visitor.path}/attachments", data=body, headers=visitor.headers)
    assert error_of(answer) == (400, "bad_request")


def test_six_in_a_message_are_too_many(visitor):
    ids = [upload(visitor, PDF).get_json()["attachment"]["id"] for _ in range(6)]
    assert error_of(visitor.say("x", attachments=ids)) == (400, "bad_request")


@pytest.mark.parametrize(("limit", "value"), [("MOST_IN_CONVERSATION", 2), ("MOST_BYTES_IN_CONVERSATION", 250)])
def test_a_conversation_gets_full(visitor, open_conversation, store, monkeypatch, limit, value):
    monkeypatch.setattr(stored, limit, value)
    for _ in range(2):
        assert upload(visitor, PDF).status_code == 201
    assert error_of(upload(visitor, PDF + b"%" * 200 + b"%%EOF")) == (409, "too_many_attachments")
    assert len(on_disk(store)) == 2
    assert upload(open_conversation(), PDF).status_code == 201


def test_uploads_are_counted_by_the_minute(visitor, monkeypatch):
    monkeypatch.setattr(uploads, "PER_MINUTE_PER_VISITOR", 2)
    assert [upload(visitor, PDF).status_code for _ in range(3)] == [201, 201, 429]


def test_a_disk_that_is_nearly_full_takes_no_more(visitor, store, monkeypatch):
    monkeypatch.setattr(files_on_disk, "RESERVE_BYTES", 1 << 62)
    assert error_of(upload(visitor)) == (503, "busy")
    assert visitor.say("but words still get through").status_code == 201


# ---- who gets it


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_nothing_without_the_token(visitor, client, headers):
    url = sent(visitor)["attachments"][0]["url"]
    assert client.get(url, headers=headers).status_code == 401
    body = {"file": (io.BytesIO(PDF), "a.pdf")}
    assert client.post(f"{visitor.path}/attachments", data=body, headers=headers).status_code == 401


def test_anothers_file_can_be_neither_fetched_nor_sent(visitor, open_conversation):
    other, attachment = open_conversation(), upload(visitor).get_json()["attachment"]
    assert error_of(other.say("x", attachments=[attachment["id"]])) == (422, "attachment_unknown")
    visitor.say("mine", attachments=[attachment["id"]])
    assert error_of(fetch(other, attachment["url"])) == (404, "not_found")
    assert error_of(fetch(other, f"{other.path}/attachments/{attachment['id']}")) == (404, "not_found")


def test_what_agents_keep_among_themselves_is_not_the_customers(visitor, store, ana):
    with store.write() as connection:
        change_owner(connection, visitor.id, "open", agent_id=ana.id)
    kept = {}
    for internal in (True, False):
        kept[internal] = stored.add_attachment(
            store, visitor.id, PDF, name="a.pdf", type="application/pdf", agent_id=ana.id
        )
        draft = NewMessage("agent", "x", "", agent_id=ana.id, internal=internal, attachments=(kept[internal].id,))
        assert add_agent_message(store, visitor.id, ana.id, draft)
    unsent = stored.add_attachment(store, visitor.id, PDF, name="a.pdf", type="application/pdf", agent_id=ana.id)
    statuses = [
        fetch(visitor, f"{visitor.path}/attachments/{a.id}").status_code for a in (kept[True], unsent, kept[False])
    ]
    assert statuses == [404, 404, 200]
    assert error_of(visitor.say("x", attachments=[unsent.id])) == (422, "attachment_unknown")


@pytest.mark.parametrize("path", ["..%2f..%2fodziv.sqlite", "%2e%2e", "odziv.sqlite", "x" * 300, "\u202e"])
def test_no_path_leads_out_of_the_folder(visitor, path):
    assert fetch(visitor, f"{visitor.path}/attachments/{path}").status_code == 404


# ---- how it is served


@pytest.mark.parametrize(
    ("data", "type", "disposition"),
    [
        (picture(), "image/png", "inline"),
        (picture("WEBP"), "image/webp", "inline"),
        (PDF, "application/pdf", "attachment"),
    ],
    ids=["png", "webp", "pdf"],
)
def test_it_is_served_so_that_no_script_can_run(visitor, data, type, disposition):
    headers = fetch(visitor, sent(visitor, data)["attachments"][0]["url"]).headers
    assert headers["Content-Type"] == type
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].split(";")[0] == disposition
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_the_shops_page_may_read_it_and_another_may_not(visitor):
    url = sent(visitor)["attachments"][0]["url"]
    assert (
        fetch(visitor, url, Origin="https://shop.example").headers["Access-Control-Allow-Origin"]
        == "https://shop.example"
    )
    assert fetch(visitor, url, Origin="https://evil.example").status_code == 403


# ---- when it goes


def test_it_goes_with_its_conversation(visitor, open_conversation, store):
    url, other = sent(visitor)["attachments"][0]["url"], open_conversation()
    upload(visitor)
    kept = sent(other)["attachments"][0]["id"]
    delete_conversation(store, visitor.id)
    assert on_disk(store) == [kept]
    assert fetch(visitor, url).status_code == 404
    assert error_of(upload(visitor)) == (404, "not_found")
    assert on_disk(store) == [kept]


def test_a_conversation_deleted_during_the_upload_keeps_no_file(visitor, store, monkeypatch):
    save = store.files.save

    def save_late(data: bytes) -> str:
        file_id = save(data)
        delete_conversation(store, visitor.id)
        return file_id

    monkeypatch.setattr(store.files, "save", save_late)
    assert error_of(upload(visitor)) == (404, "not_found")
    assert on_disk(store) == []


def test_a_look_sweeps_what_nobody_sent(visitor, store, monkeypatch):
    attachment = sent(visitor)["attachments"][0]["id"]
    fresh = upload(visitor).get_json()["attachment"]["id"]
    assert sweep_attachments(store) == 0
    monkeypatch.setattr(stored, "UNSENT_MS", -1000)
    assert sweep_attachments(store) == 1
    assert on_disk(store) == [attachment]
    assert error_of(visitor.say("late", "c2", attachments=[fresh])) == (422, "attachment_unknown")


class Killed(BaseException):
    """Stands for a process that ends at this very place."""


def die(*_args, **_more) -> None:
    raise Killed


def restarted(store: Store) -> Store:
    """What the next process has of it."""
    return Store(str(store.url), clock=store.clock, files=store.files.folder)


@pytest.mark.parametrize("killed_at", ["_insert", "write_file"])
def test_a_file_whose_row_was_never_written_goes_after_an_hour(visitor, store, clock, monkeypatch, killed_at):
    kept = sent(visitor)["attachments"][0]["id"]
    with monkeypatch.context() as patch:
        patch.setattr(store.files, "remove", die)  # a killed process tidies up nothing
        if killed_at == "_insert":
            patch.setattr(stored, "_insert", die)
        else:
            patch.setattr(store.files, "_sync", die)
        with pytest.raises(Killed):
            upload(visitor)
    for path in store.files.folder.rglob("*"):
        os.utime(path, (time.time(), time.time()))  # the disk knows no other day than today
    again = restarted(store)
    assert sweep_attachments(again) == 0  # another process may just be writing it
    clock.now = max(clock.now, round(time.time() * 1000)) + 3_700_000
    assert sweep_attachments(again) == 1 and on_disk(store) == [kept]
    again.close()


def test_a_file_whose_row_was_just_written_stays(visitor, store, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store.files, "settle", die)
        with pytest.raises(Killed):
            upload(visitor)
    again = restarted(store)
    clock.now = round(time.time() * 1000) + 3_700_000
    assert sweep_attachments(again) == 0
    assert [ID.fullmatch(name) is not None for name in on_disk(store)] == [True]
    again.close()


def test_a_deletion_that_was_cut_short_is_finished(visitor, open_conversation, store, monkeypatch):
    other = open_conversation()
    kept = sent(other)["attachments"][0]["id"]
    sent(visitor)
    with monkeypatch.context() as patch:
        patch.setattr(store.files, "remove", die)
        with pytest.raises(Killed):
            delete_conversation(store, visitor.id)
    assert len(on_disk(store)) > 2
    again = restarted(store)
    assert sweep_attachments(again) == 1 and on_disk(store) == [kept]
    again.close()


def test_a_deletion_that_came_to_nothing_deletes_nothing(visitor, store, monkeypatch):
    attachment = sent(visitor)["attachments"][0]["id"]
    with monkeypatch.context() as patch:
        patch.setattr("odziv.store.conversations.conversation.record", die)  # before the commit
        with pytest.raises(Killed):
            delete_conversation(store, visitor.id)
    assert sweep_attachments(store) == 0 and on_disk(store) == [attachment]


@pytest.mark.slow
def test_a_look_in_the_middle_of_uploads_and_deletions_takes_and_leaves_nothing(store, tmp_path):
    (tmp_path / "now").touch()
    store.clock.now = (tmp_path / "now").stat().st_mtime_ns // 1_000_000  # the disk's, on whatever day the tests are
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            sweep_attachments(store)

    def come_and_go(number: int) -> None:
        for turn in range(15):
            conversation = create_conversation(store, "demo", "en")
            add_attachment(store, conversation.id, PDF, name=f"{number}-{turn}.pdf", type="application/pdf")
            if turn % 2:
                delete_conversation(store, conversation.id)

    with ThreadPoolExecutor(6) as pool:
        looks = [pool.submit(look) for _ in range(2)]
        for work in [pool.submit(come_and_go, number) for number in range(4)]:
            work.result()
        ended.set()
        for each in looks:
            each.result()
    with store.read() as connection:
        known = sorted(connection.execute(select(attachments.c.id)).scalars())
    assert on_disk(store) == known and len(known) == 4 * 8


STRANGE = ["f" * 32, ".half", "notes.txt", f".{'f' * 31}", ".gone", f"{'a' * 32}.gone", f".{'a' * 32}.bak"]


@pytest.mark.slow
def test_what_another_database_knows_stays_whatever_the_clocks_say(visitor, store, clock, settings):
    sent(visitor)
    for name in STRANGE:
        (store.files.folder / name).write_bytes(b"somebody's")
        date(store, name, -60)
    everything = on_disk(store)
    other = Store(f"sqlite:///{settings.var / 'older.sqlite'}", clock=clock, files=store.files.folder)
    migrate(other)
    conversation = create_conversation(other, "demo", "en")
    for shift in (0, -400 * 86_400_000, 800 * 86_400_000):
        clock.advance(shift)
        add_customer_message(other, conversation.id, f"c{shift}", "Halo?", "<p>Halo?</p>")
        assert sweep_attachments(other) == 0
    assert on_disk(store) == everything
    assert sorted(list_unknown_files(store)) == ["f" * 32]
    assert len(list_unknown_files(other)) == 2
    other.close()


def test_a_start_with_a_backup_leaves_what_came_after_it(visitor, store):
    visitor.say("before the backup")
    attachment = sent(visitor, client_id="c2")["attachments"][0]["id"]
    date(store, attachment, 60)
    with store.write() as connection:  # the backup knows the conversation and its first message
        connection.execute(delete(attachments))
        connection.execute(delete(turns).where(turns.c.seq > 1))
        connection.execute(delete(messages).where(messages.c.seq > 1))
    assert sweep_attachments(store) == 0 and on_disk(store) == [attachment]


def test_uploading_clears_what_was_never_sent_before(visitor, store, monkeypatch):
    upload(visitor)
    monkeypatch.setattr(stored, "UNSENT_MS", -1000)
    newest = upload(visitor).get_json()["attachment"]["id"]
    assert on_disk(store) == [newest]


# ---- what the bot says


@pytest.mark.slow
@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_the_bot_says_that_it_cant_look_and_offers_a_person(open_conversation, run_turns, services, store, language):
    visitor = open_conversation(language=language)
    sent(visitor)
    run_turns()
    own, answer = visitor.messages()
    assert (answer["sender"], [b["kind"] for b in answer["buttons"]]) == ("bot", ["human"])
    assert services.bot.calls == [] and visitor.log()["conversation"]["language"] == language
    visitor.press(2, 0, answer["buttons"][0]["title"])
    run_turns()
    assert [h.conversation_id for h in list_queue(store)] == [visitor.id]
    assert [m.reply_to for m in list_messages(store, visitor.id)] == [None, 1, None, 3]


def test_with_words_the_words_are_answered(visitor, run_turns, services):
    sent(visitor, text="How do I return this?")
    run_turns()
    assert services.bot.calls == [("ask", f"{visitor.id}-0", "How do I return this?", "en")]
    assert len(visitor.messages()) == 2


def test_three_in_a_row_get_one_reaction_each(visitor, run_turns, store):
    for number in range(3):
        sent(visitor, client_id=f"c{number}")
    run_turns()
    assert sorted(m.reply_to for m in list_messages(store, visitor.id) if m.sender == "bot") == [1, 2, 3]


def test_a_person_has_it_and_the_bot_is_silent(visitor, run_turns, store, ana):
    with store.write() as connection:
        change_owner(connection, visitor.id, "open", agent_id=ana.id)
    sent(visitor)
    run_turns()
    assert [m["sender"] for m in visitor.messages()] == ["customer"]
