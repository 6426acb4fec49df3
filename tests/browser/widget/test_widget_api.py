"""What a web developer calls: boot, update, identify and the rest, in a real Chromium, used rightly and wrongly."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import becomes
from tests.browser.fake_api import Served
from tests.browser.widget.test_widget import texts, write

pytestmark = pytest.mark.browser
LISTEN = """window.seen = [];
for (const name of ['ready', 'opened', 'closed', 'message', 'handoff', 'resolved', 'error'])
  odziv('on', name, detail => { seen.push([name, detail && (detail.code || detail.text) || '']) });
null"""


def start(page: Page, served: Served, path: str = "/bare") -> None:
    """A page with the loader, and everything it tells written down."""
    page.goto(served.url + path)
    page.evaluate(LISTEN)


def seen(page: Page, *names: str) -> list[list[str]]:
    """What was told, of the events named."""
    return [event for event in page.evaluate("seen") if event[0] in names]


def test_boot_without_an_attribute_makes_the_calls_that_waited(page, served, fake):
    start(page, served, "/bare?site=")
    expect(page.locator("odziv-chat")).to_have_count(0)
    page.evaluate("odziv('open'); odziv('boot', { site: 'demo', color: '#a8431f', name: 'Outlet' })")
    expect(page.get_by_role("dialog", name="Outlet")).to_be_visible()
    assert page.locator(".head").evaluate("head => getComputedStyle(head).backgroundColor") == "rgb(168, 67, 31)"
    assert seen(page, "ready", "opened") == [["ready", ""], ["opened", ""]]


def test_update_changes_the_look_and_keeps_what_is_being_written(page, served, fake):
    start(page, served)
    page.evaluate("odziv('open')")
    write(page, "one")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.locator("textarea").fill("half a")
    page.evaluate("odziv('update', { name: 'Anna & Co', theme: 'dark', position: 'left' })")
    expect(page.get_by_role("dialog", name="Anna & Co")).to_be_visible()
    assert page.locator("textarea").input_value() == "half a"
    assert page.locator(".bubble").bounding_box()["x"] == 20
    assert page.locator(".panel").evaluate("panel => getComputedStyle(panel).colorScheme") == "dark"
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    assert texts(page) == ["one"]
    assert len(seen(page, "opened")) == 1


def test_set_language_speaks_it_at_once_and_goes_on(page, served, fake):
    start(page, served)
    page.evaluate("odziv('open')")
    write(page, "one")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.evaluate("odziv('setLanguage', 'pl')")
    expect(page.locator(".person")).to_have_text("Rozmowa z konsultantem")
    expect(page.locator(".root")).to_have_attribute("lang", "pl")
    expect(page.locator("textarea")).to_be_focused()
    assert texts(page) == ["one"]
    write(page, "two")
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(2)
    assert fake.customer_texts() == ["one", "two"]
    assert len(fake.conversations) == 1


def test_hide_and_show(page, served):
    start(page, served)
    page.evaluate("odziv('open')")
    page.evaluate("odziv('hide')")
    expect(page.locator(".bubble")).to_be_hidden()
    expect(page.locator(".panel")).to_be_hidden()
    page.evaluate("odziv('show')")
    expect(page.locator(".bubble")).to_be_visible()


def test_open_with_an_article(page, served, fake):
    start(page, served)
    page.evaluate("odziv('open', 'orders/return')")
    expect(page.get_by_role("region", name="Returning").first).to_contain_text("14 days")
    expect(page.locator(".screen-head h3")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("textarea")).to_be_visible()
    page.evaluate("odziv('open', 'no/such')")
    expect(page.locator(".screen a")).to_have_attribute("href", f"{served.url}/help/en/no/such")
    assert seen(page, "error") == [["error", "not_found"]]
    page.locator(".screen .person").click()
    expect(page.locator(".own[data-seq]")).to_contain_text("talk to a person")


def test_identity_and_attributes_go_with_the_conversation(page, served, fake):
    start(page, served)
    page.evaluate("odziv('identify', 'a.b.c'); odziv('setAttributes', { plan: 'pro', seats: 3 })")
    page.evaluate("odziv('open')")
    assert fake.begun == []
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    assert fake.begun[0]["identity"] == "a.b.c"
    assert fake.begun[0]["attributes"] == {"plan": "pro", "seats": 3}
    with page.expect_response("**/conversations/*"):
        page.evaluate("odziv('setAttributes', { plan: 'free' })")
    assert fake.changes == [{"attributes": {"plan": "free", "seats": 3}}]


def test_shutdown_leaves_nothing_and_boot_begins_anew(page, served, fake):
    start(page, served)
    page.evaluate("odziv('open')")
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.evaluate("odziv('shutdown')")
    expect(page.locator("odziv-chat")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    page.evaluate("odziv('shutdown')")
    page.evaluate("odziv('boot')")
    page.evaluate("odziv('open')")
    expect(page.locator(".msg.bot")).to_have_count(1)
    write(page, "again")
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to again"))
    assert len(fake.conversations) == 2


def test_events(page, served, fake):
    start(page, served)
    page.evaluate("odziv('open')")
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.set_status("queued")
    expect(page.locator(".status")).to_have_text("Waiting for a person")
    fake.set_status("resolved")
    expect(page.locator(".status")).to_have_text("Conversation closed")
    page.evaluate("odziv('close')")
    assert seen(page, "opened", "message", "handoff", "resolved", "closed", "error") == [
        ["opened", ""], ["message", "hi"], ["message", "Answer to hi"], ["handoff", ""], ["resolved", ""],
        ["closed", ""],
    ]  # fmt: skip


WRONG = [
    "odziv()",
    "odziv('opne')",
    "odziv('__proto__')",
    "odziv('boot', { site: 'demo' })",
    "odziv('update')",
    "odziv('update', { colour: 'red' })",
    "odziv('update', { site: 'other' })",
    "odziv('setLanguage', 'de')",
    "odziv('setLanguage')",
    "odziv('open', 7)",
    "odziv('identify', { token: 'x' })",
    "odziv('identify', 'no token')",
    "odziv('setAttributes', 'plan')",
    "odziv('setAttributes', { nested: { a: 1 } })",
    "odziv('setAttributes', null)",
    "odziv('on', 'open', () => {})",
    "odziv('on', 'opened')",
    "odziv(Symbol('x'))",
]


@pytest.mark.parametrize("call", WRONG)
def test_wrong_use_is_told_and_breaks_nothing(page, served, call):
    told = []
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    start(page, served)
    page.evaluate(f"void {call}")
    becomes(page, "seen.some(([name]) => name === 'error')")
    assert seen(page, "error") == [["error", "wrong_call"]]
    assert any(line.startswith("odziv: ") for line in told)
    page.evaluate("odziv('open')")
    expect(page.locator("textarea")).to_be_visible()


def test_a_listener_that_throws_harms_nobody(page, served):
    start(page, served)
    page.evaluate("void odziv('on', 'opened', () => { throw new Error('theirs') })")
    page.evaluate("void odziv('on', 'opened', () => { window.second = 1 })")
    page.evaluate("odziv('open')")
    assert page.evaluate("window.second") == 1


def test_the_sites_own_look_is_there_before_it_is_opened(page, served, fake):
    look = {
        "demo": {"color": "#ffd400", "position": "left", "launcher": {"en": "Questions?"}, "languages": ["en", "sl"]}
    }
    fake.site = {"name": "Outlet", "greeting": {"en": "Welcome to the outlet."}}
    page.route(
        "**/widget.js", lambda route: route.continue_(url=f"{served.url}/widget.js?looks={quote(json.dumps(look))}")
    )
    page.goto(f"{served.url}/bare?lang=hr")
    bubble = page.get_by_role("button", name="Questions?. Open chat")
    expect(bubble.locator(".words")).to_have_text("Questions?")
    assert bubble.evaluate("b => getComputedStyle(b).backgroundColor") == "rgb(255, 212, 0)"
    assert bubble.bounding_box()["x"] == 20
    bubble.click()
    expect(page.get_by_role("dialog", name="Outlet")).to_be_visible()
    expect(page.locator(".msg.bot .body")).to_have_text("Welcome to the outlet.")


def test_the_page_of_calls_makes_them_and_writes_down_what_came_of_it(page, served, fake):
    page.goto(served.url + "/demo/calls")
    log = page.locator("#log")
    expect(log).to_contain_text("the script is here")
    page.locator("[data-call='\"open\"']").click()
    expect(log).to_contain_text("opened")
    page.locator("[data-call='\"opne\"']").click()
    expect(log).to_contain_text("wrong_call")
    found = Axe().run(page, context={"exclude": [["odziv-chat"]]}).response["violations"]
    assert [rule["id"] for rule in found] == []
