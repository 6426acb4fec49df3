"""Rating a conversation, and taking it home as text."""

from __future__ import annotations

import re

import pytest

from kb.render import render
from odziv.cases.transcripts import read_zone
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import HOUR_MS
from tests.fixtures import SHOP


def rate(visitor, **body):
    return visitor.client.post(f"{visitor.path}/rating", json=body, headers=visitor.headers)


@pytest.fixture
def answered(visitor, run_turns):
    visitor.say("How do I return a tent?")
    run_turns()
    return visitor


@pytest.mark.parametrize(("score", "kept"), [(1, 1), (5, 5), ("up", 5), ("down", 1)])
def test_one_tap_is_enough(answered, score, kept):
    answer = rate(answered, about="bot", score=score)
    assert answer.status_code == 201
    rating = answer.get_json()["rating"]
    assert (rating["about"], rating["score"], rating["words"]) == ("bot", kept, None)


def test_agents_read_it_in_the_conversation_and_customers_do_not(answered, store):
    from odziv.store.conversations.messages import list_messages

    rate(answered, about="bot", score=4, words="<b>Fine</b>")
    rate(answered, about="bot", score=2)
    notes = [m for m in list_messages(store, answered.id, internal=True) if m.internal]
    assert [m.text for m in notes] == [
        "Rated the assistant 4 of 5.\n\n“<b>Fine</b>”",
        "Changed the rating of the assistant to 2 of 5.",
    ]
    assert "&lt;b&gt;" in notes[0].html and len(answered.messages()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        {}, {"about": "bot"}, {"about": "me", "score": 3}, {"about": "bot", "score": 0}, {"about": "bot", "score": 6},
        {"about": "bot", "score": 3.5}, {"about": "bot", "score": True}, {"about": "bot", "score": "great"},
        {"about": "bot", "score": 3, "words": "x" * 1001}, {"about": "bot", "score": 10**30},
    ],
)  # fmt: skip
def test_what_is_no_rating_is_refused(answered, body):
    answer = rate(answered, **body)
    assert answer.status_code == 400 and answer.get_json()["error"]["code"] == "bad_request"


def test_a_person_who_said_nothing_is_not_rated_and_after_an_hour_nobody(answered, store):
    assert rate(answered, about="person", score=5).get_json()["error"]["code"] == "nothing_to_rate"
    rate(answered, about="bot", score=5)
    store.clock.advance(2 * HOUR_MS)
    refused = rate(answered, about="bot", score=1)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "rating_closed")


@pytest.mark.parametrize(("method", "call"), [("POST", "rating"), ("GET", "transcript")])
def test_only_with_the_conversations_own_token_and_from_its_site(client, answered, open_conversation, method, call):
    def ask(**headers: str) -> int:
        body = {"about": "bot", "score": 1} if method == "POST" else None
        return client.open(f"{answered.path}/{call}", method=method, json=body, headers=headers).status_code

    assert ask() == 401
    assert ask(**open_conversation().headers) == 404
    assert ask(**answered.headers, Origin="https://evil.example") == 403
    assert ask(**answered.headers, Origin=SHOP) in (200, 201)


def transcript(visitor, query: str = ""):
    return visitor.client.get(f"{visitor.path}/transcript{query}", headers=visitor.headers)


def test_the_transcript_has_what_was_said_and_nothing_internal(answered, store, ana):
    with store.write() as connection:
        append_message(connection, answered.id, NewMessage("agent", "Secret note", "x", agent_id=ana.id, internal=True))
        said = "Done, **really**."
        append_message(connection, answered.id, NewMessage("agent", said, render(said), agent_id=ana.id))
    answer = transcript(answered)
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/plain" and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="demo-{answered.id[:6]}.txt"'
    assert re.match(r"Conversation with support: Smreka, \d{1,2} \w+ \d{4} ", text)
    assert "  You\nHow do I return a tent?" in text and "  Ana\nDone, really." in text
    assert "You have 14 days." in text and "http://localhost:8080/help/en/orders/return" in text
    assert "Secret note" not in text


def test_the_transcript_is_in_the_conversations_language(open_conversation):
    for language, word in (("sl", "Pogovor"), ("hr", "Razgovor"), ("pl", "Rozmowa")):
        visitor = open_conversation(language=language)
        visitor.say("<script>alert(1)</script>")
        text = transcript(visitor, "?timezone=Europe/Ljubljana").get_data(as_text=True)
        assert text.startswith(word) and "<script>alert(1)</script>" in text and "(CE" in text.splitlines()[0]


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "a" * 5000, "\x00", "Europe"])
def test_an_unknown_time_zone_is_utc(name):
    assert read_zone(name).tzname(None) == "UTC"
