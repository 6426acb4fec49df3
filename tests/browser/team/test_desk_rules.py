"""Rules in a browser: written, tried, switched on, and at work; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.messages import add_customer_message
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_written_tried_and_at_work(served, app, store, settings, viewport, scheme):  # noqa: F811
    look, waiting = f"{viewport['width']}-{scheme}", hand_off(store, "Kje je moj denar?")
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    add_label(store, settings, find_agent(store, 1), NewLabel("Denar", "teal"))
    page.goto(f"{served.url}/desk/rules/new")
    page.get_by_label("Name of the rule").fill("Denar")
    page.get_by_label("It is asked when").select_option(label="a customer writes")
    page.get_by_label("One of these is said").fill("denar\nvračilo")
    page.get_by_role("group", name="Put these labels on").get_by_label("Denar").check()
    page.get_by_label("Internal note").fill("Preveri plačilo.")
    shoot(page, f"rule-form-{look}")
    check(page, "form")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#met-heading")).to_contain_text("run 1 time, in 1 conversation")
    shoot(page, f"rule-dry-run-{look}")
    check(page, "dry run")
    page.get_by_role("button", name="Switch on").press("Enter")
    expect(page.locator(".macro-item .badge")).to_have_text("On")
    shoot(page, f"rules-{look}")
    check(page, "list")
    page.goto(served.url + waiting.path)
    add_customer_message(store, waiting.id, "more", "Hočem DENAR nazaj", "<p>Hočem DENAR nazaj</p>")
    app.extensions["odziv"].rules.look()
    expect(page.locator("#head .label")).to_have_text(["Denar"])
    expect(page.locator("#log")).to_contain_text("The rule “Denar” ran: a label put on, a note added.")
    check(page, "ran")
