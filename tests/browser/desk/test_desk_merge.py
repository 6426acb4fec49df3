"""Merging from the customer's panel, and the switch on the account page, as an agent at a browser does it. And axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.conversation import find_conversation
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.desk.test_desk_cases import check, take
from tests.chromium import shoot
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    set_contact(store, waiting.id, email="miha@example.com")
    return waiting


@pytest.fixture
def other(store, waiting):
    other = hand_off(store, "Še enkrat jaz: paketa ni, prosim za pomoč.")
    set_contact(store, other.id, email="miha@example.com")
    return other


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_merged_by_key_after_a_word_that_it_is_the_same_customer(served, store, waiting, other, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport=viewport, color_scheme=scheme)
    page.keyboard.press("c")
    opener = page.get_by_role("button", name="Merge into this one…")
    expect(opener).to_be_visible()
    opener.focus()
    shoot(page, f"panel-{scheme}")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Merge into this one?")
    expect(dialog).to_be_visible()
    shoot(page, f"dialog-{scheme}")
    check(page, "dialog")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog).to_be_visible()  # not before it is confirmed
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator("#merged")).to_contain_text("was merged into this one by Vera Novak")
    assert find_conversation(store, other.id).status == "resolved"
    shoot(page, f"merged-{scheme}")
    check(page, "merged")
    page.locator("#merged a").click()
    expect(page.locator("#merged")).to_contain_text("Merged into conversation")
    shoot(page, f"away-{scheme}")
    check(page, "away")
    page.goto(f"{served.url}/desk/account")
    page.get_by_role("button", name="Write to me").click()
    expect(page.locator("#overdue-mail .badge")).to_have_text("On")
    page.locator("#overdue-mail").scroll_into_view_if_needed()
    shoot(page, f"account-{scheme}")
    check(page, "account")
