"""How a customer leaves an address: in the form, or as an answer. And what is no address."""

from __future__ import annotations

import json

import pytest

from odziv.cases.customers.contact_address import find_email
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.handoffs.handoff import claim, list_queue
from odziv.texts.notices import notice
from tests.fakes import HAND_OFF
from tests.fixtures import set_contact, with_mail


@pytest.fixture
def settings(settings):
    """Mail goes out: else nobody is asked for an address."""
    return with_mail(settings)


@pytest.fixture
def asked(visitor, services, run_turns):
    """A customer who was handed off while nobody is there."""
    services.bot.says = HAND_OFF
    visitor.say("A person, please.", "c0")
    run_turns()
    assert visitor.log()["conversation"]["wait"]["asks_email"]
    return visitor


def leave(visitor, **body):
    return visitor.client.post(f"{visitor.path}/contact", json=body, headers=visitor.headers)


def confirmations(store, visitor) -> list[str]:
    return [m.text for m in list_messages(store, visitor.id) if m.sender == "system"][1:]


def test_the_form_is_kept_confirmed_and_asked_no_more(asked, store):
    answer = leave(asked, email=" Ana@Smreka.Example ", name=" Ana  Kovač\n")
    assert answer.status_code == 200 and not answer.get_json()["conversation"]["wait"]["asks_email"]
    kept = find_conversation(store, asked.id)
    assert (kept.email, kept.name, kept.verified) == ("Ana@smreka.example", "Ana Kovač", False)
    assert confirmations(store, asked) == [notice("email_kept", "en", email="Ana@smreka.example")]


def test_the_same_again_is_confirmed_once_and_a_correction_again(asked, store):
    for email in ("ana@smreka.example", "ana@smreka.example", "ana.kovac@smreka.example"):
        assert leave(asked, email=email).status_code == 200
    assert len(confirmations(store, asked)) == 2
    assert find_conversation(store, asked.id).email == "ana.kovac@smreka.example"


def test_who_declines_is_asked_no_more_and_nothing_is_said(asked, store):
    assert not leave(asked, email=None).get_json()["conversation"]["wait"]["asks_email"]
    asked.say("ana@smreka.example", "c1")
    assert find_conversation(store, asked.id).email is None and confirmations(store, asked) == []


@pytest.mark.parametrize(
    "text",
    [
        "ana@smreka.example",
        "ana@smreka.example.",
        "My address is ana@smreka.example, thanks!",
        "Ana Kovač <ana@smreka.example>",
        "e-mail:ana@smreka.example",
        "mailto:ana@smreka.example",
        "(ana@smreka.example)",
        "„ana@smreka.example“",
        "ana@smreka.example ana@smreka.example",
    ],
)
@pytest.mark.slow
def test_an_address_as_an_answer_is_understood(asked, store, text):
    asked.say(text, "c1")
    assert find_conversation(store, asked.id).email == "ana@smreka.example"
    assert confirmations(store, asked) == [notice("email_kept", "en", email="ana@smreka.example")]
    assert [m["text"] for m in asked.messages() if m["sender"] == "customer"][-1] == text


def test_once_given_only_a_message_that_is_an_address_corrects_it(asked, store):
    asked.say("ana@smreka.example", "c1")
    asked.say("I ordered as marko@smreka.example though", "c2")
    assert find_conversation(store, asked.id).email == "ana@smreka.example"
    asked.say("ana.k@smreka.example", "c3")
    assert find_conversation(store, asked.id).email == "ana.k@smreka.example"


@pytest.mark.parametrize(
    "text",
    [
        "no thanks",
        "a@b.example or c@d.example",
        "ana@",
        "@smreka.example",
        "ana@smreka",
        "ana@@smreka.example",
        "ana@smreka..example",
        "ana@[127.0.0.1]",
        "x" * 90 + "@smreka.example",
        "long " * 40 + "ana@smreka.example",
        "@" * 190,
        "a@" * 95,
        "ana@smreka.test",
    ],
)
@pytest.mark.slow
def test_what_is_no_address_is_a_message_like_any_other(asked, store, text):
    assert asked.say(text, "c1").status_code == 201
    known = find_conversation(store, asked.id).email
    assert known is None or known == "ana@smreka.examplegnp"  # direction marks are taken out before


def test_an_address_nobody_asked_for_is_only_text(visitor, services, run_turns, store, ana):
    visitor.say("ana@smreka.example")
    run_turns()
    assert find_conversation(store, visitor.id).email is None


def test_a_person_who_has_it_reads_the_address_themselves(asked, store, ana):
    claim(store, list_queue(store)[0].id, ana.id, NewMessage("system", "Ana.", "<p>Ana.</p>"))
    asked.say("ana@smreka.example", "c1")
    assert find_conversation(store, asked.id).email is None


def test_what_the_site_verified_stays(asked, store, services):
    set_contact(store, asked.id, email="ana@smreka.example", verified=True, customer="7")
    asked.token = services.visitor_tokens.issue(asked.id, "demo", is_verified=True)  # as the claim gives one
    assert leave(asked, email="eve@smreka.example").status_code == 200
    asked.say("eve@smreka.example", "c1")
    assert find_conversation(store, asked.id).email == "ana@smreka.example"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@smreka",
        "a b@smreka.example",
        "<script>@smreka.example",
        "ana@smreka.example>",
        "ana@smreka.example\r\nBcc: eve@evil.example",
        "ana@localhost",
        "žan@smreka.example",
        "ana@-.example",
        "a" * 300 + "@x.example",
    ],
)
@pytest.mark.slow
def test_the_form_refuses_what_is_no_address(asked, store, email):
    answer = leave(asked, email=email)
    expected = (200,) if email == "" else (422,)
    assert answer.status_code in expected
    assert find_conversation(store, asked.id).email is None


@pytest.mark.parametrize(
    "body",
    [{}, {"email": 5}, {"email": ["a@b.example"]}, {"email": "x" * 400}, {"email": "a@b.example", "name": "n" * 121}],
)
@pytest.mark.slow
def test_a_body_that_is_wrong_is_400(asked, body):
    assert leave(asked, **body).status_code == 400


def test_only_with_the_token_and_not_too_often(asked, open_conversation):
    other = open_conversation()
    answer = other.client.post(f"{asked.path}/contact", json={"email": "a@b.example"}, headers=other.headers)
    assert answer.status_code in {401, 404}
    assert asked.client.post(f"{asked.path}/contact", json={"email": None}).status_code == 401
    codes = [leave(asked, email=None).status_code for _ in range(12)]
    assert codes[0] == 200 and codes[-1] == 429


def test_markup_in_an_address_is_shown_as_it_is(asked):
    assert leave(asked, email="{x}_*b*&`@smreka.example").status_code == 200
    shown = asked.messages()[-1]
    assert "{x}_*b*&`@smreka.example" in shown["text"] and "<em>" not in shown["html"] and "&amp;" in shown["html"]


def test_the_bot_and_the_agents_page_never_see_it_as_json(asked):
    leave(asked, email="ana@smreka.example")
    assert "ana@smreka.example" not in json.dumps(asked.log()["conversation"])


def test_finding_stays_quick_on_hostile_text():
    assert find_email("a." * 100_000 + "@") is None


def test_an_address_that_the_site_s_page_sets_is_asked_for_no_more(asked):
    answer = asked.client.patch(asked.path, json={"email": "ana@smreka.example"}, headers=asked.headers)
    wait = answer.get_json()["conversation"]["wait"]
    assert wait["ticket"] and not wait["asks_email"]
