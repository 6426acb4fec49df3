"""Drafts on the server and new e-mails, in a real browser: two windows, another device, sent, taken back; and axe."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page, expect

from odziv.store.agents.reply_drafts import find_draft, list_drafting
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import list_messages
from tests.browser.conftest import becomes
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.fixtures import set_contact, with_mail

pytestmark = pytest.mark.browser
ANNA = "anna@customer.example"


@pytest.fixture
def settings(settings):
    """With mail, and long enough to undo on a busy machine."""
    desk = settings.desk.model_copy(update={"undo_seconds": 60})
    return with_mail(settings).model_copy(update={"desk": desk})


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    store.mail_domain = "smreka.example"
    return hand_off(store, "Kje je moj paket?")


def take(served, waiting) -> Page:  # noqa: F811
    page = served.sign_in("Ana Kovač")
    page.goto(served.url + waiting.path)
    page.locator(".pane-actions").get_by_role("button", name="Take").click()
    expect(page.locator("#kind-reply")).to_be_attached()
    page.wait_for_load_state("load")
    return page


def keeps(page: Page, words: str) -> None:
    """Types it, and waits until the server has it."""
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        page.locator("#text").fill(words)


def test_what_is_begun_is_there_in_another_window_and_gone_once_it_is_sent(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    keeps(page, "Spoštovani, vaš paket")
    second = page.context.new_page()
    second.goto(served.url + waiting.path)
    expect(second.locator("#text")).to_have_value("Spoštovani, vaš paket")
    second.wait_for_load_state("load")
    keeps(second, "Spoštovani, vaš paket pride jutri.")
    page.locator("#text").fill("Spoštovani, vaš paket je izgubljen.")
    expect(page.locator("#alerts")).to_contain_text("In another window there is another text")
    expect(page.locator("#text")).to_have_value("Spoštovani, vaš paket je izgubljen.")
    check(page, "draft-conflict")
    shoot(page, "draft-conflict")
    page.get_by_role("button", name="Use that").click()
    expect(page.locator("#text")).to_have_value("Spoštovani, vaš paket pride jutri.")
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".scheduled-text")).to_be_visible()
    becomes(page, "document.getElementById('text').value === ''")
    [agent_id] = {reply.agent_id for reply in list_messages(store, waiting.id) if reply.agent_id} or {1}
    assert find_draft(store, waiting.id, agent_id).version == 0
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("Spoštovani, vaš paket pride jutri.")


def test_what_is_kept_late_does_not_bring_back_what_was_sent(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    held = []
    page.route("**/draft", lambda route: route.continue_() if held else held.append(route))
    page.locator("#text").fill("Pride jutri.")
    deadline = time.monotonic() + 20
    while not held and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".scheduled-text")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.json()["version"] == 0):
        held[0].continue_()
    assert list_drafting(store, waiting.id, 0) == []


def test_a_note_that_was_begun_is_a_note_again(served, waiting):  # noqa: F811
    page = take(served, waiting)
    page.locator("#kind-note").check()
    keeps(page, "Call them.")
    page.reload()
    expect(page.locator("#text")).to_have_value("Call them.")
    expect(page.locator("#kind-note")).to_be_checked()


def test_an_email_to_somebody_who_is_known_is_written_and_sent(served, store, waiting):  # noqa: F811
    set_contact(store, create_conversation(store, "other", "en").id, email=ANNA, name="Anna Nowak")
    page = served.sign_in("Ana Kovač")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="New e-mail")).to_be_visible()
    page.wait_for_load_state("load")
    page.get_by_label("To", exact=True).press_sequentially("ann")
    expect(page.locator("#known option")).to_have_attribute("value", f"Anna Nowak <{ANNA}>")
    page.get_by_label("To", exact=True).fill(f"Anna Nowak <{ANNA}>")
    expect(page.get_by_label("Website")).to_have_value("other")
    expect(page.get_by_label("Language")).to_have_value("en")
    page.get_by_label("Subject").fill("Your order")
    page.get_by_label("Text").fill("It is on its way.")
    page.get_by_label("Text").press("Control+Enter")
    expect(page.locator(".scheduled-text")).to_have_text("It is on its way.")
    expect(page.locator(".mail-facts")).to_contain_text("Begun by e-mail “Your order”")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("It is on its way.")


def keeps_mail(page: Page, label: str, words: str) -> None:
    """Types it into the new e-mail, and waits until the server has it."""
    with page.expect_response(lambda answer: answer.url.endswith("/write/draft") and answer.ok):
        page.get_by_label(label, exact=True).fill(words)


def new_mail(page: Page, served) -> Page:  # noqa: F811
    page.goto(f"{served.url}/desk/write")
    page.wait_for_load_state("load")
    return page


def test_a_new_email_that_was_begun_is_there_again_until_it_is_sent(served):  # noqa: F811
    page = new_mail(served.sign_in("Ana Kovač"), served)
    expect(page.get_by_role("button", name="Delete")).to_be_hidden()
    keeps_mail(page, "To", ANNA)
    keeps_mail(page, "Text", "It is on")
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    second = new_mail(page.context.new_page(), served)
    expect(second.get_by_label("Text")).to_have_value("It is on")
    expect(second.get_by_text("You have begun this e-mail.")).to_be_visible()
    keeps_mail(second, "Subject", "Your order")
    second.get_by_label("Text").fill("It is on its way.")
    second.get_by_label("Text").press("Control+Enter")
    expect(second.locator(".scheduled-text")).to_have_text("It is on its way.")
    page.get_by_label("Text").fill("It is on its")
    expect(page.locator("#alerts")).to_contain_text("In another window this was sent, or deleted.")
    expect(new_mail(second, served).get_by_label("Text")).to_have_value("")


def test_of_two_new_emails_one_is_chosen_and_it_is_deleted(served):  # noqa: F811
    page = new_mail(served.sign_in("Ana Kovač"), served)
    second = new_mail(page.context.new_page(), served)
    keeps_mail(page, "Text", "Of the first window")
    second.get_by_label("Text").fill("Of the second")
    expect(second.locator("#alerts")).to_contain_text(
        "Another e-mail that you have begun is kept: “Of the first window”"
    )
    expect(second.get_by_label("Text")).to_have_value("Of the second")
    check(second, "mail-draft-conflict")
    shoot(second, "mail-draft-conflict")
    second.get_by_role("button", name="Use that").click()
    expect(second.get_by_label("Text")).to_have_value("Of the first window")
    second.get_by_role("button", name="Delete").click()
    expect(second.get_by_label("Text")).to_have_value("")
    expect(second.get_by_text("You have begun this e-mail.")).to_have_count(0)


def test_what_the_server_does_not_have_yet_stays_in_the_window(served):  # noqa: F811
    page = new_mail(served.sign_in("Ana Kovač"), served)
    page.route("**/write/draft", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/write/draft")):
        page.get_by_label("Text").fill("Not yet on the server")
    unsaved = page.evaluate("sessionStorage.getItem('unsaved /desk/write')")
    second = page.context.new_page()
    second.add_init_script(f"sessionStorage.setItem('unsaved /desk/write', {json.dumps(unsaved)})")
    with second.expect_response(lambda answer: answer.url.endswith("/write/draft") and answer.ok):
        new_mail(second, served)
    expect(second.get_by_label("Text")).to_have_value("Not yet on the server")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_too_wide(served, viewport, scheme):  # noqa: F811
    page = served.sign_in("Ana Kovač", "agent", viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/write")
    page.get_by_text("Cc and Bcc").click()
    keeps_mail(page, "Text", "It is on its way.")
    page.reload()
    page.get_by_text("Cc and Bcc").click()
    check(page, "new mail")
    shoot(page, f"new-mail-{viewport['width']}-{scheme}")
    page.get_by_label("To", exact=True).fill("nobody")
    page.get_by_label("Subject").fill("Your order")
    page.get_by_role("button", name="Open without sending").click()
    expect(page.locator(".alert")).to_contain_text("“nobody” is not an e-mail address")
    check(page, "refused")
