"""Whether the process lives, and whether requests may be sent to it, are two questions."""

from __future__ import annotations

import pytest

from odziv.store.damage import DatabaseBroken


def states(client) -> tuple[int, int, int]:
    return tuple(client.get(f"/health{path}").status_code for path in ("/live", "/ready", ""))


def test_all_is_well(client):
    assert states(client) == (200, 200, 200)
    assert client.get("/health/live").get_json() == client.get("/health/ready").get_json() == {"status": "ok"}


def test_without_rasa_it_is_ready(client, services, monkeypatch):
    monkeypatch.setattr(services.bot, "state", lambda: "hangs: it takes connections and does not answer")
    assert states(client) == (200, 200, 503)


def test_without_articles_it_is_ready(client, services):
    services.knowledge.away = "the articles' folder is not there"
    services.kb.articles = list
    assert states(client) == (200, 200, 503)


def test_while_nothing_can_be_stored_it_is_not_ready_but_lives(client, services, monkeypatch):
    monkeypatch.setattr(services.store, "why_not_storing", lambda: "nothing can be stored: the disk is full")
    assert states(client) == (200, 503, 503)
    told = client.get("/health/ready").get_json()
    assert told == {"status": "not ready", "why": "nothing can be stored: the disk is full"}


def test_while_it_stops_it_is_not_ready(client, services):
    services.begin_stop()
    assert states(client) == (200, 503, 503)
    assert client.get("/health/ready").get_json()["why"] == "stopping"


def test_it_lives_whatever_the_database_and_the_knowledge_base_do(client, services, monkeypatch):
    def fail(*_):
        raise DatabaseBroken("gone")

    for thing, name in ((services.store, "read"), (services.store, "why_not_storing"), (services.bot, "state")):
        monkeypatch.setattr(thing, name, fail)
    monkeypatch.setattr(services.knowledge, "kb", None)
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_they_are_asked_by_head_too_never_kept_and_never_written(client, path):
    assert client.head(path).status_code == 200
    assert client.get(path).headers["Cache-Control"] == "no-store"
    assert client.post(path).status_code == 405
