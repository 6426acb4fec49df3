"""Leaving a customer at the very moment they write, in a real browser: nothing is closed, and the desk asks again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.messages import add_customer_message
from tests.browser.desk.test_desk import served  # noqa: F401 (fixtures)
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("button", ["Resolve", "Hand back"])
def test_leaving_in_the_moment_a_message_comes_shows_it_and_asks_again(served, store, button):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Ana Kovač")
    page.locator(f"#take-{waiting.handoff}").click()
    expect(page.locator("#foot")).to_have_attribute("data-mode", "holder")
    page.wait_for_load_state("load")
    page.route("**/log?*", lambda route: route.abort())  # what comes now has not reached the page yet
    add_customer_message(store, waiting.id, "late", "Še nekaj!", "<p>Še nekaj!</p>")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert").first).to_contain_text("the customer has written meanwhile")
    expect(page.locator("#log")).to_contain_text("Še nekaj!")
    expect(page.locator("#foot")).to_have_attribute("data-mode", "holder")
    page.get_by_role("button", name=button).click()
    expect(page.locator(".flash")).to_contain_text({"Resolve": "Resolved.", "Hand back": "bot"}[button])


def test_passages_that_cannot_be_had_say_so_in_their_own_place_and_can_be_asked_for_again(served, store, kb):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Ana Kovač")
    page.route("**/conversations/*/knowledge*", lambda route: route.fulfill(status=503, body="<h1>Broken</h1>"))
    page.locator(f"#take-{waiting.handoff}").click()
    expect(page.locator("#found")).to_contain_text("can’t be searched right now")
    page.route("**/log?*", lambda route: route.abort())
    add_customer_message(store, waiting.id, "late", "Kako lahko vrnem izdelek?", "<p>Kako lahko vrnem izdelek?</p>")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("#found")).to_contain_text("can’t be searched right now")
    expect(page.get_by_role("alert").first).to_contain_text("the customer has written meanwhile")
    expect(page.locator("main")).not_to_contain_text("Broken")
    page.unroute("**/conversations/*/knowledge*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#found")).not_to_contain_text("right now")
    expect(page.locator("#found .found")).not_to_have_count(0)
