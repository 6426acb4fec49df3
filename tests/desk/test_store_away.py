"""While the database can't be asked, each door says so, with 503 and when to come again, and tells nothing else."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy.exc import OperationalError

SECRET = "my card is 4111 1111"


@contextlib.contextmanager
def refused():
    """As PostgreSQL's module says it where no connection is free, and SQLite's where a lock is not to be had."""
    raise OperationalError("SELECT …", None, Exception("database is locked"))
    yield


@pytest.fixture
def away(store, monkeypatch):
    """Has the database away from here on."""

    def go() -> None:
        for way in ("reading", "writing"):
            monkeypatch.setattr(store._database, way, refused)

    return go


def test_a_customer_is_asked_to_try_again(client, away, caplog):
    opened = client.post("/api/v1/conversations", json={"site": "demo", "language": "en"}).get_json()
    path, headers = f"/api/v1/conversations/{opened['conversation']['id']}", f"Bearer {opened['token']}"
    away()
    body = {"client_id": "c1", "text": SECRET}
    answer = client.post(f"{path}/messages", json=body, headers={"Authorization": headers})
    assert (answer.status_code, answer.json["error"]["code"], answer.headers["Retry-After"]) == (503, "busy", "5")
    assert "locked" not in answer.text and "OperationalError" in caplog.text and SECRET not in caplog.text


def test_an_agent_is_asked_to_try_again(ana, away):
    ana.get("/desk/queue")
    away()
    page, fragment = ana.get("/desk/queue"), ana.get("/desk/queue", **{"HX-Request": "true"})
    assert (page.status_code, fragment.status_code) == (503, 503)
    assert (page.mimetype, page.headers["Retry-After"], fragment.mimetype) == ("text/plain", "5", "text/html")
    assert 'role="alert"' in fragment.text and "<html" not in fragment.text
    for answer in (page, fragment):
        assert "just now. Please try again in a moment." in answer.text and "locked" not in answer.text


def test_a_program_is_asked_to_try_again(client, away):
    away()
    answer = client.get("/api/desk/v1/me", headers={"Authorization": "Bearer odz_x"})
    assert (answer.status_code, answer.json["error"]["code"], answer.headers["Retry-After"]) == (503, "busy", "5")


def test_whatever_has_no_page_for_it_says_so_in_a_line(app, client, away, store):
    @app.get("/elsewhere")
    def elsewhere() -> str:
        with store.read():
            return ""

    away()
    answer = client.get("/elsewhere")
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "text/plain", "5")
