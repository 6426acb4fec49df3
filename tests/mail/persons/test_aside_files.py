"""Files of mails that are put aside: shown before, there afterwards as any mail's, and gone when the mail goes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.cases.conversations.aside import make_conversation
from odziv.mail import attachments as module
from odziv.store import files as disk
from odziv.store.conversations.attachments import find_public_attachment, list_unknown_files, sweep_attachments
from odziv.store.conversations.messages import list_messages
from odziv.store.engine import DAY_MS
from odziv.store.mail.aside import count_aside, find_aside, list_aside
from odziv.store.mail.inbound import STRAY_DAYS, find_original, remove_strays
from odziv.store.schema import mails
from tests.files import HTML, PDF, bomb, photo_with_position, picture
from tests.mail.conftest import OURS
from tests.mail.test_mail_attachments import NOT_A_KIND, on_disk, with_files

HEIC = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + b"\x00" * 500
# How such a mail may come: each is put aside, for another reason.
WAYS = {
    "bulk": {"Precedence": "bulk"},
    "automatic": {"Auto_Submitted": "auto-replied"},
    "no sender": {"From": "nobody"},
    "a machine": {"From": "no-reply@forms.example"},
    "ours": {"From": OURS},
    "an empty return path": {"Return_Path": "<>"},
}


@pytest.fixture
def press(store, services, ana):
    """Makes a conversation of the only mail that is put aside; returns the customer's message."""

    def press():
        [aside] = list_aside(store)
        found, _ = make_conversation(store, services.settings, services.knowledge, ana, aside.id)
        return next(m for m in list_messages(store, found) if m.sender == "customer")

    return press


@pytest.mark.slow
@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
def test_they_are_there_as_if_it_had_come_in_the_ordinary_way(deliver, store, press, headers):
    deliver(with_files(("čevelj.png", picture()), ("račun.PDF", PDF), ("x.exe", b"MZ"), **headers))
    assert count_aside(store) == 1 and on_disk(store) == 2
    message = press()
    assert [shown["name"] for shown in message.attachments] == ["čevelj.png", "račun.PDF"]
    assert message.text.endswith(f"[x.exe – {NOT_A_KIND}]") and "račun" not in message.text
    for shown in message.attachments:
        kept = find_public_attachment(store, message.conversation_id, shown["id"])
        assert kept.seq == message.seq and store.files.path(kept.id).stat().st_size == kept.size
    original = find_original(store, message.conversation_id, message.seq)
    assert set(original.attachments) == {"čevelj.png", "račun.PDF", "x.exe"}
    assert list_unknown_files(store) == [] and on_disk(store) == 2


REFUSED = {
    "photo.png": (HTML, NOT_A_KIND),
    "empty.pdf": (b"", NOT_A_KIND),
    "half.png": (picture(size=(400, 400))[:200], "not received; the file is damaged"),
    "bomb.png": (bomb(), "not received; the file is too large"),
    "long.pdf": (PDF + b" " * 70_000, "not received; the file is too large"),
    "IMG_7.HEIC": (HEIC, "save the picture as JPEG, or send a screenshot of it"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named_with_the_reason_before_and_after(deliver, store, services, press, name):
    limits = services.settings.limits.model_copy(update={"attachment_bytes": 65_536})
    services.settings = services.settings.model_copy(update={"limits": limits})
    data, why = REFUSED[name]
    deliver(with_files((name, data), ("good.png", picture()), Precedence="bulk"))
    kept, refused = find_aside(store, list_aside(store)[0].id).files
    assert (kept.name, kept.type, kept.why) == ("good.png", "image/png", None) and kept.size
    assert (refused.name, refused.type) == (name, None) and refused.why
    message = press()
    assert f"[{name} – " in message.text and why in message.text
    assert [shown["name"] for shown in message.attachments] == ["good.png"]


def test_a_mail_of_files_alone_is_its_files(deliver, press):
    deliver(with_files(("1.png", picture()), text="", subject="", Precedence="bulk"))
    message = press()
    assert message.text == "" and [shown["name"] for shown in message.attachments] == ["1.png"]


def test_a_photo_is_drawn_anew_and_nothing_else_of_it_is_kept(deliver, store, settings):
    deliver(with_files(("IMG_1.jpg", photo_with_position()), Precedence="bulk"))
    [kept] = store.files.folder.iterdir()
    assert b"SecretPhone" not in kept.read_bytes()


def test_more_than_a_mail_may_have_are_named(deliver, press):
    deliver(with_files(*((f"{number}.png", picture()) for number in range(20)), Precedence="bulk"))
    message = press()
    assert len(message.attachments) == module.MOST_IN_MAIL and message.text.endswith("[+ 5]")


def test_machines_fill_no_disk(deliver, store, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES_ASIDE", len(PDF) + 10)
    for number in range(3):
        deliver(with_files(("plan.pdf", PDF), subject=f"{number}", Precedence="bulk"))
    assert on_disk(store) == 1 and count_aside(store) == 3
    assert [file.why for mail in list_aside(store) for file in mail.files] == ["file_too_many"] * 2 + [None]


def test_with_a_full_disk_the_mail_is_there_and_says_so(deliver, store, press, monkeypatch):
    monkeypatch.setattr(disk, "RESERVE_BYTES", 10**18)
    deliver(with_files(("1.png", picture()), Precedence="bulk"))
    assert press().text.endswith("[1.png – not received; there is no room for files right now]")


def test_a_crash_before_storing_leaves_no_file_and_the_next_look_stores_it(deliver, store, monkeypatch):
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("odziv.store.mail.inbound.keep_row", lambda *a, **more: 1 / 0)
        deliver(with_files(("1.png", picture()), Precedence="bulk"))
    assert on_disk(store) == 0 and count_aside(store) == 0
    deliver()
    assert on_disk(store) == 1 and count_aside(store) == 1


def test_a_crash_while_it_is_opened_leaves_it_aside_with_its_files(deliver, store, press, monkeypatch):
    deliver(with_files(("1.png", picture()), Precedence="bulk"))
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("odziv.store.mail.aside.add_handoff", lambda *a, **more: 1 / 0)
        press()
    assert count_aside(store) == 1 and on_disk(store) == 1
    assert [shown["name"] for shown in press().attachments] == ["1.png"]


def test_no_sweep_touches_them_and_they_go_with_their_mail(deliver, store):
    deliver(with_files(("1.png", picture()), Precedence="bulk"))
    store.clock.advance((STRAY_DAYS - 1) * DAY_MS)
    assert sweep_attachments(store) == 0 and remove_strays(store) == 0 and list_unknown_files(store) == []
    assert on_disk(store) == 1
    store.clock.advance(2 * DAY_MS)
    assert remove_strays(store) == 1 and on_disk(store) == 0


def test_killed_between_row_and_file_the_next_start_removes_the_file(deliver, store, monkeypatch):
    deliver(with_files(("1.png", picture()), Precedence="bulk"))
    store.clock.advance((STRAY_DAYS + 1) * DAY_MS)
    with monkeypatch.context() as killed, pytest.raises(ZeroDivisionError):
        killed.setattr(store.files, "remove", lambda ids: 1 / 0)
        remove_strays(store)
    assert count_aside(store) == 0 and sweep_attachments(store) == 1 and on_disk(store) == 0


def test_the_same_mail_once_more_brings_no_second_file(deliver, store):
    mail = with_files(("1.png", picture()), Precedence="bulk")
    deliver(mail, mail)
    deliver(mail)
    assert on_disk(store) == 1


def test_mails_that_an_earlier_version_put_aside_can_be_opened(deliver, store, press):
    deliver(with_files(("1.png", b"MZ"), Precedence="bulk"))
    with store.write() as connection:
        connection.execute(mails.update().values(attachments=["plan.pdf"]))
    [file] = list_aside(store)[0].files
    assert (file.name, file.type, file.why) == ("plan.pdf", None, None)
    assert press().text.endswith("\n\n[plan.pdf]")
    with store.read() as connection:
        assert connection.execute(select(mails.c.attachments)).scalar_one() == ["plan.pdf"]
