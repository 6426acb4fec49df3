"""A message of characters that nobody sees is none; whatever can be seen is one."""

from __future__ import annotations

import pytest

UNSEEN = [
    "\u200b",
    "\u200c\u200d\u2060",
    "\ufeff",
    "\xad",
    "\u200e\u202e\u2066",
    "\u00a0\u2003\u3000\n\t",
    "\u3164\u115f",
]
UNSEEN += ["\uffa0", "\u2800", "\ufe0f\ufe0e", "\u034f", "\U000e0041\U000e007f", "\u180b\u180e", "\u17b4", "\u2065"]


@pytest.mark.slow
@pytest.mark.parametrize("text", UNSEEN)
def test_what_cant_be_seen_is_refused(visitor, text):
    answer = visitor.say(text)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "text_empty")
    assert visitor.messages() == []


@pytest.mark.parametrize(
    "text", ["a\u200b", "👩‍👩‍👧", "1\ufe0f\u20e3", "❤\ufe0f", "\U0001fae9", "\uf8ff", "?", "ž", "한", "⠁"]
)
def test_what_can_be_seen_is_kept(visitor, text):
    assert visitor.say(text).status_code == 201
