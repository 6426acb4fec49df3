"""Notifications and sound: asked for by a click, told once for all tabs, and never to somebody who is looking."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.store.conversations.messages import add_customer_message
from tests.browser.conftest import becomes
from tests.browser.desk.test_desk import app, cheap_hashes, served  # noqa: F401 (fixtures)
from tests.desk.conftest import hand_off

pytestmark = pytest.mark.browser

# A headless browser shows no notifications, makes no sound, and has every tab in front. So that can be seen and set.
STANDS_FOR_THE_SCREEN = """
  window.told = []; window.tones = 0; window.isInFront = false;
  document.hasFocus = () => window.isInFront;
  window.Notification = class {
    static get permission() { return localStorage.getItem("permission") ?? "default"; }
    static async requestPermission() {
      window.asked = (window.asked ?? 0) + 1;
      localStorage.setItem("permission", window.answer ?? "granted");
      return Notification.permission;
    }
    constructor(title, options) { window.told.push([title, options.body]); window.newest = this; }
    close() {}
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
"""


@pytest.fixture
def ana(served):  # noqa: F811
    """Ana at her account's page, with a browser that can be looked into."""
    page = served.sign_in("Ana Kovač")
    page.context.add_init_script(STANDS_FOR_THE_SCREEN)
    page.goto(f"{served.url}/desk/account")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    assert page.problems == []


def turn_on(page: Page, name: str) -> None:
    with page.expect_response("**/desk/news"):
        page.get_by_role("switch", name=name).check()


def told(page: Page) -> list:
    return page.evaluate("window.told")


def come_to_front(page: Page, is_in_front: bool = True) -> None:
    page.evaluate(
        "(is) => { window.isInFront = is; window.dispatchEvent(new Event(is ? 'focus' : 'blur')); }", is_in_front
    )


def looked(page: Page, do) -> None:
    """Does something that pages hear of, and waits until this one has looked and was answered."""
    with page.expect_response("**/desk/news") as answer:
        do()
    answer.value.finished()
    page.evaluate(
        "navigator.locks.request('odziv-alerts-' + document.querySelector('[data-agent]').dataset.agent, () => {})"
    )


def test_nothing_is_asked_or_fetched_before_a_click(ana, store):
    calls = []
    ana.on("request", lambda request: "/desk/news" in request.url and calls.append(request.url))
    ana.reload()
    hand_off(store, "Kje je moj paket?")
    expect(ana.locator("#count-queue")).to_have_text("1")
    ana.wait_for_timeout(1500)
    assert calls == [] and ana.evaluate("window.asked") is None


def test_a_new_handoff_is_told_once_for_two_tabs_and_opened_by_a_press(ana, served, store):  # noqa: F811
    hand_off(store, "Ta čaka že prej.")
    turn_on(ana, "Desktop notification")
    other = ana.context.new_page()
    other.goto(f"{served.url}/desk/queue")
    expect(other.locator("#count-queue")).to_have_text("1")
    made = []
    looked(ana, lambda: looked(other, lambda: made.append(hand_off(store, "Nova stranka", reason="complaint"))))
    assert told(ana) + told(other) == [["A customer is waiting", "Complaint, Slovenian"]]
    teller = ana if told(ana) else other
    teller.evaluate("window.newest.onclick()")
    expect(teller.locator("#log")).to_contain_text("Nova stranka")


def test_a_page_in_front_keeps_all_of_them_quiet(ana, served, store):  # noqa: F811
    turn_on(ana, "Desktop notification")
    other = ana.context.new_page()
    other.goto(f"{served.url}/desk/queue")
    come_to_front(other)
    looked(ana, lambda: looked(other, lambda: hand_off(store, "Prva")))
    come_to_front(other, False)
    looked(ana, lambda: looked(other, lambda: hand_off(store, "Druga")))
    assert len(told(ana) + told(other)) == 1
    come_to_front(other)
    other.close()  # and the lock with it
    looked(ana, lambda: hand_off(store, "Tretja"))
    assert told(ana)[-1][0] == "A customer is waiting"


def test_a_customers_message_in_ones_own_conversation_is_told(ana, served, store):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    turn_on(ana, "Desktop notification")
    ana.goto(f"{served.url}/desk/queue")
    come_to_front(ana)
    ana.locator(f"#take-{waiting.handoff}").click()
    expect(ana.locator("#foot")).to_have_attribute("data-mode", "holder")
    ana.wait_for_load_state("load")
    come_to_front(ana)
    looked(ana, lambda: add_customer_message(store, waiting.id, "c8", "Ste tam?", "<p>Ste tam?</p>"))
    assert told(ana) == []
    come_to_front(ana, False)
    looked(ana, lambda: add_customer_message(store, waiting.id, "c9", "Halo?", "<p>Halo?</p>"))
    assert told(ana) == [["Your customer has written", ""]]


def test_a_conversation_that_was_given_is_told(ana, served, store):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    turn_on(ana, "Desktop notification")
    vera = served.sign_in("Vera Novak", "admin")
    vera.goto(served.url + waiting.path)
    vera.get_by_text("Assign to…").press("Enter")
    vera.locator("#assign").get_by_role("button", name="Assign").press("Enter")
    becomes(ana, "window.told.some(([title]) => title === 'A new mention for you')")
    assert "paket" not in str(told(ana))


def test_the_sound_is_for_those_who_turned_it_on(ana, store):
    turn_on(ana, "Sound")
    looked(ana, lambda: hand_off(store, "Kje je moj paket?"))
    becomes(ana, "window.tones === 2")
    assert told(ana) == [] and ana.evaluate("window.asked") is None
    ana.get_by_role("switch", name="Sound").uncheck()
    hand_off(store, "Še ena")
    expect(ana.locator("#count-queue")).to_have_text("2")
    ana.wait_for_timeout(1300)
    assert ana.evaluate("window.tones") == 2


def test_a_browser_that_refuses_is_explained(ana):
    ana.evaluate("window.answer = 'denied'")
    switch = ana.get_by_role("switch", name="Desktop notification")
    switch.press("Space")
    expect(ana.locator("#alert-problem")).to_contain_text("blocks notifications")
    expect(switch).not_to_be_checked()


def test_the_switches_stay_as_they_were_put(ana):
    turn_on(ana, "Desktop notification")
    ana.reload()
    expect(ana.get_by_role("switch", name="Desktop notification")).to_be_checked()
    expect(ana.get_by_role("switch", name="Sound")).not_to_be_checked()
