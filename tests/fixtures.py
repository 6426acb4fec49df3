"""Fixtures for everybody: settings, a real store in a fresh folder, and the customer's side with a fake bot."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from odziv.cases.turn_runner import BACK_OFF
from odziv.settings import Settings
from odziv.settings.load import Site
from odziv.settings.mail import MailSettings
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite
from odziv.store.conversations.turns import Turn, find_next_turn, list_due_turns, take_this_turn
from odziv.store.engine import touch
from odziv.store.migrate import migrate
from odziv.store.schema import conversations
from odziv.web.limits import OpenStreams
from odziv.web.services import Services
from odziv.wiring import build_services
from server import create_app
from tests.clock import Clock
from tests.fakes import FakeBot, FakeKnowledge
from tests.postgresql.fixtures import ON_POSTGRESQL
from tests.quick_applications import compiled_once, statements_compiled_once, unsynced_databases

SHOP = "https://shop.example"
RASA_TOKEN = "rasa-token-for-tests"


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """To the test's own output, without the coloured tracebacks, which take a second each, and werkzeug's requests,
    which bury what failed."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=False,
    )


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Whoever serves, or runs a command, has the process log elsewhere."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session", autouse=True)
def quick_applications() -> Iterator[None]:
    """Applications and databases share what is compiled of them, and don't wait for the disk."""
    with compiled_once(), statements_compiled_once(), unsynced_databases():
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two sites, in a data folder of its own."""
    sites = {
        "demo": {"name": "Smreka", "origins": [SHOP]},
        "other": {"name": "Other", "origins": ["https://o.example"]},
    }
    return Settings(sites=sites, var=tmp_path / "var", desk={"undo_seconds": 0})


def with_mail(settings: Settings, **more: object) -> Settings:
    """The same with mail that goes out, to a server nobody asks."""
    smtp = {"host": "127.0.0.1", "port": 1, "security": "none"}
    mail = MailSettings.model_validate({"address": "help@smreka.example", "smtp": smtp, **more})
    return settings.model_copy(update={"mail": mail})


def with_two_mailboxes(settings: Settings) -> Settings:
    """The same with a second one, "sales", of a website of its own."""
    sites = {**settings.sites, "hrast": Site(name="Hrast")}
    box = {"address": "sales@hrast.example", "site": "hrast", "sender_name": "Hrast, prodaja"}
    return with_mail(settings.model_copy(update={"sites": sites}), mailboxes={"sales": box})


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> bytes:
    """A migrated database without rows; copying it is faster than migrating for each test."""
    folder = tmp_path_factory.mktemp("empty")
    store = Store.in_folder(folder)
    migrate(store)
    store.close()
    return (folder / "odziv.sqlite").read_bytes()


@pytest.fixture
def store(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A real store with this version's schema, in SQLite or, where that is asked for, PostgreSQL. Its clock stands at
    the moment the test began."""
    settings.var.mkdir(parents=True, exist_ok=True)
    if ON_POSTGRESQL:
        store = request.getfixturevalue("on_postgresql")
    else:
        (settings.var / "odziv.sqlite").write_bytes(request.getfixturevalue("empty_database"))
        store = Store.in_folder(settings.var)
    store.clock = Clock()
    yield store
    store.close()


def open_again(store: Store) -> Store:
    """Another store on the same data, as another process has one; its clock is the machine's."""
    return Store(store.url.render_as_string(hide_password=False), files=store.files.folder)


def set_contact(store: Store, conversation_id: str, **fields: object) -> None:
    """What a site or a browser has told of a customer, whatever the rules for that are."""
    with store.write() as connection:
        this = conversations.c.id == conversation_id
        connection.execute(update(conversations).where(this).values(**fields, updated_at=store.clock()))
        touch(connection, conversation_id)


@pytest.fixture
def clock(store: Store) -> Clock:
    """The store's clock."""
    return store.clock


@pytest.fixture
def services(settings: Settings, store: Store) -> Services:
    """The product's, with a fake bot and knowledge base. Turns run when a test says so: run_turns."""
    services = build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    services.rasa_token, services.open_streams = RASA_TOKEN, OpenStreams(8, 3)
    return services


@pytest.fixture
def app(services: Services) -> Flask:
    """The product's application, of which nothing is begun beside requests."""
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller without a token."""
    return app.test_client()


def take_turn(store: Store) -> Turn | None:
    """Claims the turn that has been due longest, as the product does; None when none is."""
    due = list_due_turns(store, 1)
    return take_this_turn(store, due[0]) if due else None


@pytest.fixture
def run_turns(services: Services):
    """Runs waiting turns, in this thread, until none is left; what is tried again waits no longer than the clock."""
    store = services.store

    def run_turns() -> None:
        while (due := find_next_turn(store)) is not None and (wait := due - store.clock()) <= BACK_OFF.longest_ms:
            if wait > 0:
                store.clock.advance(wait)
            services.turns.run(take_turn(store))

    return run_turns


@dataclass
class Visitor:
    """A customer's browser with its conversation."""

    client: FlaskClient
    id: str
    token: str

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def say(self, text: Any, client_id: str = "c1", **more: Any):
        body = {"client_id": client_id, "text": text, **more}
        return self.client.post(f"{self.path}/messages", json=body, headers=self.headers)

    def press(self, seq: int, index: int, title: str, client_id: str = "p1"):
        return self.say(title, client_id, button={"seq": seq, "index": index})

    def log(self, after: int = 0) -> dict[str, Any]:
        return self.client.get(f"{self.path}/messages?after={after}", headers=self.headers).get_json()

    def messages(self) -> list[dict[str, Any]]:
        return self.log()["messages"]

    def stream(self, **headers: str) -> Stream:
        return Stream(self.client.get(f"{self.path}/events", headers={**self.headers, **headers}, buffered=False))


class Stream:
    """An open event stream, read event by event."""

    def __init__(self, response) -> None:
        self.response = response
        self._pieces = iter(response.response)
        self._unread: list[str] = []

    def read(self) -> str:
        """The next event or heartbeat as it was sent; StopIteration at the end."""
        while not self._unread:
            self._unread = self.read_piece().split("\n\n")[:-1]
        return self._unread.pop(0) + "\n\n"

    def read_piece(self) -> str:
        """What was sent in one go: one event or several."""
        piece = next(self._pieces)
        return piece.decode() if isinstance(piece, bytes) else piece

    def event(self) -> tuple[str, Any, str | None]:
        """The next event: its name, data and id."""
        piece = self.read()
        fields = dict(line.split(": ", 1) for line in piece.strip().split("\n"))
        return fields["event"], json.loads(fields["data"]), fields.get("id")

    def close(self) -> None:
        self.response.close()


@pytest.fixture
def open_conversation(client: FlaskClient):
    """Opens a conversation, as the widget does."""

    def open_conversation(**body: Any) -> Visitor:
        answer = client.post("/api/v1/conversations", json={"site": "demo", "language": "en", **body})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return Visitor(client, answer.get_json()["conversation"]["id"], answer.get_json()["token"])

    return open_conversation


@pytest.fixture
def visitor(open_conversation) -> Visitor:
    """A customer whose page is in English."""
    return open_conversation()


def add_agent(store: Store, name: str) -> Agent:
    """An agent of that name."""
    email = f"{re.sub('[^a-z]', '', name.lower())}@smreka.example"
    return accept_invitation(store, invite(store, email, "agent"), email, name, "no hash")


@pytest.fixture
def ana(store: Store) -> Agent:
    return add_agent(store, "Ana")


@pytest.fixture
def marek(store: Store) -> Agent:
    return add_agent(store, "Marek")
