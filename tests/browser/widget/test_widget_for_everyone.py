"""Nobody is shut out: axe in every state, zoom, forced colours, reduced motion, right to left, phones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.widget.test_widget import visit, write

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
ANSWER = {"article": "orders/return", "language": "en", "title": "Returning", "url": "/help/en/orders/return"}


def answered(page: Page, fake) -> None:
    fake.reply = lambda message, conversation: fake.say(
        "Within 14 days.",
        conversation=conversation,
        answer={**ANSWER, "confidence": 0.9},
        buttons=[{"title": "Refund time", "kind": "follow_up"}, {"title": "This helped", "kind": "helped"}],
    )
    write(page, "How do I return it?")
    expect(page.locator(".choices button")).to_have_count(2)


def waiting(page: Page, fake) -> None:
    answered(page, fake)
    fake.reply = lambda message, conversation: fake.set_status("queued")
    page.locator(".person").click()
    expect(page.locator(".status")).to_have_text("Waiting for a person")
    fake.say("A colleague will be with you shortly.", "system")
    expect(page.locator(".msg.system")).to_be_visible()


def offline(page: Page, fake) -> None:
    answered(page, fake)
    page.context.set_offline(True)
    write(page, "And the postage?")
    expect(page.locator(".pending .meta")).to_have_text("Waiting for connection")
    expect(page.locator(".banner")).to_be_visible()


def failed(page: Page, fake) -> None:
    fake.refuse_next(400, "bad_request")
    write(page, "Refused")
    expect(page.locator(".failed button")).to_be_visible()


def article(page: Page, fake) -> None:
    page.evaluate("odziv('open', 'orders/return')")
    expect(page.locator(".screen")).to_be_visible()


STATES = {"open": lambda page, fake: None, **{do.__name__: do for do in (answered, waiting, offline, failed, article)}}


@pytest.mark.parametrize(
    "options", [DESKTOP, PHONE, {**DESKTOP, "color_scheme": "dark"}], ids=["wide", "phone", "dark"]
)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(browser: Browser, served, fake, state, options, request):
    context = browser.new_context(**options, bypass_csp=True, reduced_motion="reduce")
    page = visit(context.new_page(), served)
    STATES[state](page, fake)
    found = Axe().run(page, context={"include": [["odziv-chat"]]}).response["violations"]
    picture(page, request.node.callspec.id)
    context.close()
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def picture(page: Page, name: str) -> None:
    """Kept where ODZIV_PICTURES says, to be looked at."""
    if os.environ.get("ODZIV_PICTURES"):
        page.screenshot(path=Path(os.environ["ODZIV_PICTURES"]) / f"{name}.png")


def test_at_twice_the_size_everything_is_still_there(browser, served, fake):
    """200 % of 1280 by 800 leaves 640 by 400."""
    context = browser.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    page = visit(context.new_page(), served)
    answered(page, fake)
    for selector in (".close", "textarea", ".send", ".person"):
        box = page.locator(selector).bounding_box()
        assert box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 640 and box["y"] + box["height"] <= 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    context.close()


def test_forced_colours_keep_edges_and_focus(browser, served, fake):
    context = browser.new_context(forced_colors="active")
    page = visit(context.new_page(), served)
    answered(page, fake)
    for selector in (".panel", ".bubble", ".own .body", ".choices button", ".box", ".send"):
        width = page.locator(selector).first.evaluate("node => parseFloat(getComputedStyle(node).borderTopWidth)")
        assert width >= 1, selector
    page.locator(".send").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.locator(".send").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    picture(page, "forced")
    context.close()


def test_reduced_motion_moves_nothing(browser, served, fake):
    context = browser.new_context(reduced_motion="reduce")
    page = visit(context.new_page(), served)
    moving = page.evaluate("document.querySelector('odziv-chat').shadowRoot.getAnimations().length")
    assert moving == 0
    context.close()


def test_right_to_left_is_a_mirror_image(browser, served, fake):
    context = browser.new_context(**DESKTOP)
    page = visit(context.new_page(), served)
    answered(page, fake)
    page.evaluate("document.querySelector('odziv-chat').root.dir = 'rtl'")
    panel, own, send = (page.locator(name).bounding_box() for name in (".panel", ".own .body", ".send"))
    assert own["x"] - panel["x"] < panel["width"] / 2
    assert send["x"] - panel["x"] < 40
    picture(page, "rtl")
    context.close()


def test_the_keyboard_of_a_phone_covers_nothing(browser, served, fake):
    context = browser.new_context(**PHONE, reduced_motion="reduce")  # nothing slides while it is measured
    page = visit(context.new_page(), served)
    expect(page.locator(".foot")).to_be_visible()
    page.evaluate("""() => { const view = window.visualViewport;
      Object.defineProperty(view, 'height', { value: 460 });
      view.dispatchEvent(new Event('resize')) }""")
    box = page.locator(".foot").bounding_box()
    assert box["y"] + box["height"] <= 461
    assert page.locator(".head").bounding_box()["y"] >= 0
    context.close()
