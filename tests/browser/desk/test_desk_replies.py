"""Writing an answer in a real browser: saved replies, passages, undo, formatting, mentions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.schema import conversations
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import check
from tests.desk.conftest import add_agent, app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
QUESTION = "Kako lahko vrnem izdelek?"


@pytest.fixture
def settings(settings):
    """Long enough to be undone on a busy machine; sending is told by the clock."""
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 60})})


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    waiting = hand_off(store, QUESTION)
    with store.write() as connection:
        connection.execute(update(conversations).where(conversations.c.id == waiting.id).values(name="Maja Horvat"))
    return waiting


@pytest.fixture
def saved(store):
    author = add_agent(store, "Editor").id
    add_saved_reply(store, "greeting", "Greeting", {"sl": "Dober dan, {{customer.first_name}}!"}, author)
    add_saved_reply(store, "order-number", "Ask for the number", {"sl": "Številka naročila?"}, author)
    add_saved_reply(store, "refund", "Refund", {"en": "Your refund is on its way."}, author)


def take(served, waiting, name="Ana Kovač", viewport=WIDE, **options) -> Page:  # noqa: F811
    """An agent who has just taken the conversation, with every script at work."""
    page = served.sign_in(name, "editor", viewport, **options)
    page.goto(served.url + waiting.path)
    page.locator(".pane-actions").get_by_role("button", name="Take").click()
    expect(page.locator("#kind-reply")).to_be_attached()
    page.wait_for_load_state("load")
    expect(page.locator("#found .found").first).to_be_attached()  # htmx is there, too
    return page


def said(store, waiting) -> list[str]:
    return [m.text for m in list_messages(store, waiting.id, internal=True)]


def value(page: Page) -> str:
    return page.locator("#text").input_value()


def test_a_slash_finds_a_saved_reply_by_keyboard(served, store, waiting, saved):  # noqa: F811
    page = take(served, waiting)
    page.keyboard.press("r")
    page.keyboard.type("/STEVIL")
    words = page.get_by_role("combobox", name="Saved replies")
    expect(words).to_be_focused()
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("Številka naročila?")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("/")
    expect(page.locator(".pick")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    chosen = words.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("Številka naročila?\nDober dan, Maja!")


def test_another_language_is_named_and_escape_loses_nothing(served, waiting, saved):  # noqa: F811
    page = take(served, waiting)
    page.locator("#text").click()
    page.keyboard.type("/refund")
    expect(page.locator(".pick")).to_contain_text("English")
    page.keyboard.press("Escape")
    expect(page.locator("#text")).to_have_value("/refund")
    expect(page.locator("#picker")).to_be_hidden()
    page.keyboard.type(" 1/2")  # a slash inside a line is a slash
    expect(page.locator("#text")).to_have_value("/refund 1/2")
    page.locator("#text").fill("")
    page.keyboard.type("/refund")
    expect(page.locator(".pick")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#written")).to_contain_text("Inserted in another language (English)")
    page.locator("#text").fill("")
    page.keyboard.type("/")
    page.keyboard.press("Backspace")
    expect(page.locator("#text")).to_have_value("")


def test_passages_are_inserted_by_key_and_follow_the_customer(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    expect(page.locator(".found-title").first).to_have_text("Vračilo izdelka")
    page.locator("#text").fill("Pozdravljeni!")
    page.keyboard.press("Alt+1")
    link = "[Vračilo izdelka](http://localhost:8080/help/sl/orders/return)"
    expect(page.locator("#text")).to_have_value(f"Pozdravljeni!\n\nIzpolnite obrazec v 14 dneh.\n\n{link}")
    add_customer_message(store, waiting.id, "c9", "forgot my password", "<p>forgot my password</p>")
    expect(page.locator(".found-title").first).to_have_text("Forgotten password")
    page.locator("#text").press("Escape")
    page.keyboard.press("k")
    page.keyboard.type("price of shipping")
    expect(page.locator(".found-title").first).to_have_text("Cost of delivery")
    page.locator("#text").fill("")
    page.get_by_role("button", name="Insert : Cost of delivery").click()
    expect(page.locator("#text")).to_have_value(re.compile("^Delivery costs 3.90 EUR.\n\n"))


def test_a_sent_reply_is_held_taken_back_and_sent_by_the_server(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    page.locator("#text").fill("Prva različica")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_contain_text("Prva različica")
    expect(page.locator("#scheduled")).to_contain_text(re.compile(r"Sending in \d+ s"))
    expect(page.locator("#text")).to_have_value("")
    page.keyboard.press("Control+z")
    expect(page.locator("#text")).to_have_value("Prva različica")
    expect(page.locator(".scheduled-reply")).to_have_count(0)
    page.locator("#text").fill("Druga različica")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_contain_text("Druga različica")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.locator("#text")).to_have_value("Druga različica")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_contain_text("Druga različica")
    assert said(store, waiting).count("Druga različica") == 0
    page.close()  # nobody's browser is there any more
    store.clock.advance(61_000)
    ScheduledReplies(store).look()
    assert said(store, waiting).count("Druga različica") == 1 and "Prva različica" not in said(store, waiting)


def test_undo_that_gets_lost_on_its_way_is_asked_for_again(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    page.locator("#text").fill("Prva različica")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_contain_text("Prva različica")
    lost = []

    def lose_the_first(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)  # the server did it; the answer never arrives
        return route.abort()

    page.route("**/undo", lose_the_first)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("Prva različica")
    assert lost == [200]


def test_an_open_page_shows_it_once_it_is_sent_and_typing_goes_on(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    page.locator("#text").fill("Takoj")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_contain_text("Takoj")
    page.locator("#text").fill("Naslednje")
    store.clock.advance(61_000)
    ScheduledReplies(store).look()
    expect(page.locator("#log > .agent")).to_contain_text("Takoj")
    expect(page.locator(".scheduled-reply")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("Naslednje")


def test_formatting_keys_and_the_preview(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    box = page.locator("#text")
    box.fill("zdaj")
    box.select_text()
    page.keyboard.press("Control+b")
    expect(box).to_have_value("**zdaj**")
    page.keyboard.press("Control+b")
    expect(box).to_have_value("zdaj")
    page.keyboard.press("Control+i")
    expect(box).to_have_value("*zdaj*")
    box.select_text()
    page.keyboard.press("Control+k")
    page.keyboard.type("https://e.example")
    expect(box).to_have_value("[*zdaj*](https://e.example)")
    page.keyboard.press("Alt+p")
    expect(page.locator("#preview a")).to_have_attribute("href", "https://e.example")
    expect(box).to_be_hidden()
    page.get_by_role("button", name="Preview").click()
    expect(box).to_be_focused()
    page.keyboard.press("Alt+p")
    expect(page.locator("#preview")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scheduled")).to_be_visible()
    expect(box).to_be_visible()


def test_a_colleague_is_mentioned_and_finds_the_note(served, store, waiting):  # noqa: F811
    marek = served.sign_in("Marek Zieliński")
    page = take(served, waiting)
    page.keyboard.press("n")
    page.keyboard.type("@ziel")
    expect(page.locator(".pick")).to_have_text("Marek Zieliński")
    page.keyboard.press("Enter")
    page.keyboard.type("poglej, cena @")
    expect(page.locator(".pick")).to_have_text("Marek Zieliński")
    page.keyboard.type(" ")
    expect(page.locator("#text")).to_have_value("@Marek Zieliński poglej, cena @ ")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#log mark.mention")).to_have_text("@Marek Zieliński")
    expect(marek.locator("#count-mentions")).to_have_text("1")
    marek.get_by_role("link", name="Mentions").click()
    marek.locator(".mention-link").click()
    expect(marek.locator("#log")).to_contain_text("poglej")
    expect(marek.locator("#count-mentions")).to_have_text("0")


def test_an_at_sign_with_a_space_is_text_before_the_names_are_there_too(served, waiting):  # noqa: F811
    served.sign_in("Marek Zieliński")
    page = take(served, waiting)
    asked = []
    page.route("**/desk/colleagues", lambda route: asked.append(route))
    page.keyboard.press("n")
    page.keyboard.type("cena @")
    expect(page.locator("#picker-words")).to_be_focused()
    page.keyboard.type(" 5")
    expect(page.locator("#text")).to_have_value("cena @ 5")
    page.keyboard.type(", @nik ")
    expect(page.locator("#picker-words")).to_have_value("nik ")
    for route in asked:
        route.continue_()
    expect(page.locator("#text")).to_have_value("cena @ 5, @nik ")  # nobody is called so


def test_the_keys_are_listed_and_do_nothing_behind_the_list(served, waiting):  # noqa: F811
    page = take(served, waiting)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#kind-reply")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#keys :focus")).to_have_count(0)  # it gives the keys back a moment after it has gone
    page.keyboard.press("r")
    page.keyboard.type("?")
    expect(page.locator("#text")).to_have_value("?")


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_too_wide(served, store, waiting, saved, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport=viewport, color_scheme=scheme)
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.locator("#knowledge").evaluate("panel => panel.open = true")
    page.locator("#text").fill("**Takoj**")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".scheduled-reply")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Saved replies").click()
    expect(page.locator(".pick")).to_have_count(3)
    check(page)
    page.locator(".pick").nth(1).click()
    expect(page.locator("#text")).to_have_value("Številka naročila?")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_be_visible()
    check(page)
    page.get_by_text("Internal note").first.click()
    page.get_by_role("button", name="Mention a colleague").click()
    expect(page.locator(".pick")).to_have_count(1)
    check(page)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Add note").click()
    page.locator("#log > .note").wait_for()
    for path in ("replies", "replies/new", "replies/1", "mentions", f"conversations/{bot_has(store)}"):
        page.goto(f"{served.url}/desk/{path}")
        check(page)
    page.locator("body").press("?")
    check(page)
    assert errors == []


def bot_has(store) -> str:
    """A conversation that agents read along."""
    return create_conversation(store, "demo", "sl").id
