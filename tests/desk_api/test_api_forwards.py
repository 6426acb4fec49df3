"""E-mails to somebody outside about a conversation, as programs send them."""

from __future__ import annotations

import pytest

from odziv.cases.mails.forward import FORWARDED_PER_HOUR
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.side import list_side_mails
from tests.desk.conftest import hand_off
from tests.fixtures import with_mail

MAIL = {"client_id": "c1", "to": "ivo@supplier.example", "subject": "Order 4711", "text": "Has it left?"}


@pytest.fixture
def settings(settings):
    return with_mail(settings)


@pytest.fixture(autouse=True)
def mail_domain(store):
    store.mail_domain = "smreka.example"


@pytest.fixture
def path(store) -> str:
    return f"/conversations/{hand_off(store, 'Where is my parcel?', 'en').id}/forwards"


def test_it_is_passed_on_once_with_what_the_customer_can_read(ana, store, path):
    answers = [ana.post(path, MAIL) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    forward = answers[0].get_json()["forward"]
    assert forward == answers[1].get_json()["forward"]
    assert (forward["address"], forward["subject"], forward["agent_id"]) == (MAIL["to"], "Order 4711", ana.agent.id)
    assert "Where is my parcel?" in forward["passed_on"]
    assert ana.get(path).get_json()["forwards"] == [forward]
    conversation = path.split("/")[2]
    assert "Has it left?" not in [message.text for message in list_messages(store, conversation)]


def test_it_can_be_less_and_go_on_in_its_thread(ana, path):
    first = ana.post(path, MAIL | {"passed_on": "Parcel 4711"}).get_json()["forward"]
    assert first["passed_on"] == "Parcel 4711"
    more = {"client_id": "c2", "text": "And now?", "thread": first["thread"]}
    second = ana.post(path, more).get_json()["forward"]
    assert (second["address"], second["subject"], second["passed_on"]) == (first["address"], first["subject"], "")


def test_it_is_taken_back_while_it_waits_and_by_who_wrote_it(ana, marek, store, path):
    seq = ana.post(path, MAIL).get_json()["forward"]["seq"]
    assert marek.call("DELETE", f"{path}/{seq}").status_code == 409
    assert ana.call("DELETE", f"{path}/{seq}").status_code == 204
    assert list_side_mails(store, path.split("/")[2])[seq].status == "undone"
    assert ana.call("DELETE", f"{path}/999").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"to": None}, 422),
        ({"to": "help@smreka.example"}, 422),
        ({"to": "a@x.example, b@x.example"}, 400),
        ({"subject": None}, 422),
        ({"subject": "x" * 201}, 400),
        ({"text": "\u200b"}, 400),
        ({"passed_on": "x" * 100_001}, 400),
        ({"attachments": ["0" * 32]}, 422),
        ({"attachments": ["../../etc/passwd"]}, 400),
        ({"thread": "x"}, 400),
        ({"client_id": "a b"}, 400),
        ({"status": "sent"}, 400),
    ],
)
def test_what_can_not_be_is_refused(ana, path, wrong, status):
    assert ana.post(path, MAIL | wrong).status_code == status
    assert ana.get(path).get_json()["forwards"] == []


def test_a_thread_of_another_conversation_is_none_here(ana, store, path):
    thread = ana.post(path, MAIL).get_json()["forward"]["thread"]
    other = f"/conversations/{hand_off(store, 'Other').id}/forwards"
    assert ana.post(other, {"client_id": "c", "text": "Hello", "thread": thread}).status_code == 422
    assert ana.get("/conversations/none/forwards").status_code == 404


def test_so_many_in_an_hour_and_no_more(ana, path):
    answers = [ana.post(path, MAIL).status_code for _ in range(FORWARDED_PER_HOUR + 1)]
    assert answers == [201] * FORWARDED_PER_HOUR + [429]
