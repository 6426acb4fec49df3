"""The commands of Ctrl+K and the keys beside them: found by words, pressed by Enter, nothing behind them; axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.desk.test_desk_labels import LOOKS, NAMES, shoot
from tests.chromium import check
from tests.desk.conftest import app, cheap_hashes, hand_off, waiting  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def take(served, waiting, **options):  # noqa: F811
    page = served.sign_in("Ana Novak", **options)
    page.goto(served.url + waiting.path)
    page.get_by_role("button", name="Take", exact=True).press("Enter")
    expect(page.locator("#text")).to_be_visible()
    page.keyboard.press("Escape")
    return page


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_a_page_an_action_and_a_conversation_are_found(served, store, waiting, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport=viewport, color_scheme=scheme)
    page.locator("#log").press("Control+k")
    words, options = page.get_by_role("combobox", name="Go to"), page.locator("#palette [role=option]")
    expect(words).to_be_focused()
    expect(options.first).to_have_text("Customer This conversation")  # Enter alone does no harm
    for name in ("Resolve", "Hand back to bot", "Pass on…", "Inbox", "Your account"):
        expect(options.filter(has_text=name)).to_have_count(1)
    shoot(page, f"commands-{viewport['width']}-{scheme}")
    check(page, "commands")
    words.fill("snoo conv")
    expect(options.first).to_contain_text("Snooze…")
    words.press("Enter")
    expect(page.locator("#snooze")).to_have_attribute("open", "")
    page.locator("#log").press("Control+k")
    words.fill("<b>čevlji</b>")
    expect(options).to_have_text([re.compile("Find “<b>čevlji</b>” in all conversations")])
    words.press("Enter")
    expect(page.locator("#found-words")).to_have_value("<b>čevlji</b>")


def test_arrows_choose_letters_do_nothing_behind_it_and_escape_closes_it(served, store, waiting):  # noqa: F811
    page = take(served, waiting, viewport=WIDE)
    page.locator("#log").press("Control+k")
    first = page.locator("#palette [aria-selected=true]").text_content()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    assert page.locator("#palette [aria-selected=true]").text_content() != first
    page.keyboard.press("ArrowUp")
    assert page.locator("#palette [aria-selected=true]").text_content() == first
    page.keyboard.type("nE")
    expect(page.locator("#kind-reply")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_in_the_box_it_makes_a_link(served, waiting):  # noqa: F811
    page = take(served, waiting, viewport=WIDE)
    page.locator("#text").fill("tukaj")
    page.locator("#text").press("Control+a")
    page.locator("#text").press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#text")).to_have_value(re.compile(r"^\[tukaj\]\("))


def test_keys_go_to_the_lists_and_through_them(served, store, waiting):  # noqa: F811
    second = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Ana Novak", viewport=WIDE)
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(waiting.id))
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(second.id))
    page.keyboard.press("Shift+J")
    expect(page).to_have_url(re.compile(waiting.id))
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/desk/inbox$"))
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("/desk/queue$"))


@pytest.mark.parametrize(("key", "status"), [("Shift+E", "Resolved"), ("Shift+B", "With the bot")])
def test_two_keys_end_a_conversation_and_one_does_not(served, waiting, key, status):  # noqa: F811
    page = take(served, waiting, viewport=WIDE)
    page.locator("#log").press(key[-1].lower())
    expect(page.locator("#head .status")).to_have_text("With you")
    page.locator("#log").press(key)
    page.goto(served.url + waiting.path)
    expect(page.locator("#head .status")).to_have_text(status)


def test_the_box_says_what_is_written_in_it(served, waiting):  # noqa: F811
    page = take(served, waiting, viewport=PHONE)
    box = page.locator("#text")
    expect(box).to_have_attribute("placeholder", re.compile(r"^Answer \("))
    page.locator(".kinds").get_by_text("Internal note").click()
    expect(box).to_have_attribute("placeholder", "Leave a note for colleagues…")
    expect(page.get_by_role("textbox", name="Internal note")).to_have_attribute("lang", "")
    expect(page.get_by_role("button", name="Add note")).to_be_visible()
    shoot(page, "note-390")
    check(page, "note")
    page.locator(".kinds").get_by_text("Reply").click()
    expect(page.get_by_role("textbox", name="Your message")).to_have_attribute("lang", "sl")
