"""The widget's interface: what each call gives, and each way it can be refused."""

from __future__ import annotations

import io
import json

import pytest
from itsdangerous import URLSafeTimedSerializer

from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.handoffs.handoff import add_agent_message, claim, list_queue
from tests.fakes import ANSWER, BUTTONS
from tests.fixtures import take_turn

START = "/api/v1/conversations"


def error_of(answer) -> tuple[int, str]:
    """Status and code; every refusal has the same shape, with a message for people."""
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message"} and error["message"]
    return answer.status_code, error["code"]


# ---- opening a conversation


def test_a_conversation_is_opened_with_a_token(client, store):
    answer = client.post(START, json={"site": "demo", "language": "sl-SI", "page": "https://shop.example/cart"})
    body = answer.get_json()
    assert answer.status_code == 201
    assert body["conversation"] == {
        "id": body["conversation"]["id"],
        "status": "bot",
        "language": "sl",
        "agent": None,
        "wait": None,
    }
    stored = find_conversation(store, body["conversation"]["id"])
    assert (stored.site, stored.page, stored.page_language) == ("demo", "https://shop.example/cart", "sl")
    assert body["token"]


@pytest.mark.parametrize("language", [None, "de", "de-AT", "", "🙂", "x" * 35])
def test_a_language_not_served_becomes_the_default(open_conversation, store, language):
    conversation = find_conversation(store, open_conversation(language=language).id)
    assert (conversation.language, conversation.page_language) == ("en", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"demo"',
        b"null",
        b"5",
        b"\xff\xfe\x00",
        b'{"site": "demo"',
        b"[" * 20_000,
        b'{"site":' * 3_000,
        b"9" * 5_000,
        b"{}",
        b'{"site": ""}',
        b'{"site": 5}',
        b'{"site": null}',
        b'{"site": ["demo"]}',
        b'{"site": "demo", "language": 5}',
        b'{"site": "demo", "language": "' + b"x" * 36 + b'"}',
        b'{"site": "demo", "page": {}}',
        b'{"site": "demo", "page": "' + b"x" * 2001 + b'"}',
    ],
)
def test_a_body_that_is_no_new_conversation(client, body):
    assert error_of(client.post(START, data=body, content_type="application/json")) == (400, "bad_request")


def test_the_wrong_field_is_named_and_its_value_not_repeated(client):
    message = client.post(START, json={"site": 5, "page": "secret"}).get_json()["error"]["message"]
    assert message.startswith("site: ")
    assert "secret" not in message


@pytest.mark.parametrize("site", ["nowhere", "DEMO", "demo ", "_check", "demo\u202e"])
def test_only_sites_of_the_settings(client, site):
    answer = client.post(START, json={"site": site})
    expected = (201, None) if site.strip("\u202e ") == "demo" else (404, "unknown_site")
    assert (answer.status_code, None if answer.status_code == 201 else error_of(answer)[1]) == expected


# ---- writing


def test_a_message_is_stored_before_it_is_acknowledged(visitor, store):
    answer = visitor.say("Where is my parcel?\n\nIt's <late>.", "c-1.x:y_z")
    message = answer.get_json()["message"]
    assert answer.status_code == 201
    assert message["created_at"].endswith("Z")
    assert {k: message[k] for k in ("seq", "sender", "text", "html", "buttons", "answer", "agent", "client_id")} == {
        "seq": 1,
        "sender": "customer",
        "text": "Where is my parcel?\n\nIt's <late>.",
        "html": "<p>Where is my parcel?</p><p>It's &lt;late&gt;.</p>",
        "buttons": [],
        "answer": None,
        "agent": None,
        "client_id": "c-1.x:y_z",
    }
    assert list_messages(store, visitor.id)[0].text == message["text"]
    assert take_turn(store).seq == 1


def test_a_repeat_gets_the_first_ones_answer(visitor, store):
    first, again = visitor.say("hello"), visitor.say("hello")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert len(list_messages(store, visitor.id)) == 1


def test_a_repeat_with_another_text_is_a_conflict(visitor):
    visitor.say("hello")
    assert error_of(visitor.say("good bye")) == (409, "conflict")


def test_the_last_word_after_the_bots_reply_is_still_the_first_ones_answer(visitor, run_turns):
    first = visitor.say("hello")
    run_turns()
    assert visitor.say("hello").get_json() == first.get_json()
    run_turns()
    assert len(visitor.messages()) == 2


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("  hello \n", "hello"),
        ("a\x00b\x07c\x1b[31md\x7f", "abc[31md"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("c\u030c", "č"),
        ("/restart", "/restart"),
        ('/greet{"name": "x"}', '/greet{"name": "x"}'),
        ("👩‍👩‍👧 zwj stays", "👩‍👩‍👧 zwj stays"),
        ("x" * 2000, "x" * 2000),
        ("🐎" * 2000, "🐎" * 2000),
        (" " * 5000 + "x", "x"),
    ],
)
def test_text_is_stored_clean(visitor, sent, stored):
    assert visitor.say(sent).get_json()["message"]["text"] == stored


def test_half_a_character_is_left_out(visitor):
    body = b'{"client_id": "c1", "text": "half \\ud83d a horse"}'
    answer = visitor.client.post(f"{visitor.path}/messages", data=body, headers=visitor.headers)
    assert answer.get_json()["message"]["text"] == "half  a horse"


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r\n", "\x00\x01", "\u202e\u2069", "\u00a0\u2003"])
def test_nothing_is_no_message(visitor, store, text):
    assert error_of(visitor.say(text)) == (422, "text_empty")
    assert list_messages(store, visitor.id) == []


def test_too_much_is_no_message(visitor, store):
    assert error_of(visitor.say("x" * 2001)) == (422, "text_too_long")
    assert list_messages(store, visitor.id) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b'{"text": "x"}',
        b'{"client_id": "c1"}',
        b'{"client_id": "c1", "text": null}',
        b'{"client_id": "c1", "text": 5}',
        b'{"client_id": "c1", "text": ["x"]}',
        b'{"client_id": "", "text": "x"}',
        b'{"client_id": "a b", "text": "x"}',
        b'{"client_id": "a\\n", "text": "x"}',
        b'{"client_id": "\xc4\x8d", "text": "x"}',
        b'{"client_id": 5, "text": "x"}',
        b'{"client_id": "' + b"x" * 65 + b'", "text": "x"}',
        b'{"client_id": "\\udc00", "text": "x"}',
        b'{"client_id": "c1", "text": "x", "button": 1}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": 0, "index": 0}}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": 1, "index": -1}}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": 1}}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": 99999999999999999999, "index": 0}}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": 1e300, "index": 0}}',
        b'{"client_id": "c1", "text": "x", "button": {"seq": NaN, "index": 0}}',
    ],
)
@pytest.mark.slow
def test_a_body_that_is_no_message(visitor, store, body):
    answer = visitor.client.post(f"{visitor.path}/messages", data=body, headers=visitor.headers)
    assert error_of(answer) == (400, "bad_request")
    assert list_messages(store, visitor.id) == []


@pytest.mark.parametrize("text", ["x" * 40_000, "š" * 20_000])
def test_a_body_too_large_is_not_read(visitor, text):
    assert error_of(visitor.say(text)) == (413, "body_too_large")


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(visitor):
    body = io.BytesIO(b'{"text": "' + b"x" * 500_000)
    answer = visitor.client.post(
        f"{visitor.path}/messages",
        headers=visitor.headers,
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert error_of(answer) == (400, "bad_request")  # what was cut off is no JSON any more
    assert body.tell() < 100_000


# ---- the token


def test_a_token_opens_its_conversation_and_no_other(open_conversation):
    mine, theirs = open_conversation(), open_conversation()
    mine.id = theirs.id
    for answer in (mine.say("hello"), mine.client.get(f"{mine.path}/messages", headers=mine.headers)):
        assert error_of(answer) == (404, "not_found")


@pytest.mark.parametrize("call", ["messages", "events"])
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic abc", "{token}", "Bearer {token}x", "Bearer ž" + "x" * 5000],
)
@pytest.mark.slow
def test_without_a_good_token_nothing(visitor, call, header):
    headers = {} if header is None else {"Authorization": header.format(token=visitor.token)}
    assert error_of(visitor.client.get(f"{visitor.path}/{call}", headers=headers)) == (401, "unauthorized")


def test_the_tokens_word_bearer_may_be_in_any_case(visitor):
    answer = visitor.client.get(f"{visitor.path}/messages", headers={"Authorization": f"bearer  {visitor.token}"})
    assert answer.status_code == 200


def test_an_expired_token_is_called_expired(visitor, clock):
    clock.advance(31 * 24 * 3_600_000)
    answer = visitor.client.get(f"{visitor.path}/messages", headers=visitor.headers)
    assert error_of(answer) == (401, "token_expired")


def test_a_token_of_another_server_is_worth_nothing(visitor):
    visitor.token = URLSafeTimedSerializer("another secret", salt="odziv-visitor").dumps({"c": visitor.id, "s": "demo"})
    assert error_of(visitor.say("hello")) == (401, "unauthorized")


def test_a_signed_thing_that_is_no_visitor_token_is_worth_nothing(visitor, services):
    serializer = services.visitor_tokens._serializer
    for payload in ([1], "x", None, {"c": visitor.id}):
        visitor.token = serializer.dumps(payload)
        assert error_of(visitor.say("hello")) == (401, "unauthorized")


def test_a_token_of_another_site_does_not_open_this_ones_conversation(visitor, services):
    visitor.token = services.visitor_tokens.issue(visitor.id, "other")
    assert error_of(visitor.say("hello")) == (404, "not_found")


def test_a_conversation_that_is_gone_is_not_found(visitor, services):
    visitor.id = "0" * 24
    visitor.token = services.visitor_tokens.issue(visitor.id, "demo")
    assert error_of(visitor.say("hello")) == (404, "not_found")


# ---- reading


def test_everything_after_n_with_the_conversation(visitor, run_turns):
    visitor.say("hello")
    run_turns()
    assert [m["seq"] for m in visitor.messages()] == [1, 2]
    log = visitor.log(after=1)
    assert [m["sender"] for m in log["messages"]] == ["bot"]
    assert log["conversation"] == {"id": visitor.id, "status": "bot", "language": "en", "agent": None, "wait": None}
    assert visitor.log(after=999_999_999)["messages"] == []


@pytest.mark.parametrize("after", ["-1", "abc", "1.5", "1e3", " 1", "٣", "9999999999", "0x1", "1;2"])
def test_after_what(visitor, after):
    for path, headers in ((f"messages?after={after}", {}), ("messages", {"Last-Event-ID": after})):
        if after.strip() != after and headers:
            continue  # HTTP itself drops space around a header's value
        answer = visitor.client.get(f"{visitor.path}/{path}", headers={**visitor.headers, **headers})
        assert error_of(answer) == (400, "bad_request")


def test_what_a_button_means_and_what_was_considered_stay_here(visitor, run_turns, store):
    visitor.say("how do I return this?")
    run_turns()
    shown = visitor.messages()[-1]
    assert shown["buttons"] == [{"title": b["title"], "kind": b["kind"]} for b in BUTTONS]
    assert shown["answer"] == ANSWER
    assert "<strong>14 days</strong>" in shown["html"]
    assert "intent" not in json.dumps(visitor.log()) and "considered" not in json.dumps(visitor.log())
    assert list_messages(store, visitor.id)[-1].considered


def test_internal_notes_stay_with_the_agents(visitor, services, store, run_turns, ana):
    services.bot.says = [{"custom": {"handoff": {"reason": "requested"}}}]
    visitor.say("a person, please")
    run_turns()
    claim(store, list_queue(store)[0].id, ana.id, NewMessage("system", "Ana is here.", "<p>Ana is here.</p>"))
    add_agent_message(
        store, visitor.id, ana.id, NewMessage("agent", "angry one", "angry one", agent_id=ana.id, internal=True)
    )
    add_agent_message(
        store, visitor.id, ana.id, NewMessage("agent", "hello", "<p>hello</p>", agent_id=ana.id, client_id="a1")
    )
    log = visitor.log()
    assert "angry one" not in json.dumps(log)
    assert log["conversation"] == {
        "id": visitor.id,
        "status": "open",
        "language": "en",
        "agent": {"name": "Ana", "picture": None},
        "wait": None,
    }
    assert log["messages"][-1]["agent"] == {"name": "Ana", "picture": None}
    assert "client_id" not in log["messages"][-1]


def test_typing_is_for_those_who_look(visitor, services):
    with services.hub.follow(visitor.id) as agent:
        answer = visitor.client.post(f"{visitor.path}/typing", headers=visitor.headers)
        assert answer.status_code == 204
        assert agent.take_typing() == {"customer": True}


def test_no_such_place(client):
    assert client.get("/api/v1/nothing").status_code == 404
    assert client.put("/api/v1/conversations").status_code == 405


def test_an_unforeseen_failure_is_json_and_says_nothing_of_itself(visitor, monkeypatch, caplog):
    monkeypatch.setattr("odziv.chat.api.add_customer_message", lambda *_: 1 / 0)
    answer = visitor.say("secret words")
    assert error_of(answer) == (500, "internal_error")
    assert "division" not in answer.get_data(as_text=True)
    assert "secret words" not in caplog.text
