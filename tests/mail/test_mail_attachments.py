"""Files by e-mail, both ways: the same checks and the same storage as in the widget, and nothing too large sent."""

from __future__ import annotations

from base64 import encodebytes
from binascii import b2a_uu
from email import message_from_bytes, policy

import pytest
from sqlalchemy import func, select

from odziv.cases.mails.question import without_notes
from odziv.mail import attachments as module
from odziv.store import files as disk
from odziv.store.conversations.attachments import add_attachment, find_public_attachment
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.queue import list_states
from odziv.store.schema import attachments, conversations, mail_queue, mails
from odziv.texts.notices import notice
from odziv.web.file_kinds import is_heif
from tests.files import HTML, PDF, SVG, bomb, photo_of_several, photo_with_position, picture
from tests.mail.conftest import ANNA, MINUTE_MS, text_of, write_mail

NOT_A_KIND = "not received; only pictures and PDF can be sent"


def with_files(*files: tuple[str, bytes], text="See the picture.", subject="My order", **headers) -> bytes:
    mail = message_from_bytes(write_mail(text, subject, **headers), policy=policy.default)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def only_message(store) -> tuple[str, list[str]]:
    with store.read() as connection:
        [conversation_id] = connection.execute(select(conversations.c.id)).scalars()
    [message] = [m for m in list_messages(store, conversation_id) if m.sender == "customer"]
    return message.text, [shown["name"] for shown in message.attachments or ()]


def on_disk(store) -> int:
    return len(list(store.files.folder.glob("*"))) if store.files.folder.exists() else 0


def test_good_files_are_kept_and_the_text_is_the_customers_own(deliver, store):
    deliver(with_files(("čevelj.png", picture()), ("račun.PDF", PDF)))
    assert only_message(store) == ("My order\n\nSee the picture.", ["čevelj.png", "račun.PDF"])
    assert on_disk(store) == 2


def test_files_as_telephones_and_scanners_make_them_are_kept(deliver, store):
    padded = b"\x1b%-12345X@PJL\r\n" + PDF + b"\x00" * 6000
    files = ("IMG_1.JPG", photo_of_several(2, (320, 240))), ("IMG_2.JPG", picture("JPEG")[:-2]), ("SCAN.PDF", padded)
    deliver(with_files(*files))
    assert only_message(store) == ("My order\n\nSee the picture.", ["IMG_1.JPG", "IMG_2.JPG", "SCAN.PDF"])
    assert on_disk(store) == 3 and padded in {path.read_bytes() for path in store.files.folder.iterdir()}


def test_a_file_in_the_text_is_kept_and_none_of_the_question(deliver, services, store):
    lines = "".join(b2a_uu(PDF[place : place + 45]).decode() for place in range(0, len(PDF), 45))
    deliver(write_mail(f"Where is it?\n\nbegin 644 racun.pdf\n{lines}end\nbegin 644 x.docx\n{lines[:62]}end"))
    text, names = only_message(store)
    assert names == ["racun.pdf"] and "x.docx – not received" in text and "begin" not in text
    assert [call[2] for call in services.bot.calls] == ["My order: Where is it?"]


def test_a_photo_is_drawn_anew_without_the_place(deliver, store):
    deliver(with_files(("IMG_1.jpg", photo_with_position())))
    [kept] = store.files.folder.iterdir()
    assert b"SecretPhone" not in kept.read_bytes() and b"secret comment" not in kept.read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("../../etc/x.exe", b"MZ\x90\x00", NOT_A_KIND),
        ("photo.png", HTML, NOT_A_KIND),
        ("photo.svg", SVG, NOT_A_KIND),
        ("empty.pdf", b"", NOT_A_KIND),
        ("half.png", picture(size=(400, 400))[:200], "not received; the file is damaged"),
        ("half.pdf", b"%PDF-1.4", "not received; the file is damaged"),
        ("bomb.png", bomb(), "not received; the file is too large"),
        ("long.pdf", PDF + b" " * 70_000, "not received; the file is too large"),
    ],
)
@pytest.mark.slow
def test_what_is_refused_is_named_with_the_reason(deliver, store, services, name, data, why):
    limits = services.settings.limits.model_copy(update={"attachment_bytes": 65_536})
    services.settings = services.settings.model_copy(update={"limits": limits})
    deliver(with_files((name, data), ("good.png", picture())))
    shown = name.replace("/", "_")
    assert only_message(store) == (f"My order\n\nSee the picture.\n\n[{shown} – {why}]", ["good.png"])


def test_the_reason_is_in_the_customers_language(deliver, store, services):
    services.knowledge.detect_language = lambda said, **known: "sl"
    deliver(with_files(("x.exe", b"MZ")))
    assert only_message(store)[0].endswith("[x.exe – ni prejeto; pošljete lahko le slike in PDF]")


def test_more_files_than_a_mail_may_have_are_named_and_the_text_stays_short(deliver, store):
    deliver(with_files(*((f"{number}.png", picture()) for number in range(20)), text="a" * 5_000))
    text, names = only_message(store)
    assert names == [f"{number}.png" for number in range(module.MOST_IN_MAIL)]
    assert "[14.png – not received; there are more files" in text and text.endswith("[+ 5]")
    assert len(text) <= 4_000


def test_the_rest_of_a_full_conversation_is_refused(deliver, store, answered, offline, monkeypatch):
    monkeypatch.setattr("odziv.store.conversations.attachments.MOST_IN_CONVERSATION", 1)
    deliver(with_files(("1.png", picture()), ("2.png", picture()), References=answered["Message-ID"]))
    message = list_messages(store, offline.id)[-1]
    assert [shown["name"] for shown in message.attachments] == ["1.png"]
    assert "[2.png – not received; there are more files" in message.text


def test_with_a_full_disk_the_words_still_arrive(deliver, store, monkeypatch):
    monkeypatch.setattr(disk, "RESERVE_BYTES", 10**18)
    deliver(with_files(("1.png", picture())))
    text, names = only_message(store)
    assert names == [] and text.endswith("[1.png – not received; there is no room for files right now]")


def test_logos_of_a_signature_are_no_attachments_and_a_pasted_picture_is(deliver, store, monkeypatch):
    monkeypatch.setattr("odziv.mail.bodies.ORNAMENT_BYTES", 300)
    mail = with_files().replace(b"MIME-Version: 1.0\n", b"")
    head, _, _ = mail.partition(b"\n\n")
    head = b"\n".join(line for line in head.split(b"\n") if not line.lower().startswith(b"content-"))
    parts = [b"Content-Type: text/html\n\n<p>Look</p><img src=cid:logo><img src=cid:shot>"]
    for name, data in (("logo", picture(size=(8, 8))), ("shot", picture(size=(900, 900)))):
        parts.append(
            f'Content-Type: image/png; name="{name}.png"\nContent-ID: <{name}>\nContent-Disposition: inline\n'
            f"Content-Transfer-Encoding: base64\n\n".encode()
            + encodebytes(data)
        )
    body = b"\n".join(b"--x\n" + part for part in parts) + b"\n--x--\n"
    deliver(head + b'\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n' + body)
    assert only_message(store) == ("My order\n\nLook", ["shot.png"])


def test_files_without_a_word_get_the_same_answer_as_in_the_widget(deliver, store, services, smtp_server):
    deliver(with_files(("1.png", picture()), text="", subject=""))
    assert only_message(store) == ("", ["1.png"]) and services.bot.calls == []
    assert notice("cannot_see_files", "en", by_mail=True) in text_of(smtp_server.got[0])


def test_only_refused_files_are_named_all_the_same(deliver, store):
    deliver(with_files(("x.exe", b"MZ"), text="", subject=""))
    assert only_message(store) == (f"[x.exe – {NOT_A_KIND}]", [])


def test_a_file_that_was_cut_off_with_its_mail_counts_as_too_large(mail_service, store, services):
    raw = with_files(("long.pdf", PDF[:-6] + b"x" * 90_000 + b"%%EOF"))
    mail_service.inbound._take(raw[:20_000], 30_000_000)
    text, names = only_message(store)
    assert names == [] and "[long.pdf – not received; the file is too large]\n\n[… 30 MB]" in text


def test_files_of_a_machine_in_a_conversation_are_not_kept(deliver, store, answered):
    to_it = {"References": answered["Message-ID"], "Auto_Submitted": "auto-replied"}
    deliver(with_files(("1.png", picture()), **to_it))
    assert on_disk(store) == 0


BRANDS = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"]
CALLED = ["IMG_1.HEIC", "IMG_1.heif", "photo.jpg", "photo.png", "photo.avif", "photo"]
ADVICE = {
    "sl": "ni prejeto; slik HEIC in AVIF ne moremo odpreti. Sliko, prosimo, shranite kot JPEG",
    "hr": "nije primljeno; slike HEIC i AVIF ne možemo otvoriti. Molimo, spremite sliku kao JPEG",
    "pl": "nie odebrano; nie możemy otworzyć obrazów HEIC ani AVIF. Prosimy zapisać obraz jako JPEG",
    "en": "not received; we can’t open HEIC and AVIF pictures. Please save the picture as JPEG",
}


def heif(brand: bytes, compatible: bytes = b"mif1") -> bytes:
    """A picture as telephones keep them; only its beginning counts."""
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00" + compatible + b"miaf" + b"\x00" * 100


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLED)
def test_a_picture_of_a_telephone_gets_advice_whatever_it_is_called(deliver, store, name):
    deliver(with_files((name, heif(BRANDS[len(name) % len(BRANDS)]))))
    assert f"[{name} – {ADVICE['en']}" in only_message(store)[0]


@pytest.mark.parametrize("language", ADVICE)
def test_the_advice_is_in_the_customers_language_and_no_question(deliver, store, services, language):
    services.knowledge.detect_language = lambda said, **known: language
    deliver(with_files(("IMG_1.HEIC", heif(b"heic"))))
    assert f"[IMG_1.HEIC – {ADVICE[language]}" in only_message(store)[0]
    assert without_notes(only_message(store)[0]) == "My order\n\nSee the picture."


@pytest.mark.parametrize("brand", [*BRANDS, b"MiHE", b"heif"])
def test_each_brand_is_known_also_by_what_it_goes_with(brand):
    assert is_heif(heif(brand)) and is_heif(heif(brand)[:60])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\x00\x00\x18ftyp", heif(b"qt  ", b"qt  "), heif(b"isom", b"mp42"), heif(b"crx ", b"isom"),
        b"\xff\xff\xff\xffftypmp42" + b"mp41" * 5_000 + b"heic", b"ftypheic", picture(), PDF,
    ],
)  # fmt: skip
def test_films_and_others_are_none(data):
    assert not is_heif(data)


def test_a_crash_before_storing_leaves_no_file_and_the_next_look_stores_it(deliver, store, monkeypatch):
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("odziv.store.mail.inbound.add_customer_message", lambda *a, **more: 1 / 0)
        deliver(with_files(("1.png", picture())))
    assert on_disk(store) == 0
    deliver()
    assert only_message(store)[1] == ["1.png"] and on_disk(store) == 1


def test_the_widget_of_the_same_conversation_has_the_file(deliver, store, offline, answered, client, services):
    deliver(with_files(("1.png", picture()), References=answered["Message-ID"]))
    token = {"Authorization": "Bearer " + services.visitor_tokens.issue(offline.id, "demo")}
    log = client.get(f"/api/v1/conversations/{offline.id}/messages", headers=token).get_json()["messages"]
    [shown] = [m for m in log if m["sender"] == "customer"][-1]["attachments"]
    with client.get(shown["url"], headers=token) as got:
        assert (got.status_code, got.mimetype) == (200, "image/png")


def test_an_agents_files_go_with_the_reply(mail_service, smtp_server, store, clock, offline, answer, ana):
    pdf = add_attachment(store, offline.id, PDF, name="račun.pdf", type="application/pdf", agent_id=ana.id)
    shot = add_attachment(store, offline.id, picture(), name="shot.png", type="image/png", agent_id=ana.id, width=4)
    answer(offline.id, "Here is the invoice.", attachments=(pdf.id, shot.id))
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert text_of(mail).startswith("Here is the invoice.\n\nAttached: račun.pdf and shot.png\n\nAna")
    assert "<p>Attached: račun.pdf and shot.png</p>" in mail.get_body(("html",)).get_content()
    sent = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    assert sent == [("račun.pdf", "application/pdf", PDF), ("shot.png", "image/png", picture())]


def test_a_file_without_words_is_a_mail_too_and_a_notes_file_is_not(
    mail_service, smtp_server, store, clock, offline, answer, ana
):
    ids = [add_attachment(store, offline.id, PDF, name=n, type="application/pdf", agent_id=ana.id).id for n in "ab"]
    answer(offline.id, "", attachments=(ids[0],))
    answer(offline.id, "Only for us", attachments=(ids[1],), internal=True)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert text_of(mail).startswith("Attached: a\n\nAna") and len(list(mail.iter_attachments())) == 1


def test_what_is_too_large_for_a_mail_is_named_with_a_hint_and_agents_are_told(
    mail_service, smtp_server, store, clock, offline, answer, ana, monkeypatch
):
    monkeypatch.setattr(module, "MOST_SENT_BYTES", len(PDF) + 10)
    ids = [add_attachment(store, offline.id, PDF, name=n, type="application/pdf", agent_id=ana.id).id for n in "ab"]
    answer(offline.id, "Both.", attachments=tuple(ids))
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a"]
    assert "Attached: a\n\nToo large for e-mail: b. Please tell us" in text_of(mail)
    [entry] = [m for m in list_messages(store, offline.id, internal=True) if m.internal]
    assert entry.text == "Too large for the e-mail, which only names it to the customer: b"
    assert list_states(store, offline.id)[2].status == "sent"


def test_a_name_injects_no_header_and_no_html(mail_service, smtp_server, store, clock, offline, answer, ana):
    name = 'x"; filename="y<b>\r\nBcc: eve@elsewhere.example'
    odd = add_attachment(store, offline.id, PDF, name=name, type="application/pdf", agent_id=ana.id)
    answer(offline.id, "Here.", attachments=(odd.id,))
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert len(smtp_server.got) == 1 or list_states(store, offline.id)[2].status == "waiting"
    assert all(recipients == [ANNA] for _, recipients in smtp_server.envelopes)
    assert not any(mail["Bcc"] for mail in smtp_server.got)


def test_deleting_a_conversation_forgets_its_mails_and_files(deliver, store, answered, offline, answer, ana):
    deliver(with_files(("1.png", picture()), References=answered["Message-ID"]))
    mine = add_attachment(store, offline.id, PDF, name="a.pdf", type="application/pdf", agent_id=ana.id)
    answer(offline.id, "", attachments=(mine.id,))
    assert on_disk(store) == 2
    delete_conversation(store, offline.id)
    with store.read() as connection:
        for table in (attachments, mails, mail_queue):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, table.name
    assert on_disk(store) == 0 and find_public_attachment(store, offline.id, mine.id) is None
