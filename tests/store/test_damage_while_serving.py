"""Damage that shows only while the server serves: health tells it, and nobody is shown how our code failed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
import yaml
from sqlalchemy.exc import DatabaseError

from odziv.settings import load_settings
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.migrate import migrate
from odziv.web.visitor_tokens import VisitorTokens
from odziv.wiring import build_services
from server import create_app
from tests.fake_encoder import FakeEncoder

pytestmark = pytest.mark.slow


def overwrite_leaves(path, content: bytes) -> None:
    """Every page of messages but its first: what is looked at when the server starts is whole."""
    with closing(sqlite3.connect(path)) as connection:
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()
        found = connection.execute("SELECT max(rootpage) FROM sqlite_master").fetchone()[0]
    with open(path, "r+b") as file:
        for page in range(found, os.fstat(file.fileno()).st_size // 4096):
            assert page != root - 1
            file.seek(page * 4096)
            file.write(content)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """An application over a database whose conversations' messages are damaged, and a visitor of one of them."""
    articles, config = tmp_path / "articles", tmp_path / "config.yml"
    articles.mkdir()
    config.write_text(yaml.safe_dump({"odziv": {"sites": {"demo": {"name": "Smreka"}}, "articles": str(articles)}}))
    monkeypatch.setenv("ODZIV_VAR", str(tmp_path))
    monkeypatch.setenv("ODZIV_CONFIG", str(config))
    store = Store.in_folder(tmp_path)
    migrate(store)
    conversation = create_conversation(store, "demo", "en")
    for number in range(60):
        add_customer_message(store, conversation.id, f"m{number}", "My boots are wet. " * 100, "")
    store.close()
    overwrite_leaves(tmp_path / "odziv.sqlite", b"\xa5" * 4096)
    services = build_services(load_settings(passwords=False), encoder=FakeEncoder())
    yield create_app(services), conversation
    services.store.close()


def test_a_reader_fails_and_health_says_why(served):
    app, conversation = served
    services = app.extensions["odziv"]
    assert services.store.why_not_storing() is None
    with pytest.raises(DatabaseError):
        list_messages(services.store, conversation.id)
    told = services.store.why_not_storing()
    assert "odziv.sqlite is damaged" in told and "backup" in told
    assert services.store.why_not_storing() == told  # as long as the process runs


def test_a_customer_sees_no_traceback(served):
    app, conversation = served
    tokens: VisitorTokens = app.extensions["odziv"].visitor_tokens
    client = app.test_client()
    token = tokens.issue(conversation.id, "demo")
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get(f"/api/v1/conversations/{conversation.id}/messages", headers=headers)
    assert answer.status_code == 500 and answer.json["error"]["code"] == "internal_error"
    assert "Traceback" not in answer.text and "sqlite" not in answer.text.lower()
    health = client.get("/health")
    assert health.status_code == 503 and "damaged" in health.json["parts"]["store"]
