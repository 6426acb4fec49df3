"""The desk alone: its blueprint on a real store, with agents, and conversations that wait for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb import KnowledgeBase
from kb.render import render, render_plain
from odziv import desk
from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.desk.people import passwords
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import Draft, add_customer_message, append_message
from odziv.store.handoffs.handoff import add_handoff, list_queue
from odziv.web.limits import OpenStreams, RateLimits
from odziv.web.streams import Hub
from tests.fake_encoder import FakeEncoder
from tests.scratch_articles import ARTICLES, write

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes():
    """argon2id as in production, but small: the tests sign in often."""
    real = passwords._hasher
    passwords._hasher = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    yield
    passwords._hasher = real


@pytest.fixture
def app(store: Store, settings: Settings) -> Flask:
    return build_app(store, settings)


def build_app(store: Store, settings: Settings) -> Flask:
    """An application with nothing but the desk."""
    app = Flask(__name__, static_folder=None)
    app.config.update(TESTING=True, MAX_CONTENT_LENGTH=settings.limits.body_bytes)
    hub = Hub()
    store.listen(hub.touched)
    app.extensions["odziv"] = SimpleNamespace(
        store=store,
        settings=settings,
        hub=hub,
        kb=None,
        open_streams=OpenStreams(50, 20),
        rate_limits=RateLimits(),
        scheduled_replies=ScheduledReplies(store),
    )
    desk.register(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who has not signed in."""
    return app.test_client()


@pytest.fixture
def folder(tmp_path) -> Path:
    root = tmp_path / "articles"
    for name, (title, questions, body) in ARTICLES.items():
        write(root, name, title, questions, body)
    return root


@pytest.fixture
def kb(app, folder, tmp_path) -> KnowledgeBase:
    """A small knowledge base, which nothing refreshes by itself."""
    kb = KnowledgeBase.open(folder, tmp_path / "index", FakeEncoder(), languages=["sl", "en", "pl"])
    app.extensions["odziv"].kb = kb
    return kb


@dataclass
class Person:
    """An agent at a browser."""

    agent: Agent
    client: FlaskClient

    def get(self, path: str, **headers: str):
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: str):
        return self.client.post(path, data={"csrf_token": csrf_of(self.client), **fields})

    def post_fragment(self, path: str, **fields: str):
        headers = {"HX-Request": "true", "X-CSRFToken": csrf_of(self.client)}
        return self.client.post(path, data=fields, headers=headers)


def csrf_of(client: FlaskClient) -> str:
    """The token a page of this browser's session carries."""
    page = client.get("/desk/queue", follow_redirects=True).get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def add_agent(store: Store, name: str, role: str = "agent") -> Agent:
    email = f"{name.split()[0].lower()}@smreka.example"
    return accept_invitation(store, invite(store, email, role), email, name, passwords.hash_password(PASSWORD))


@pytest.fixture
def sign_in(app: Flask, store: Store):
    """Makes an agent of that name and signs them in with a browser of their own."""

    def sign_in(name: str, role: str = "agent") -> Person:
        agent, client = add_agent(store, name, role), app.test_client()
        fields = {"csrf_token": csrf_of(client), "email": agent.email, "password": PASSWORD}
        assert client.post("/desk/sign-in", data=fields).status_code == 303
        assert client.get("/desk/alive").status_code == 204  # a browser follows to a page, which says so
        return Person(agent, client)

    return sign_in


@pytest.fixture
def ana(sign_in) -> Person:
    return sign_in("Ana Kovač")


@pytest.fixture
def marek(sign_in) -> Person:
    return sign_in("Marek Zieliński")


@pytest.fixture
def boss(sign_in) -> Person:
    """An administrator."""
    return sign_in("Špela Novak", "admin")


def come_in(app: Flask, agent: Agent, **fields: str) -> Person:
    """The same agent at another browser; `code` is the second factor."""
    client = app.test_client()
    fields = {"csrf_token": csrf_of(client), "email": agent.email, "password": PASSWORD, **fields}
    assert client.post("/desk/sign-in", data=fields).status_code == 303
    return Person(agent, client)


@dataclass
class Waiting:
    """A conversation in the queue."""

    id: str
    handoff: int

    @property
    def path(self) -> str:
        return f"/desk/conversations/{self.id}"


def hand_off(
    store: Store, text: str, language: str = "sl", reason: str = "requested", page: str | None = None
) -> Waiting:
    """A customer wrote, the bot considered two articles and handed off."""
    conversation = create_conversation(store, "demo", language, language, page)
    add_customer_message(store, conversation.id, f"c-{conversation.id}", text, render_plain(text))
    considered = [
        {"article": "orders/return", "language": language, "title": "Vračilo izdelka", "confidence": 0.62},
        {"article": "orders/refund-time", "language": "en", "title": "When the money arrives", "confidence": 0.31},
    ]
    with store.write() as connection:
        said = "Počakajte, prosim."
        append_message(connection, conversation.id, Draft("bot", said, render(said), considered=considered))
        add_handoff(connection, conversation.id, reason, language)
        change_owner(connection, conversation.id, "queued", agent_id=None)
    newest = max(h.id for h in list_queue(store) if h.conversation_id == conversation.id)
    return Waiting(conversation.id, newest)


@pytest.fixture
def waiting(store: Store) -> Waiting:
    return hand_off(store, "Rad bi govoril s človekom, prosim.")


@pytest.fixture
def taken(ana: Person, waiting: Waiting) -> Waiting:
    """The same, taken by Ana."""
    assert ana.post(f"/desk/handoffs/{waiting.handoff}/claim").status_code == 303
    return waiting
