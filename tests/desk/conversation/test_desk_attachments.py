"""Files at the desk: sent up, sent with a reply or a note, opened by agents and by nobody else."""

from __future__ import annotations

import re

import pytest

from odziv.desk.frame import roles
from odziv.store.conversations.attachments import MOST_IN_MESSAGE, add_attachment
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.files import FilesAway
from tests.desk.conftest import csrf_of, hand_off
from tests.files import HTML, PDF, REFUSED, form, photo_of_several, picture


def upload(person, conversation, data: bytes = b"", name: str = "tent.png", token: str | None = None):
    headers = {"HX-Request": "true", "X-CSRFToken": csrf_of(person.client) if token is None else token}
    path = f"{conversation.path}/attachments"
    return person.client.post(path, headers=headers, **form(data or picture(), name, "image/png"))


def open_file(person, url: str):
    return person.client.get(url, buffered=True)


def customers_file(store, conversation, data: bytes = PDF, name: str = "račun.pdf", type: str = "application/pdf"):
    attachment = add_attachment(store, conversation.id, data, name=name, type=type)
    add_customer_message(store, conversation.id, "f1", "", "", attachments=(attachment.id,))
    return attachment


def test_a_reply_goes_out_with_its_files(ana, taken, store):
    ids = [upload(ana, taken, data).get_json()["id"] for data in (picture(), PDF)]
    page = ana.post_fragment(f"{taken.path}/messages", text="Izvolite.", kind="reply", client_id="x", attachment=ids)
    assert page.status_code == 200
    message = list_messages(store, taken.id)[-1]
    assert (message.sender, message.text, message.attachment_ids) == ("agent", "Izvolite.", ids)
    shown = page.get_data(as_text=True)
    assert f"{taken.path}/attachments/{ids[0]}" in shown and 'width="40" height="30"' in shown


ODD_BUT_WHOLE = {
    "a telephone's photo, with a second picture in it": (photo_of_several(2, (320, 240)), "image/jpeg"),
    "a scan with bytes before it and zeros after": (b"\x1b%-12345X@PJL\r\n" + PDF + b"\x00" * 6000, "application/pdf"),
}


@pytest.mark.parametrize(("data", "type"), ODD_BUT_WHOLE.values(), ids=ODD_BUT_WHOLE)
def test_what_telephones_and_scanners_make_is_sent_like_any_other(ana, taken, store, data, type):
    file = upload(ana, taken, data, "from a device").get_json()
    assert ana.post(f"{taken.path}/messages", kind="reply", attachment=file["id"]).status_code == 303
    assert list_messages(store, taken.id)[-1].attachment_ids == [file["id"]]
    opened = open_file(ana, f"{taken.path}/attachments/{file['id']}")
    assert (opened.status_code, opened.mimetype) == (200, type) and opened.data[-400:] == data[-400:]


def test_a_file_needs_no_words_and_words_no_file(ana, taken, store):
    file_id = upload(ana, taken).get_json()["id"]
    assert ana.post(f"{taken.path}/messages", kind="reply", attachment=file_id).status_code == 303
    assert list_messages(store, taken.id)[-1].attachment_ids == [file_id]
    assert ana.post(f"{taken.path}/messages", kind="reply").status_code == 400


def test_a_repeat_is_harmless_and_other_files_under_its_id_are_refused(ana, taken, store):
    one, two = (upload(ana, taken).get_json()["id"] for _ in range(2))
    before = len(list_messages(store, taken.id))
    for _ in range(2):
        answer = ana.post(f"{taken.path}/messages", text="x", kind="reply", client_id="c", attachment=one)
        assert answer.status_code == 303
    assert len(list_messages(store, taken.id)) == before + 1
    assert ana.post(f"{taken.path}/messages", text="x", kind="reply", client_id="c", attachment=two).status_code == 409


def test_a_colleagues_upload_is_neither_sent_nor_seen_by_another(ana, marek, taken, store):
    file = upload(marek, taken).get_json()
    answer = ana.post_fragment(f"{taken.path}/messages", text="x", kind="reply", attachment=file["id"])
    assert answer.status_code == 409 and "attach it again" in answer.get_data(as_text=True)
    assert [open_file(person, file["url"]).status_code for person in (ana, marek)] == [404, 200]


@pytest.mark.parametrize("ids", [["x"], ["../../secrets/session"], ["0" * 32], ["0" * 32] * (MOST_IN_MESSAGE + 1)])
def test_ids_that_are_none(ana, taken, store, ids):
    before = len(list_messages(store, taken.id))
    assert ana.post(f"{taken.path}/messages", text="x", kind="reply", attachment=ids).status_code in {409, 422}
    assert len(list_messages(store, taken.id)) == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", REFUSED)
def test_only_pictures_and_pdf(ana, taken, kind):
    answer = upload(ana, taken, REFUSED[kind] or b" ")
    assert answer.status_code == 422 and "nothing else" in answer.get_data(as_text=True)


def test_what_is_too_large_is_refused_in_words(ana, taken, settings):
    most = settings.limits.attachment_bytes
    for size in (most, most + 100_000):
        assert upload(ana, taken, b"%PDF-" + b"0" * size).status_code == 413


def test_a_large_file_within_the_limit_gets_in(ana, taken, settings):
    assert upload(ana, taken, PDF + b"%" * 3_000_000 + b"%%EOF").status_code == 201


def test_while_files_can_not_be_kept_or_read_it_says_so(ana, taken, store, monkeypatch):
    url = upload(ana, taken).get_json()["url"]

    def fail(*_arguments: object) -> None:
        raise FilesAway("the store of attachments says SlowDown")

    monkeypatch.setattr(store.files, "save", fail)
    monkeypatch.setattr(store.files, "at_hand", fail)
    for answer in (upload(ana, taken), open_file(ana, url)):
        assert answer.status_code == 503 and "messages without them can" in answer.get_data(as_text=True)
        assert "SlowDown" not in answer.get_data(as_text=True)


def test_nothing_without_token_or_session(app, ana, taken, store):
    assert upload(ana, taken, token="wrong").status_code == 400
    attachment = customers_file(store, taken)
    assert app.test_client().get(f"{taken.path}/attachments/{attachment.id}").status_code == 303
    assert app.test_client().post(f"{taken.path}/attachments", **form(PDF, "a", "b")).status_code in {303, 400}


def test_an_unknown_conversation(ana, waiting, store):
    delete_conversation(store, waiting.id)
    assert upload(ana, waiting).status_code == 404


def test_a_file_of_another_conversation_is_not_here(ana, taken, store):
    attachment, other = customers_file(store, taken), hand_off(store, "Drugi")
    assert open_file(ana, f"{taken.path}/attachments/{attachment.id}").status_code == 200
    assert open_file(ana, f"{other.path}/attachments/{attachment.id}").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_a_404(ana, taken, store):
    attachment = customers_file(store, taken)
    store.files.remove([attachment.id])
    assert open_file(ana, f"{taken.path}/attachments/{attachment.id}").status_code == 404


def test_it_is_served_under_a_policy_of_its_own(ana, taken, store):
    attachment = customers_file(store, taken)
    headers = open_file(ana, f"{taken.path}/attachments/{attachment.id}").headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["X-Content-Type-Options"] == "nosniff" and "no-store" in headers["Cache-Control"]
    assert "script-src 'self'" in ana.get("/desk/queue").headers["Content-Security-Policy"]


def test_a_name_is_text_on_the_page(ana, taken, store):
    customers_file(store, taken, name=HTML.decode()[:100])
    page = ana.get(taken.path).get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_card_says_when_there_are_only_files(ana, waiting, store):
    customers_file(store, waiting)
    assert "Sent a file" in ana.get("/desk/queue").get_data(as_text=True)


def test_every_agent_may(app):
    assert roles.desk_routes.needs["upload_attachment"] == roles.desk_routes.needs["show_attachment"] == roles.AGENT


def test_the_page_says_how_many_files_go_with_a_reply_and_how_large(ana, taken):
    page = ana.get(taken.path).text
    assert f'data-most="{MOST_IN_MESSAGE}"' in page and re.search(r'data-bytes="[1-9][0-9]+"', page)
