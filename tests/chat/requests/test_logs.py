"""The log has what happened, and nothing of what was said."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

import odziv.cases.turn_runner
from odziv.cases.turns import MAX_ATTEMPTS
from odziv.store.conversations.messages import add_customer_message
from odziv.store.schema import messages
from odziv.web.logs import configure_logs
from tests.fakes import PAYLOAD

SECRET = "my card is 4111 1111"


class Written(io.StringIO):
    """Standard error that outlives whoever closes it."""

    def close(self) -> None:
        """Stays open."""


@pytest.fixture
def logged(monkeypatch):
    """Logs as in production; call it for what was written to standard error."""
    monkeypatch.setattr(sys, "stderr", written := Written())
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    configure_logs("DEBUG")
    monkeypatch.setattr(odziv.cases.turn_runner, "log", structlog.get_logger())
    yield written.getvalue
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_turn_is_one_line_of_json(logged, visitor, run_turns):
    visitor.say(SECRET)
    run_turns()
    [line] = [json.loads(line) for line in logged().splitlines() if '"turn"' in line]
    assert (line["event"], line["conversation"], line["seq"], line["outcome"]) == ("turn", visitor.id, 1, "answered")
    assert line["level"] == "info" and line["timestamp"] and line["ms"] >= 0


@pytest.mark.parametrize(
    "says",
    [
        [{"custom": PAYLOAD}],
        [{"text": SECRET, "custom": {"text": 5, "buttons": SECRET}}],
        [{"custom": {"text": SECRET * 2000}}],
        [{"custom": {"handoff": {"reason": 5}, "text": SECRET}}],
        ValueError("unforeseen"),
    ],
    ids=["answer", "nonsense", "too long", "handoff", "exception"],
)
def test_neither_text_nor_token_is_logged(logged, visitor, run_turns, services, says):
    services.bot.says = says
    visitor.say(SECRET)
    visitor.say(SECRET + "?")  # a conflict
    visitor.say("x" * 3000)
    visitor.client.get(f"{visitor.path}/messages", headers={"Authorization": f"Bearer {visitor.token}x"})
    run_turns()
    written = logged()
    assert visitor.id in written
    assert "4111" not in written and visitor.token not in written


def test_a_database_error_is_logged_without_the_text(logged, visitor, run_turns, store, services):
    def fail(*_):
        with store.write() as connection:
            connection.execute(insert(messages).values(conversation_id="x", seq=1, text=SECRET))

    services.bot.says = fail
    visitor.say(SECRET)
    run_turns()
    written = logged()
    assert written.count("turn_failed") == MAX_ATTEMPTS and "IntegrityError" in written
    assert "4111" not in written


def test_a_request_that_fails_is_logged_without_the_text(logged, visitor, monkeypatch):
    def fail(store, *_):
        with store.write() as connection:
            connection.execute(insert(messages).values(conversation_id="x", seq=1, text=SECRET))

    monkeypatch.setattr("odziv.chat.api.add_customer_message", fail)
    assert visitor.say(SECRET).status_code == 500
    written = logged()
    assert IntegrityError.__name__ in written
    assert "4111" not in written and visitor.token not in written


def test_the_level_is_kept_to(logged, store, visitor, run_turns, monkeypatch):
    configure_logs("ERROR")
    monkeypatch.setattr(odziv.cases.turn_runner, "log", structlog.get_logger())
    add_customer_message(store, visitor.id, "c1", "hello", "")
    run_turns()
    assert '"turn"' not in logged()
