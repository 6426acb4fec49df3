"""What of a message is embedded at once, before anybody asks about it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from odziv.cases.knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("how do I return a tent", {"how do I return a tent"}),
        ("where is my parcel 204518", {"where is my parcel 204518", "where is my parcel"}),
        ("204518", {"204518"}),
    ],
)
def test_a_message_is_read_with_what_the_articles_are_asked(settings, store, text, read):
    calls: list[list[str]] = []
    knowledge = Knowledge(settings, store)
    knowledge.__dict__["kb"] = SimpleNamespace(read_ahead=calls.append, vector=lambda asked: asked)
    assert knowledge.vector_of(text, "en") == text
    assert [set(call) for call in calls] == [read]
