"""Macros in a browser: made, listed by a key, previewed, run, taken back, and found among the commands; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.macros.catalogue import save_macro
from odziv.cases.macros.steps import Steps
from odziv.store.agents.agent import find_agent
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.conversations.conversation import find_conversation
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(settings):
    """What is pressed can be undone for a while."""
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 4})})


@pytest.fixture
def working(app):  # noqa: F811
    """What was asked for is done when it is due."""
    worker = app.extensions["odziv"].scheduled_actions
    worker.start()
    yield
    worker.stop()


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_made_previewed_run_and_taken_back(served, store, settings, working, viewport, scheme):  # noqa: F811
    look, waiting = f"{viewport['width']}-{scheme}", hand_off(store, "Kje je moj denar?")
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    vera = find_agent(store, 1)
    add_label(store, settings, vera, NewLabel("Vračilo", "teal"))
    add_saved_reply(store, "money", "Denar je na poti", {"sl": "Dober dan, denar je na poti."}, vera.id)
    page.goto(f"{served.url}/desk/macros/new")
    page.get_by_label("Name").fill("Vračilo denarja")
    page.get_by_label("For everybody").check()
    page.get_by_role("group", name="Put these labels on").get_by_label("Vračilo").check()
    page.get_by_label("Reply to the customer").select_option(label="Denar je na poti")
    page.get_by_label("At the end").select_option(label="Resolve")
    shoot(page, f"macro-form-{look}")
    check(page, "form")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".macro-item")).to_have_count(1)
    shoot(page, f"macros-{look}")
    check(page, "list")

    page.goto(served.url + waiting.path)
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator("#foot[data-mode=holder]")).to_be_visible()
    page.get_by_label("Your message").fill("Begun")
    page.locator("#log").press("m")
    expect(page.locator(".macros-panel .macro-link")).to_be_focused()
    check(page, "menu")
    page.keyboard.press("Enter")
    expect(page.locator(".macro-text")).to_have_text("Dober dan, denar je na poti.")
    shoot(page, f"macro-preview-{look}")
    check(page, "preview")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".scheduled-reply")).to_contain_text("Vračilo denarja")
    shoot(page, f"macro-waits-{look}")
    check(page, "waits")
    page.locator("#scheduled").get_by_role("button", name="Undo").click()
    expect(page.locator(".scheduled-reply")).to_have_count(0)
    assert find_conversation(store, waiting.id).status == "open"
    expect(page.get_by_label("Your message")).to_have_value("Begun")  # what was being written is as it was

    page.locator("#log").press("Control+k")
    page.get_by_role("combobox", name="Go to a page or conversation, or do something").fill("vracilo denarja")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#foot[data-mode=resolved]")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("Dober dan, denar je na poti.")
    expect(page.locator("#head .label")).to_have_text(["Vračilo"])


def test_refused_in_the_moment_it_is_pressed_it_says_so(served, store, settings):  # noqa: F811
    waiting = hand_off(store, "Kje je moj denar?")
    page = served.sign_in("Vera Novak", "admin")
    save_macro(store, settings, find_agent(store, 1), "Done", Steps(end="resolve"), shared=True)
    page.goto(served.url + waiting.path)
    page.locator("#log").press("m")
    page.keyboard.press("Enter")
    expect(page.locator(".macro-preview .alert")).to_contain_text("take it first")
    expect(page.locator(".macro-back")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".macros-panel .macro-link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#macros-button")).to_be_focused()
    expect(page.locator(".macros-panel")).to_be_hidden()
