"""A customer's other addresses, as an agent at a browser adds and removes them. And axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_message
from odziv.store.mail.recipients import Copies
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.desk.test_desk_cases import check, take
from tests.chromium import shoot
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser
ANNA, WORK = "anna@customer.example", "anna.novak-kovacic@a-rather-long-name.work.example"


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    """Anna's, whose mail asked for answers at work; and what she wrote from there."""
    waiting = hand_off(store, "Kje je moj paket?")
    set_contact(store, waiting.id, email=ANNA, name="Anna")
    mail = Incoming("m1", "<1@x>", ANNA, "Paket", "x", reply_to=WORK, copies=Copies(cc=(("Anna", "a@home.example"),)))
    keep_as_message(store, mail, waiting.id, "Piši mi v službo.", "Piši mi v službo.")
    mail = Incoming("m2", "<2@x>", WORK, "Paket", "x")
    keep_as_conversation(store, mail, "Anna", "demo", "sl", "Paketa še ni.", "Paketa še ni.")
    return waiting


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_what_is_proposed_is_pressed_and_what_is_typed_is_added(served, waiting, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport=viewport, color_scheme=scheme)
    page.keyboard.press("c")
    panel = page.locator("#customer")
    expect(panel).not_to_contain_text("Paketa še ni.")
    page.get_by_role("button", name=f"Add {WORK}").click()
    expect(page.get_by_role("button", name=f"Remove {WORK}")).to_be_visible()
    expect(panel).to_contain_text("Paketa še ni.")
    expect(panel).to_contain_text("By an e-mail address that an agent added, not verified")
    page.get_by_label("Another address of theirs").fill("no-reply@x.example")
    page.get_by_label("Another address of theirs").press("Enter")
    expect(page.locator("#alerts")).to_contain_text("Not added")
    page.get_by_label("Another address of theirs").fill("anna@third.example")
    page.get_by_label("Another address of theirs").press("Enter")
    expect(page.get_by_role("button", name="Remove anna@third.example")).to_be_visible()
    expect(page.locator("#alerts")).not_to_contain_text("Not added")
    page.locator("#addresses-heading").scroll_into_view_if_needed()
    shoot(page, f"addresses-{scheme}")
    check(page, "addresses")
    page.get_by_role("button", name=f"Remove {WORK}").click()
    expect(page.get_by_role("button", name=f"Add {WORK}")).to_be_visible()
    expect(panel).not_to_contain_text("Paketa še ni.")
