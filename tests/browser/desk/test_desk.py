"""Two agents at the desk in real browsers: they see each other, pass on, lose a lease; every page fits a phone."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from odziv.cases.queue_monitor import GRACE_MS, QueueMonitor
from odziv.desk.queue import events
from odziv.store.conversations.messages import add_customer_message
from tests.chromium import fits
from tests.desk.conftest import (  # noqa: F401 (fixtures)
    PASSWORD,
    add_agent,
    app,
    cheap_hashes,
    folder,
    hand_off,
    kb,
)

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LOOKS = [(WIDE, "light"), (PHONE, "dark"), (PHONE, "light"), (WIDE, "dark")]
NAMES = ["wide-light", "phone-dark", "phone-light", "wide-dark"]


@dataclass
class Desk:
    """The served desk, and pages that are signed in to it."""

    url: str
    browser: Browser
    store: object

    def sign_in(self, name: str, role: str = "agent", viewport: dict = WIDE, **options) -> Page:
        agent = add_agent(self.store, name, role)
        # A service worker that starts in the middle of a test hides requests from its routes.
        options = {"service_workers": "block", **options}
        context = self.browser.new_context(viewport=viewport, locale="en-GB", **options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(f"{self.url}/desk/sign-in")
        page.get_by_label("E-mail address").fill(agent.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        page.wait_for_load_state("load")  # its scripts listen
        return page


@pytest.fixture
def served(app, store, browser, monkeypatch):  # noqa: F811
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.5)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Desk(f"http://127.0.0.1:{server.server_port}", browser, store)
    for context in browser.contexts:
        context.close()
    app.extensions["odziv"].hub.close()
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_two_agents_see_each_other_look_and_type(served, store):
    waiting = hand_off(store, "Kje je moj paket?")
    ana, marek = served.sign_in("Ana Kovač"), served.sign_in("Marek Zieliński")
    ana.locator(f"#take-{waiting.handoff}").click()
    expect(ana.locator("#log")).to_contain_text("Kje je moj paket?")
    ana.wait_for_load_state("load")
    marek.goto(served.url + waiting.path)
    expect(marek.locator("#colleagues")).to_have_text("Ana Kovač is looking at this too")
    expect(ana.locator("#colleagues")).to_have_text("Marek Zieliński is looking at this too")
    ana.locator("#text").press_sequentially("Takoj")
    expect(marek.locator("#colleagues")).to_have_text("Ana Kovač is typing…")
    marek.locator("#text").press_sequentially("Pazi")
    expect(ana.locator("#colleagues")).to_have_text("Marek Zieliński is typing…")
    ana.keyboard.press("Control+Enter")
    expect(marek.locator("#colleagues")).to_have_text("Ana Kovač is looking at this too")
    marek.goto(served.url + "/desk/queue")
    expect(ana.locator("#colleagues")).to_have_text("")


def test_typing_times_out_when_no_more_is_heard(served, store, app):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    ana = served.sign_in("Ana Kovač")
    ana.clock.install()
    ana.goto(served.url + waiting.path)
    marek = served.sign_in("Marek Zieliński")
    marek.goto(served.url + waiting.path)
    expect(ana.locator("#colleagues")).to_have_text("Marek Zieliński is looking at this too")
    marek.locator("#text").evaluate(
        "box => fetch(box.form.dataset.announce, {method: 'POST', body: new URLSearchParams("
        "{typing: 1, csrf_token: box.form.elements.csrf_token.value})})"
    )
    expect(ana.locator("#colleagues")).to_have_text("Marek Zieliński is typing…")
    ana.clock.fast_forward(9000)
    expect(ana.locator("#colleagues")).to_have_text("Marek Zieliński is looking at this too")


def test_passing_on_by_keyboard_keeps_what_was_begun_when_a_message_comes(served, store):
    waiting = hand_off(store, "Kje je moj paket?")
    marek, ana = served.sign_in("Marek Zieliński"), served.sign_in("Ana Kovač")
    ana.locator(f"#take-{waiting.handoff}").click()
    ana.locator("#log").wait_for()
    ana.wait_for_load_state("load")  # desk.js has run, so keys work
    ana.locator("#text").press("Escape")
    ana.keyboard.press("p")
    expect(ana.locator("#transfer-to")).to_be_focused()
    ana.locator("#transfer-to").select_option(label="Marek Zieliński (0 of 6)")
    expect(ana.get_by_label("Topic")).to_be_hidden()
    ana.get_by_label("Note, which").fill("Prosim, pokliči ga.")
    add_customer_message(store, waiting.id, "c9", "Halo?", "<p>Halo?</p>")
    expect(ana.locator("#log")).to_contain_text("Halo?")
    expect(ana.get_by_label("Note, which")).to_have_value("Prosim, pokliči ga.")
    ana.get_by_label("Note, which").press("Tab")
    ana.keyboard.press("Enter")
    expect(ana.locator(".flash")).to_have_text("Marek Zieliński has it now.")
    marek.get_by_role("link", name="Inbox").click()
    marek.locator(".card-link").click()
    expect(marek.locator("#pinned")).to_contain_text("Prosim, pokliči ga.")
    expect(marek.locator("#foot")).to_have_attribute("data-mode", "holder")


def test_a_lease_that_is_lost_shows_on_the_open_page(served, store, settings):
    waiting = hand_off(store, "Kje je moj paket?")
    ana = served.sign_in("Ana Kovač")
    ana.locator(f"#take-{waiting.handoff}").click()
    ana.locator("#text").wait_for()
    ana.wait_for_load_state("load")  # its scripts listen
    with ana.expect_response("**/typing"):  # the last request for a while: each is a sign of life
        ana.locator("#text").fill("Ravno pišem")
    monitor = QueueMonitor(store, settings)
    monitor._began -= GRACE_MS
    store.clock.advance(11 * 60_000)
    monitor.look()
    expect(ana.locator("#foot")).to_have_attribute("data-mode", "queued")
    expect(ana.locator("#log")).to_contain_text("gave no sign of life for 10 minutes")
    expect(ana.locator("#text")).to_have_value("Ravno pišem")
    expect(ana.locator("#transfer summary")).to_have_text("Promise a time…")


def test_the_switch_works_by_keyboard(served):
    ana = served.sign_in("Ana Kovač")
    switch = ana.get_by_role("switch", name="Available")
    expect(switch).to_be_checked()
    switch.press("Space")
    expect(ana.get_by_role("switch", name="Available")).not_to_be_checked()


def test_an_open_page_says_that_it_lives(served):
    ana = served.sign_in("Ana Kovač")
    ana.clock.install()
    ana.goto(served.url + "/desk/queue")
    with ana.expect_response("**/desk/alive") as answer:
        ana.clock.fast_forward(31_000)
    assert answer.value.status == 204


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_administrator_sets_skills_and_nothing_is_wider_than_the_screen(served, store, kb, viewport):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?", reason="complaint")
    vera = served.sign_in("Vera Novak", "admin", viewport)
    errors = []
    vera.on("console", lambda message: message.type == "error" and errors.append(message.text))
    assert fits(vera)
    vera.locator(".rail-account").click()  # on a phone, the rail has no room for the rest
    vera.locator(".tabs").get_by_role("link", name="Agents").click()
    expect(vera.locator("script[src*=presence]")).to_have_count(1)
    vera.get_by_label("Polish").check()
    vera.get_by_label("Delivery").check()
    vera.get_by_label("Conversations at once").fill("3")
    vera.get_by_role("button", name="Save : Vera Novak").click()
    expect(vera.locator(".flash")).to_have_text("Saved: Vera Novak.")
    expect(vera.get_by_label("Polish")).to_be_checked()
    assert fits(vera)
    for page in ("account", "people", "audit", "phrasings", "assistant", "queue"):
        vera.goto(f"{served.url}/desk/{page}")
        assert fits(vera), page
        expect(vera.locator("#count-queue")).to_have_text("1")
        expect(vera.locator("script[src*=presence]")).to_have_count(1)
    vera.goto(served.url + waiting.path)
    vera.locator("#transfer summary").click()
    assert fits(vera)
    assert errors == []
