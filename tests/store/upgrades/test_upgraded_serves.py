"""What an earlier version wrote is served: every page of the desk, and the widget's reading of each conversation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from kb import KnowledgeBase
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import open_session
from odziv.store.conversations.conversation import find_conversation
from odziv.store.migrate import migrate
from odziv.store.schema import conversations, messages, saved_replies, webhooks
from odziv.wiring import build_services
from server import create_app
from tests.clock import Clock
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot, FakeKnowledge
from tests.quick_applications import learnt_once
from tests.scratch_articles import write
from tests.store.upgrades.lived import Lived, each_version

NOW = 1_760_000_020_000
# Streams never end; files and signing out show nothing; a page that has to be told a topic; one link for each person;
# and those of an identity provider, which there is none.
LEFT_OUT = {"static", "stream_events", "sign_out", "show_new_article", "show_invitation", "show_reset"}
LEFT_OUT |= {"go_to_provider", "come_back", "show_code"}


@pytest.fixture
def served(lived: Lived, revision: str, settings: Settings, opened: list[Store]) -> Iterator[Flask]:
    """The product over a database that was upgraded, with one article."""
    store = lived.open(revision)
    store.clock = Clock(NOW)
    opened.append(store)
    migrate(store)
    app = create_app(build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge()))
    app.testing = True
    write(settings.var / "articles", "sl/orders/track", "Sledenje", ["kje je moje naročilo"], "Tukaj.")
    with learnt_once():
        kb = KnowledgeBase.open(settings.var / "articles", settings.index, FakeEncoder(), languages=["sl"])
        app.extensions["odziv"].knowledge.kb = kb
        yield app


@each_version(slow=True)
def test_the_desk_shows_everything(served):
    store = served.extensions["odziv"].store
    client = served.test_client()
    with client.session_transaction("/desk") as session:
        session["_user_id"], session["_fresh"] = open_session(store, 1), True
    asked = list(pages(served, store))
    assert len(asked) > 30
    answers = {address: client.get(address) for address in asked}
    refused = {address: one.status for address, one in answers.items() if is_refused(one)}
    assert refused == {}
    html = [answer.text for answer in answers.values() if answer.mimetype == "text/html"]
    assert all("<b>Żółć</b>" not in text for text in html)
    assert "Trebam djelatnika, molim." in answers["/desk/conversations/first"].text


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code >= 400 or "/sign-in" in (answer.location or "")


def pages(app: Flask, store: Store) -> Iterator[str]:
    """Every address of the desk that is read, with all there is for what stands for a part of it."""
    parts = {"conversation_id": conversations.c.id, "reply_id": saved_replies.c.id, "webhook_id": webhooks.c.id}
    with store.read() as connection:
        there = {name: connection.execute(select(column)).scalars().all() for name, column in parts.items()}
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("desk.") or "GET" not in rule.methods:
            continue
        if rule.endpoint.removeprefix("desk.") in LEFT_OUT or not rule.arguments <= there.keys():
            continue
        argument = next(iter(rule.arguments), None)
        for value in there[argument] if argument else [None]:
            with app.test_request_context():
                yield app.url_for(rule.endpoint, **({argument: value} if argument else {}))


@each_version(slow=True)
def test_customers_read_all_that_was_said_and_go_on(served):
    services = served.extensions["odziv"]
    client = served.test_client()
    for conversation_id, said in said_to_customers(services.store).items():
        conversation = find_conversation(services.store, conversation_id)
        token = services.visitor_tokens.issue(conversation.id, conversation.site, is_verified=conversation.verified)
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/api/v1/conversations/{conversation.id}/messages"
        answer = client.get(f"{path}?after=0", headers=headers)
        assert [message["text"] for message in answer.get_json()["messages"]] == said
        sent = client.post(path, json={"client_id": "after", "text": "Še nekaj"}, headers=headers)
        assert sent.status_code == 201, f"{conversation_id}: {sent.text}"


def said_to_customers(store: Store) -> dict[str, list[str]]:
    """What customers may read, by conversation."""
    found: dict[str, list[str]] = {}
    order = select(messages).where(messages.c.internal.is_(False)).order_by(messages.c.conversation_id, messages.c.seq)
    with store.read() as connection:
        for row in connection.execute(order):
            found.setdefault(row.conversation_id, []).append(row.text)
    return found
