"""A dialogue goes to the same Rasa while that lives, to another when it is gone, and back when it is there again."""

from __future__ import annotations

from collections import Counter

import pytest

from bot import several
from bot.client import RasaClient, RasaFailed
from bot.connections import ConnectionFailed
from bot.several import SeveralRasas

URLS = [f"http://10.0.0.{number}:5005" for number in range(1, 5)]


class Rasas:
    """What happens at each address: an answer, or an error with its cause."""

    def __init__(self) -> None:
        self.fails: dict[str, tuple[str, Exception | None]] = {}
        self.asked: list[tuple[str, str]] = []

    def call(self, client: RasaClient, conversation: str) -> list[dict]:
        url = client._pool._url
        self.asked.append((conversation, url))
        if url in self.fails:
            said, cause = self.fails[url]
            raise RasaFailed(said) from cause
        return [{"text": url}]


@pytest.fixture
def rasas(monkeypatch) -> Rasas:
    rasas = Rasas()
    monkeypatch.setattr(RasaClient, "ask", lambda self, conversation, *_: rasas.call(self, conversation))
    monkeypatch.setattr(RasaClient, "trigger", lambda self, conversation, *_: rasas.call(self, conversation))
    return rasas


def ask(bot: SeveralRasas, conversation: str) -> str:
    return bot.ask(conversation, "Hello", "en")[0]["text"]


def test_a_dialogue_goes_to_the_same_one_whoever_asks_and_in_whatever_order_they_are_named(rasas):
    one, other = SeveralRasas(URLS, "t"), SeveralRasas(URLS[::-1], "t")
    for number in range(100):
        place = ask(one, f"c{number}-1")
        assert ask(other, f"c{number}-1") == place
        assert other.trigger(f"c{number}-1", "greet", "en")[0]["text"] == place


def test_dialogues_are_spread_and_only_those_of_one_that_comes_move(rasas):
    dialogues = [f"c{number}-1" for number in range(2000)]
    three, four = SeveralRasas(URLS[:3], "t"), SeveralRasas(URLS, "t")
    before, after = {d: ask(three, d) for d in dialogues}, {d: ask(four, d) for d in dialogues}
    assert all(400 < count < 600 for count in Counter(after.values()).values())
    assert {after[d] for d in dialogues if before[d] != after[d]} == {URLS[3]}


@pytest.mark.parametrize(
    "failure",
    [
        ("refused", ConnectionRefusedError()),
        ("reset", ConnectionResetError()),
        ("closed", ConnectionFailed("closed without a reply")),
        ("status 503", None),
    ],
)
def test_one_that_is_gone_gives_way_and_gets_its_dialogues_back(rasas, monkeypatch, failure):
    now = [100.0]
    monkeypatch.setattr(several.time, "monotonic", lambda: now[0])
    bot = SeveralRasas(URLS, "t")
    own = ask(bot, "c1-1")
    rasas.fails[own] = failure
    others = {ask(bot, "c1-1") for _ in range(5)}
    assert len(others) == 1 and own not in others
    assert Counter(rasas.asked)["c1-1", own] == 2  # once before, and once to find it gone
    rasas.fails.clear()
    now[0] += several.AVOID_SECONDS + 0.1
    assert ask(bot, "c1-1") == own


@pytest.mark.parametrize(
    "failure", [("no reply within 3 s", TimeoutError()), ("the reply is not JSON", None), ("status 500", None)]
)
def test_one_that_is_slow_or_answers_nonsense_has_the_dialogue(rasas, failure):
    bot = SeveralRasas(URLS, "t")
    own = ask(bot, "c1-1")
    rasas.fails[own] = failure
    with pytest.raises(RasaFailed, match=failure[0]):
        ask(bot, "c1-1")
    assert {url for _, url in rasas.asked} == {own}


def test_where_all_are_gone_it_is_said(rasas):
    rasas.fails = dict.fromkeys(URLS, ("refused", ConnectionRefusedError()))
    with pytest.raises(RasaFailed, match="refused"):
        ask(SeveralRasas(URLS, "t"), "c1-1")


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["ok", "ok"], "ok"),
        (["ok", "no model"], "no model"),
        (["down", "no model"], "down"),
        (["down", "hangs"], "hangs"),
    ],
)
def test_the_worst_state_is_told(monkeypatch, states, worst):
    monkeypatch.setattr(RasaClient, "state", lambda self: states[URLS.index(self._pool._url)])
    bot = SeveralRasas(URLS[:2], "t")
    assert bot.state() == worst and bot.is_ready() == (worst == "ok")
    bot.close()
