"""A case in a real browser: the customer beside it, snoozing, spam, teaching the bot, flagging. And axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import check
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser
BROWSER = {"device": "Firefox on Linux", "time_zone": "Asia/Kolkata", "title": "Šotor Storm 3 | Smreka"}


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    """A known customer, who was here before, got a wrong answer, and wants a person."""
    waiting = hand_off(store, "Kje je moj paket?", page="https://shop.example/tents/storm-3")
    answer = {"article": "orders/return", "language": "sl", "title": "Vračilo", "url": "/help/x", "confidence": 0.9}
    with store.write() as connection:
        append_message(connection, waiting.id, NewMessage("bot", "Vrnite ga.", "<p>Vrnite ga.</p>", answer=answer))
    set_contact(store, waiting.id, email="miha@example.com", browser=BROWSER, attributes={"plan": "gold", "orders": 12})
    before = create_conversation(store, "demo", "sl", email="miha@example.com")
    add_customer_message(store, before.id, "c1", "Kdaj dobim vračilo denarja za šotor?", "x")
    return waiting


def take(served, waiting, name="Vera Novak", **options) -> Page:  # noqa: F811
    """An editor who has taken the conversation."""
    page = served.sign_in(name, "editor", **options)
    page.locator(f"#take-{waiting.handoff}").click()
    page.locator("#log").wait_for()
    page.wait_for_load_state("load")
    page.locator("#text").press("Escape")
    return page


def test_the_customer_is_shown_by_key_edited_in_place_and_stays_open(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    page.keyboard.press("c")
    expect(page.locator("#customer")).to_contain_text("Kdaj dobim vračilo denarja za šotor?")
    clock = page.evaluate("new Date().toLocaleTimeString('en-GB', {timeZone: 'Asia/Kolkata', timeStyle: 'short'})")
    expect(page.locator("[data-zone]")).to_have_text(clock)
    page.get_by_label("Name").fill("Miha")
    add_customer_message(store, waiting.id, "c9", "Halo?", "<p>Halo?</p>")
    expect(page.locator("#log")).to_contain_text("Halo?")
    expect(page.get_by_label("Name")).to_have_value("Miha")  # what is being typed stays
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Miha")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_visible()
    set_contact(store, waiting.id, attributes={"plan": "platinum"})
    expect(page.locator("#customer")).to_contain_text("platinum")
    page.goto(served.url + waiting.path)
    expect(page.get_by_label("Name")).to_have_value("Miha")  # open, as it was left
    expect(page.get_by_label("Name")).to_be_visible()


def test_snoozed_by_key_in_the_agents_zone_and_back_when_the_customer_writes(served, store, waiting):  # noqa: F811
    context = {"timezone_id": "Europe/Warsaw"}
    page = take(served, waiting, **context)
    page.keyboard.press("s")
    page.get_by_role("button", name="Tomorrow, 9:00").click()
    expect(page.locator(".flash")).to_contain_text("09:00 (Europe/Warsaw)")
    expect(page.locator(".list-empty")).to_contain_text("Your inbox is empty.")
    page.get_by_role("link", name="Snoozed").click()
    expect(page.locator(".card")).to_contain_text("Snoozed by Vera Novak")
    page.get_by_role("link", name="Open").click()
    add_customer_message(store, waiting.id, "c9", "Halo?", "<p>Halo?</p>")
    expect(page.locator(".card")).to_contain_text("Halo?")


def test_spam_leaves_the_queue_and_comes_back(served, waiting):  # noqa: F811
    page = served.sign_in("Vera Novak", "editor")
    page.goto(served.url + waiting.path)
    page.locator("#spam summary").click()
    page.get_by_role("button", name="Mark as spam").click()
    expect(page.locator(".list-empty")).to_contain_text("Nobody is waiting.")
    page.goto(served.url + "/desk/spam")
    page.locator(".card-link").click()
    page.get_by_role("button", name="Not spam").click()
    expect(page.locator("#foot")).to_have_attribute("data-mode", "queued")


def test_an_answer_becomes_an_article(served, waiting, folder):  # noqa: F811
    page = take(served, waiting)
    page.locator("#text").fill("Paket dobite v treh dneh.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Teach the bot").click()
    article = page.get_by_role("region", name="A new article")
    article.get_by_label("Category").fill("delivery")
    article.get_by_role("button", name="Propose the article").click()
    expect(page.locator(".flash")).to_contain_text("Proposed as an article.")
    page.get_by_role("link", name="Learning").click()
    page.get_by_role("link", name="Articles").click()
    expect(page.get_by_label("File name")).to_have_value("kje-je-moj-paket")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".flash")).to_contain_text("Written to sl/delivery/kje-je-moj-paket.md, published.")
    assert (folder / "sl/delivery/kje-je-moj-paket.md").read_text("utf-8").endswith("Paket dobite v treh dneh.\n")


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_too_wide(served, store, waiting, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport=viewport, color_scheme=scheme)
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.locator("#text").fill("Paket dobite v treh dneh.")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("link", name="Teach the bot").wait_for()
    page.locator("#customer > summary").click()
    check(page, "customer")
    page.locator("#customer > summary").click()
    page.get_by_text("Wrong answer?").click()
    page.get_by_label("What is wrong").fill("Vprašal je, kje je.")
    page.locator("#snooze summary").click()
    check(page, "snooze")
    page.locator("#spam summary").click()
    check(page, "spam")
    page.get_by_role("button", name="Flag for an editor").click()
    page.locator(".is-flagged").wait_for()
    page.get_by_role("link", name="Teach the bot").click()
    expect(page.get_by_role("heading", name="Teach the bot")).to_be_visible()
    check(page, "learn")
    page.get_by_label("Category").fill("delivery")
    page.get_by_role("button", name="Propose the article").click()
    page.locator("#snooze summary").click()
    page.get_by_role("button", name="Later today").click()
    page.get_by_role("link", name="Snoozed").wait_for()
    other = hand_off(store, "Kupite!")
    for path in ("snoozed", "drafts", "flags", waiting.path.removeprefix("/desk/"), other.path.removeprefix("/desk/")):
        page.goto(f"{served.url}/desk/{path}")
        check(page, path.split("/")[0])
    page.locator("#spam summary").click()
    page.get_by_role("button", name="Mark as spam").click()
    expect(page.locator(".flash")).to_contain_text("Marked as spam.")  # before going elsewhere
    page.goto(f"{served.url}/desk/spam")
    check(page, "spam-list")
    page.locator(".card-link").click()
    expect(page.get_by_role("button", name="Not spam")).to_be_visible()
    check(page, "spam-open")
    assert errors == []
