"""Erasing a customer in Chromium: from their conversation to the receipt, at a desk by day and on a phone by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.cases.customer_data.erasing import Erasures
from odziv.desk.people import passwords
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from tests.browser.busy_day import fill_day
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.desk.test_every_desk_page import sign_in
from tests.chromium import find_serious, fits
from tests.desk.conftest import PASSWORD, app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_from_the_conversation_to_the_receipt(served, app, store, viewport, scheme):  # noqa: F811
    ids = [create_conversation(store, "demo", "en").id for _ in range(2)]
    for each in ids:
        add_customer_message(store, each, "c1", "Where is it?", "<p>Where is it?</p>")
        set_contact(store, each, email="anna@customer.example", customer="a1", verified=True)
    page = served.browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB").new_page()
    sign_in(page, served.url, fill_day(store, passwords.hash_password(PASSWORD)))
    page.goto(f"{served.url}/desk/conversations/{ids[0]}")
    page.get_by_text("Delete…", exact=True).click()
    page.get_by_role("link", name="Erase everything of this customer…").click()
    expect(page.get_by_text("2 conversations with messages")).to_be_visible()
    assert find_serious(page) == [] and fits(page)
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("It is being erased.")).to_be_visible()
    assert Erasures(store, app.extensions["odziv"].settings).work_off() == 1
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Finished")).to_be_visible()
    assert find_serious(page) == [] and fits(page)
    assert [find_conversation(store, each) for each in ids] == [None, None]
