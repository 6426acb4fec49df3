"""A shift whose customers go and come back, change agents and fall silent: both sides, everything but Rasa real."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from odziv.cases.queue.silence import SilentConversations
from odziv.desk.queue import events
from odziv.settings.load import AutoClose
from odziv.texts.notices import notice
from odziv.web import streams
from tests.browser.desk.test_desk import cheap_hashes  # noqa: F401 (fixtures)
from tests.browser.shift import Shop, answer, hears, say, take
from tests.chromium import shoot
from tests.mail.conftest import running_smtp_server, smtp_server  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
MAJA, ANNA = "Rada bi govorila s človekom.", "A person, please."


@pytest.fixture
def shop(browser, tmp_path, empty_database, running_smtp_server, monkeypatch):  # noqa: F811
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.5)
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.3)
    shop = Shop(browser, tmp_path, empty_database, running_smtp_server.port)
    yield shop
    shop.close()
    assert shop.problems == []


def is_seen(shop: Shop, conversation_id: str) -> None:
    """Waits until a customer's page has shown itself since the clock was moved."""
    now, ends = shop.store.clock(), time.monotonic() + 20
    while shop.services.hub.customer_seen_at(conversation_id) < now:
        assert time.monotonic() < ends, "the page never showed itself"
        time.sleep(0.05)


def leave(shop: Shop, customer: Page, conversation_id: str) -> None:
    """The page goes; waits until the server has noticed, which it does with the next sign of life it writes."""
    customer.goto("about:blank")
    ends, seen = time.monotonic() + 20, 0
    while seen != (seen := shop.services.hub.customer_seen_at(conversation_id)):
        assert time.monotonic() < ends, "the page is still followed"
        time.sleep(2)  # several of the heartbeats that these tests have


def look(shop: Shop) -> None:
    """The queue monitor checks, as one that began long ago."""
    shop.services.queue_monitor._began = 0
    shop.services.queue_monitor.look()


def test_who_goes_stands_behind_who_is_there_and_comes_back_to_their_place(shop):
    ana = shop.sign_in("Ana Kovač")
    maja, anna = shop.visit("sl", MAJA), shop.visit("en", ANNA)
    cards, [first, second] = ana.locator(".card"), shop.waiting()
    expect(cards).to_have_count(2)
    expect(ana.locator(".here")).to_have_count(2)
    expect(anna.locator(".wait").first).to_have_text("You are number 2 in the queue.")
    address = maja.url
    leave(shop, maja, first.id)
    shop.store.clock.advance(6 * 60_000)
    ana.reload()  # she is still there
    is_seen(shop, second.id)
    look(shop)
    expect(cards.nth(0).locator(".language abbr")).to_have_text("EN")
    expect(cards.nth(0).locator(".here")).to_be_visible()
    expect(cards.nth(1).locator(".here")).to_have_count(0)
    expect(anna.locator(".wait").first).to_have_text("You are next.")
    shoot(ana, "shift-gone")
    maja.goto(address)
    is_seen(shop, first.id)
    look(shop)
    expect(cards.nth(0).locator(".language abbr")).to_have_text("SL")
    expect(anna.locator(".wait").first).to_have_text("You are number 2 in the queue.")
    ana.keyboard.press("t")
    expect(ana.locator("#log")).to_contain_text(MAJA)


def test_the_customer_hears_of_a_new_agent_once(shop):
    ana, vera = shop.sign_in("Ana Kovač"), shop.sign_in("Vera Novak", "admin")
    anna = shop.visit("en", ANNA)
    [waiting] = shop.waiting()
    take(ana, waiting)
    answer(ana, "One moment.")
    hears(anna, "agent", "One moment.")
    expect(ana.locator("#on-page")).to_be_visible()
    shoot(ana, "shift-on-page")
    vera.goto(f"{shop.url}/desk/conversations/{waiting.id}")
    vera.get_by_role("button", name="Take over").click()
    hears(anna, "system", "Vera has joined the conversation.")
    expect(anna.locator(".status")).to_have_text("Vera is with you")
    expect(ana.locator("#banner")).to_contain_text("Vera Novak has this conversation")
    vera.wait_for_load_state("load")
    answer(vera, "I have your parcel here.")
    hears(anna, "agent", "I have your parcel here.")
    expect(anna.locator(".msg.system", has_text="has joined")).to_have_count(2)  # Ana, then Vera
    expect(anna.locator(".msg", has_text="took this over")).to_have_count(0)
    expect(ana.locator("#count-mentions")).to_have_text("1")
    leave(shop, anna, waiting.id)
    shop.store.clock.advance(31_000)
    expect(vera.locator("#on-page")).to_be_hidden()


def test_a_silent_customer_is_asked_then_let_go_and_finds_the_agent_again(shop):
    ana, anna = shop.sign_in("Ana Kovač"), shop.visit("en", ANNA)
    [waiting] = shop.waiting()
    take(ana, waiting)
    answer(ana, "Your parcel comes tomorrow.")
    hears(anna, "agent", "Your parcel comes tomorrow.")
    desk = shop.services.settings.desk.model_copy(update={"auto_close": AutoClose(word_hours=1, close_hours=1)})
    silence = SilentConversations(shop.store, shop.services.settings.model_copy(update={"desk": desk}))
    shop.store.clock.advance(61 * 60_000)
    silence.look()
    hears(anna, "system", notice("silence_word", "en"))
    expect(ana.locator("#log")).to_contain_text("can we help with anything else?")
    shop.store.clock.advance(61 * 60_000)
    silence.look()
    hears(anna, "system", notice("silence_closed", "en"))
    expect(anna.locator(".status")).to_have_text("Conversation closed")
    shoot(anna, "shift-silent")
    expect(ana.locator("#head .status")).to_have_text("Resolved")
    ana.reload()  # there again, after two hours
    say(anna, "Thank you, it came!")
    hears(anna, "system", "Ana has joined the conversation.")
    expect(ana.locator("#head .status")).to_have_text("With you")


def test_after_the_last_agent_left_and_one_is_back_the_place_is_told_again(shop):
    anna = shop.visit("en", ANNA)  # nobody is there
    hears(anna, "system", "Nobody is available right now.")
    expect(anna.locator(".ask-card input")).to_be_visible()
    expect(anna.locator(".notice")).to_have_text("Back to the assistant")
    shoot(anna, "shift-ticket")
    shop.sign_in("Ana Kovač")
    expect(anna.locator(".wait")).to_have_text(["You are next."])
    anna.locator(".notice .line").click()
    hears(anna, "system", "You're no longer waiting for a person")
    assert shop.waiting() == []
