"""The desk on a real store, with agents, and conversations that wait for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from flask import Flask, Response, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.http import parse_cookie

from kb import KnowledgeBase
from kb.render import render, render_plain
from odziv.desk.people import passwords
from odziv.desk.people.availability import note_presence
from odziv.desk.people.sign_in import load_signed_in, start_session
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.handoffs.handoff import add_handoff, list_queue
from odziv.web.limits import OpenStreams
from odziv.wiring import build_services
from server import create_app
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot, FakeKnowledge
from tests.quick_applications import learnt_once
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
    """The product's application; what a test doesn't foresee fails it."""
    services = build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    services.open_streams = OpenStreams(50, 20)
    app = create_app(services)
    app.testing = True
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
def kb(app, folder, tmp_path) -> Iterator[KnowledgeBase]:
    """A small knowledge base, which nothing refreshes by itself."""
    with learnt_once():
        kb = KnowledgeBase.open(folder, tmp_path / "index", FakeEncoder(), languages=["sl", "en", "pl"])
        app.extensions["odziv"].knowledge.kb = kb
        yield kb


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


# Of each browser: its session's cookie, and the token that a page of this session carried.
_tokens: WeakKeyDictionary[FlaskClient, tuple[str, str]] = WeakKeyDictionary()


def csrf_of(client: FlaskClient) -> str:
    """The token a page of this browser's session carries; a page is fetched for it once a session."""
    cookie = client.get_cookie("odziv_desk", path="/desk")
    known = _tokens.get(client)
    if known and cookie and known[0] == cookie.value:
        return known[1]
    page = client.get("/desk/queue", follow_redirects=True).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    _tokens[client] = (client.get_cookie("odziv_desk", path="/desk").value, token)
    return token


def add_agent(store: Store, name: str, role: str = "agent") -> Agent:
    email = f"{name.split()[0].lower()}@smreka.example"
    return accept_invitation(store, invite(store, email, role), email, name, passwords.hash_password(PASSWORD))


@pytest.fixture
def sign_in(app: Flask, store: Store):
    """Makes an agent of that name and signs them in with a browser of their own."""

    def sign_in(name: str, role: str = "agent") -> Person:
        agent, client = add_agent(store, name, role), app.test_client()
        begin_session(client, agent)
        return Person(agent, client)

    return sign_in


def begin_session(client: FlaskClient, agent: Agent) -> None:
    """What a right password leads to, with the token that the session's pages carry: most tests are about what follows.
    The sign-in itself has tests of its own."""
    with client.application.test_request_context("/desk/sign-in"):
        assert start_session(agent)
        assert load_signed_in(session["_user_id"])  # a browser follows to a page, by which the agent is seen
        note_presence()
        token = generate_csrf()
        response = client.application.process_response(Response())
    client.set_cookie("odziv_desk", parse_cookie(response.headers["Set-Cookie"])["odziv_desk"], path="/desk")
    _tokens[client] = (client.get_cookie("odziv_desk", path="/desk").value, token)


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
        append_message(connection, conversation.id, NewMessage("bot", said, render(said), considered=considered))
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
