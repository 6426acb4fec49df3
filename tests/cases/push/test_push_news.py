"""What an agent's browsers are told of while their desk is closed: what is new, theirs, and not seen to, each once."""

from __future__ import annotations

import pytest

from odziv.cases.push.notifier import AWAY_MS, OPEN_MS, PushNotifier
from odziv.settings.hours import Hours
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import ONLINE_MS, renew_presence, set_available
from odziv.store.agents.mentions import add_mentions, mark_read
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.handoffs.handoff import add_agent_message, claim
from odziv.store.push.pushes import finish_sent, take_push
from odziv.store.push.subscriptions import subscribe, unsubscribe
from tests.desk.conftest import add_agent, hand_off
from tests.push.push_browser import PushBrowser

OFFICE = Hours(time_zone="Europe/Ljubljana", week={"mon-fri": "8:00-16:00"})
SUNDAY = 1_767_520_800_000  # 4 January 2026, 11:00 in Ljubljana


@pytest.fixture
def ana(store):
    return add_agent(store, "Ana Kovač")


@pytest.fixture
def notifier(store, settings):
    return PushNotifier(store, settings)


def turn_on(store, notifier, agent, endpoint: str = "https://push.example/ana") -> int:
    """A browser that has been looked at once: what there was is old."""
    browser = PushBrowser(endpoint).told
    number = subscribe(store, agent.id, browser, session_id="s", device=None, language="sl")
    assert notifier.look() == 0
    return number


def wait(store, notifier, ms: int = AWAY_MS) -> list[tuple[str, int]]:
    """What is sent when so much time has passed: of each kind how many."""
    notifier.look()
    store.clock.advance(ms)
    notifier.look()
    sent = []
    while (push := take_push(store, 1000)) is not None:
        sent.append((push.tag, push.content["count"]))
        finish_sent(store, push)
    return sorted(sent)


def write(store, waiting, text: str) -> None:
    add_customer_message(store, waiting.id, f"c{text}", text, text)


def test_nothing_without_a_browser(store, notifier, ana):
    hand_off(store, "Kje je moj paket?")
    assert notifier.look() == 0 and take_push(store, 1000) is None


def test_what_waits_is_old_when_it_is_turned_on_and_the_next_is_told_once(store, notifier, ana):
    hand_off(store, "Kje je moj paket?")
    turn_on(store, notifier, ana)
    assert wait(store, notifier) == []
    hand_off(store, "Kje je moj račun?")
    hand_off(store, "Kje ste?")
    assert wait(store, notifier, AWAY_MS - 1) == []
    assert wait(store, notifier, 1) == [("handoff", 2)]
    assert wait(store, notifier) == []
    assert wait(store, PushNotifier(store, notifier.settings)) == []  # started again


def test_who_is_taken_meanwhile_is_no_news(store, notifier, ana):
    marek = add_agent(store, "Marek Zieliński")
    turn_on(store, notifier, ana)
    waiting = hand_off(store, "Kje je moj paket?")
    notifier.look()
    claim(store, waiting.handoff, marek.id)
    assert wait(store, notifier) == []


def test_a_customer_of_theirs_who_writes_is_news_with_each_pause(store, notifier, ana):
    waiting = hand_off(store, "Kje je moj paket?")
    claim(store, waiting.handoff, ana.id)
    turn_on(store, notifier, ana)
    write(store, waiting, "Halo?")
    write(store, waiting, "Ste tam?")
    assert wait(store, notifier) == [("message", 1)]
    write(store, waiting, "???")
    assert wait(store, notifier) == [("message", 1)]


def test_what_was_answered_in_time_is_no_news(store, notifier, ana):
    waiting = hand_off(store, "Kje je moj paket?")
    claim(store, waiting.handoff, ana.id)
    turn_on(store, notifier, ana)
    write(store, waiting, "Halo?")
    notifier.look()
    assert add_agent_message(store, waiting.id, ana.id, NewMessage("agent", "Tu sem.", "Tu sem.", agent_id=ana.id))
    assert wait(store, notifier) == []


def test_a_mention_is_news_until_it_was_seen(store, notifier, ana):
    marek = add_agent(store, "Marek Zieliński")
    waiting = hand_off(store, "Kje je moj paket?")
    claim(store, waiting.handoff, marek.id)
    turn_on(store, notifier, ana)
    for number in range(2):
        with store.write() as connection:
            note = NewMessage("agent", "@Ana", "@Ana", internal=True, agent_id=marek.id)
            seq = append_message(connection, waiting.id, note).seq
            add_mentions(connection, waiting.id, seq, (ana.id,))
        if number:
            mark_read(store, ana.id)
        assert wait(store, notifier) == ([] if number else [("mention", 1)])


def test_who_has_a_page_open_is_told_by_it_first(store, notifier, ana):
    turn_on(store, notifier, ana)
    hand_off(store, "Kje je moj paket?")
    for _ in range(OPEN_MS // 60_000):
        renew_presence(store, ana.id)
        assert wait(store, notifier, 59_000) == []
    renew_presence(store, ana.id)
    assert wait(store, notifier, 4_000) == [("handoff", 1)]
    assert OPEN_MS > ONLINE_MS


def test_who_is_away_is_left_alone_and_not_told_of_it_later(store, notifier, ana):
    turn_on(store, notifier, ana)
    set_available(store, ana.id, False)
    hand_off(store, "Kje je moj paket?")
    assert wait(store, notifier) == []
    set_available(store, ana.id, True)
    assert wait(store, notifier) == [("handoff", 1)]  # it waits still


@pytest.mark.parametrize(("reason", "sent"), [("requested", []), ("danger", [("handoff", 1)])])
def test_outside_the_hours_only_danger_is_told_of(store, settings, ana, reason, sent):
    store.clock.now = SUNDAY
    desk = settings.desk.model_copy(update={"hours": OFFICE})
    notifier = PushNotifier(store, settings.model_copy(update={"desk": desk}))
    waiting = hand_off(store, "Kje je moj račun?")
    claim(store, waiting.handoff, ana.id)
    turn_on(store, notifier, ana)
    hand_off(store, "Kje je moj paket?", reason=reason)
    write(store, waiting, "Halo?")
    assert wait(store, notifier) == sent


def test_what_an_agent_cannot_take_is_no_news_while_another_could(store, settings, ana):
    desk = settings.desk.model_copy(update={"agent_languages": ("pl",)})
    notifier = PushNotifier(store, settings.model_copy(update={"desk": desk}))
    turn_on(store, notifier, ana)
    hand_off(store, "Gdzie jest moja paczka?", "pl")
    assert wait(store, notifier) == [("handoff", 1)]


def test_each_browser_of_an_agent_is_told_and_no_disabled_one(store, notifier, ana):
    first = turn_on(store, notifier, ana)
    turn_on(store, notifier, ana, "https://push.example/phone")
    hand_off(store, "Kje je moj paket?")
    assert wait(store, notifier) == [("handoff", 1)] * 2
    assert unsubscribe(store, ana.id, first)
    hand_off(store, "Kje je moj račun?")
    assert wait(store, notifier) == [("handoff", 1)]
    set_disabled(store, ana.id, True)
    hand_off(store, "Kje ste?")
    assert wait(store, notifier) == []


def test_turned_off_for_all_nothing_is_told(store, settings, ana):
    notifier = PushNotifier(store, settings)
    turn_on(store, notifier, ana)
    notifier.settings = settings.model_copy(update={"desk": settings.desk.model_copy(update={"push": False})})
    hand_off(store, "Kje je moj paket?")
    assert wait(store, notifier) == []


def test_a_clock_set_back_keeps_nobody_waiting_for_longer(store, notifier, ana):
    turn_on(store, notifier, ana)
    hand_off(store, "Kje je moj paket?")
    notifier.look()
    store.clock.advance(-3_600_000)
    assert wait(store, notifier, 0) == [("handoff", 1)]
