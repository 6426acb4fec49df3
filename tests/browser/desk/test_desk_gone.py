"""A conversation that its customer has deleted goes from the agent's open page too, and the page goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.conversation import find_conversation
from odziv.store.customers.verified import forget_customer
from tests.browser.desk.test_desk import served  # noqa: F401 (fixtures)
from tests.browser.desk.test_desk_cases import take
from tests.browser.widget.test_widget_for_everyone import picture
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def test_the_open_page_says_that_it_is_gone(served, store, kb):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = take(served, waiting)
    page.locator("#text").fill("My answer, half written")
    forget_customer(store, find_conversation(store, waiting.id), all_of_theirs=False)
    expect(page.locator("#main > .empty")).to_contain_text("This conversation has been deleted")
    expect(page.locator("#main")).not_to_contain_text("Kje je moj paket?")
    expect(page.locator("#list")).not_to_contain_text("Kje je moj paket?")
    picture(page, "desk-gone")
    assert "half written" not in page.evaluate("Object.values(sessionStorage).join('')")
    page.get_by_role("link", name="Queue").first.click()
    expect(page.locator("#list-heading")).to_have_text("Queue")
