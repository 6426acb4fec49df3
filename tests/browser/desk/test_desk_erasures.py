"""Exporting and erasing a customer in Chromium: from their conversation to the file, and to the receipt, at a desk by
day and on a phone by night."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import expect

from odziv.cases.customer_data.desk_exports import Exports
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


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_from_the_conversation_to_the_file(served, app, store, viewport, scheme, tmp_path):  # noqa: F811
    conversation_id = create_conversation(store, "demo", "en").id
    add_customer_message(store, conversation_id, "c1", "Where is it?", "<p>Where is it?</p>")
    page = served.browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB").new_page()
    sign_in(page, served.url, fill_day(store, passwords.hash_password(PASSWORD)))
    page.goto(f"{served.url}/desk/conversations/{conversation_id}")
    page.locator("#customer > summary").click()
    page.get_by_role("link", name="Export everything of this customer…").click()
    expect(page.get_by_text("1 conversation with messages")).to_be_visible()
    assert find_serious(page) == [] and fits(page)
    page.get_by_role("button", name="Begin").click()
    cancel = page.get_by_role("button", name="Cancel")
    expect(page.get_by_label("Waits to be begun")).to_be_visible()
    cancel.focus()
    assert find_serious(page) == [] and fits(page)
    assert Exports(store, app.extensions["odziv"].settings).work_off() == 1
    expect(page.get_by_role("status").get_by_text("An export has ended.")).to_be_attached()  # without a reload
    expect(page.get_by_role("button", name="Delete the file")).to_be_focused()
    assert find_serious(page) == [] and fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as saved:
        assert f"conversations/{conversation_id}.json" in saved.namelist()
    page.get_by_role("button", name="Delete the file").click()
    expect(page.get_by_text("Cancelled, or deleted by hand.")).to_be_visible()
