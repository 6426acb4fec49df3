"""The pages for other programs in a real browser: by keyboard, at both widths, and with no serious axe violation."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.conversation import create_conversation
from odziv.store.schema import webhooks
from odziv.store.webhooks.deliveries import Attempt, finish_delivery, take_delivery
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.browser.desk.test_desk import PHONE, served  # noqa: F401 (fixtures)
from tests.chromium import find_serious
from tests.desk.conftest import app, cheap_hashes  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("ODZIV_TEST_PICTURES")


def check(page, name: str) -> None:
    """Nothing wider than the screen, nothing that axe calls serious; a picture where one is asked for."""
    page.wait_for_load_state("load")
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert find_serious(page) == [], name


def fill(store) -> int:
    """A webhook with one delivery of each kind, and one that was switched off."""
    webhook_id, _ = add_webhook(store, "https://shop.example/hooks/odziv", EVENTS)
    outcomes = [
        (Attempt(204, "", ""), None),
        (Attempt(500, "<html>Internal Server Error", "It answered 500."), None),
        (Attempt(None, "", "No answer within 10 seconds."), store.clock() + 10**9),
    ]
    for outcome, next_at in outcomes:
        create_conversation(store, "demo", "sl")
        finish_delivery(store, take_delivery(store, (), 1000), outcome, next_at)
    create_conversation(store, "demo", "sl")
    off, _ = add_webhook(store, "https://crm.example/a/rather/long/path/that/has/to/wrap/somewhere?key=1", EVENTS[:2])
    with store.write() as connection:
        connection.execute(webhooks.update().where(webhooks.c.id == off).values(enabled=False, off_reason="failing"))
    return webhook_id


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_webhooks_and_tokens_are_set_up_and_read(served, store, width):  # noqa: F811
    webhook_id = fill(store)
    page = served.sign_in("Ana Novak", "admin")
    if width == "phone":
        page.set_viewport_size(PHONE)
    page.goto(f"{served.url}/desk/webhooks")
    check(page, f"webhooks-{width}")
    page.get_by_label("Address").fill("https://1.1.1.1/hook")
    page.get_by_label("Address").press("Enter")
    expect(page.get_by_label("Secret", exact=True)).to_have_value(re.compile("^whsec_"))
    check(page, f"webhooks-secret-{width}")
    page.goto(f"{served.url}/desk/webhooks/{webhook_id}")
    check(page, f"webhook-{width}")
    page.get_by_role("button", name="Send a test").press("Enter")
    expect(page.get_by_role("status").filter(has_text="A test is on its way")).to_be_visible()
    page.goto(f"{served.url}/desk/tokens")
    page.get_by_label("Name of the program").fill("Order bot")
    page.get_by_role("button", name="Make a token").press("Enter")
    expect(page.get_by_label("Token", exact=True)).to_have_value(re.compile("^odz_"))
    check(page, f"tokens-{width}")
    page.get_by_role("button", name="Revoke : Order bot").click()
    expect(page.get_by_role("status").filter(has_text="revoked")).to_be_visible()
    page.goto(f"{served.url}/desk/queue")
    check(page, f"queue-{width}")
