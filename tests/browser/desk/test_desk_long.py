"""A conversation of many messages in a real browser: more of it comes, and the place one reads at stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.store.conversations.messages import add_customer_message
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.desk.conversation.test_desk_long_log import lengthen

pytestmark = pytest.mark.browser


@pytest.fixture
def long(store, kb):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    lengthen(store, waiting.id, 700)
    return waiting


def top_of(page: Page, seq: int) -> float:
    """Where on the screen a message stands."""
    return page.locator(f"#m{seq}").evaluate("each => each.getBoundingClientRect().top")


def open_page(served, path: str, viewport: dict = WIDE) -> Page:  # noqa: F811
    page = served.sign_in("Ana Kovač", viewport=viewport)
    page.goto(served.url + path)
    page.wait_for_load_state("load")
    return page


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_earlier_ones_come_above_what_one_reads(served, long, viewport):  # noqa: F811
    page = open_page(served, long.path, viewport)
    expect(page.locator("#m700")).to_be_in_viewport()
    earlier = page.get_by_role("link", name="Show earlier (500 left)")
    earlier.scroll_into_view_if_needed()
    before = top_of(page, 501)
    earlier.click()
    expect(page.get_by_role("link", name="Show earlier (300 left)")).to_have_count(1)
    expect(page.locator("#log")).to_be_focused()
    # The link that stood above is gone to the new beginning; the message stays within its height of where it was.
    assert abs(top_of(page, 501) - before) < 60
    assert page.locator("#log > .message").count() == 400
    page.get_by_role("link", name="Show earlier (300 left)").click()
    page.get_by_role("link", name="Show earlier (100 left)").click()
    expect(page.locator(".gap")).to_have_count(0)
    seqs = page.locator("#log > .message").evaluate_all("all => all.map((each) => Number(each.dataset.seq))")
    assert seqs == list(range(1, 701))


def test_a_link_to_an_old_message_shows_it_and_news_come_at_the_end(served, store, long):  # noqa: F811
    page = open_page(served, f"{long.path}?at=100#m100")
    expect(page.locator("#m100")).to_be_in_viewport()
    follows = page.get_by_role("link", name="Show what follows (221 left)")
    follows.scroll_into_view_if_needed()
    before = top_of(page, 279)
    follows.click()
    expect(page.locator("#m300")).to_have_count(1)
    expect(page.locator("#log")).to_be_focused()
    assert abs(top_of(page, 279) - before) < 2
    add_customer_message(store, long.id, "c9", "Halo?", "<p>Halo?</p>")
    expect(page.locator("#log > :last-child")).to_contain_text("Halo?")
    page.get_by_role("link", name="Show what follows (21 left)").click()
    expect(page.locator(".gap:has-text('follows')")).to_have_count(0)
    seqs = page.locator("#log > .message").evaluate_all("all => all.map((each) => Number(each.dataset.seq))")
    assert seqs == list(range(80, 702))
