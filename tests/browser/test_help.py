"""The help centre in a real browser: searched by keyboard, read, judged, with and without a script, for everyone."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from odziv.store.knowledge.feedback import helpful_shares, list_comments
from tests.chromium import check
from tests.help.conftest import folder, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = ["sl/", "en/orders/", "sl/shops/hours", "pl/payment/methods", "en/search?q=return", "hr/nothing/here"]


@pytest.fixture
def url(app):
    import server as application  # the headers of production: what the policy forbids, it forbids here

    app.after_request(application.set_security_headers)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def open_page(browser, url):
    """Opens a help page in a browser of its own; what the console complains of fails the test."""
    contexts, errors = [], []

    def open_page(path: str, viewport: dict = WIDE, **options) -> Page:
        context = browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(f"{url}/help/{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [error for error in errors if "404" not in error and "ERR_FAILED" not in error] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_for_everyone(open_page, url, viewport, scheme):
    page = open_page("sl/", viewport, color_scheme=scheme)
    for path in PAGES:
        page.goto(f"{url}/help/{path}")
        check(page)
    page.goto(f"{url}/help/en/orders/return")
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator(".why")).to_be_visible()
    check(page)
    page.locator("#q").press_sequentially("ret")
    expect(page.get_by_role("option")).not_to_have_count(0)
    check(page)


def test_searching_by_keyboard_alone(open_page):
    page = open_page("en/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    field = page.get_by_role("combobox")
    field.focus()
    page.keyboard.type("retrun")
    expect(page.get_by_role("option").first).to_contain_text("Return an item")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.type(" item")
    expect(page.get_by_role("option").first).to_contain_text("Return an item")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "q-suggestions-0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Return an item")
    page.get_by_role("link", name="Slovenščina").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vračilo izdelka")


def test_titles_in_suggestions_are_never_markup(open_page):
    page = open_page("en/")
    page.locator("#q").press_sequentially("evil")
    expect(page.get_by_role("option").first).to_contain_text("</script><script>alert(1)</script>")


def test_saying_why_it_did_not_help(open_page, store):
    page = open_page("en/orders/return")
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator("#feedback [role=status]")).to_have_text("Thank you. What was missing?")
    expect(page.get_by_label("It doesn't answer my question")).to_be_focused()
    page.get_by_label("It is hard to understand").check()
    page.get_by_label("Anything to add?").fill("Which form?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#feedback [role=status]")).to_have_text("Thank you. An editor will read it.")
    assert [(c.reason, c.words) for c in list_comments(store)] == [("unclear", "Which form?")]
    assert helpful_shares(store)[0].votes == 1
    assert page.context.cookies() == [] and page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_without_a_network_it_says_that_nothing_was_sent(open_page):
    page = open_page("en/orders/return")
    page.route("**/feedback", lambda route: route.abort())
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator("#feedback [role=status]")).to_have_text(
        "That could not be sent. Please try again in a moment."
    )
    page.unroute("**/feedback")
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator("#feedback [role=status]")).to_have_text("Thank you, that helps us.")


def test_everything_works_without_a_script(open_page, store):
    page = open_page("en/", java_script_enabled=False)
    page.locator("#q").fill("passw")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Forgotten password").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_label("It is out of date").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#feedback")).to_contain_text("An editor will read it")
    assert list_comments(store)[0].reason == "wrong"


def test_on_paper_there_is_the_article_and_nothing_else(open_page):
    page = open_page("sl/shops/hours")
    page.emulate_media(media="print")
    expect(page.locator("article")).to_be_visible()
    for part in (".band", ".feedback", ".footer", ".contents"):
        expect(page.locator(part)).to_be_hidden()


def test_the_widget_on_the_page_opens_whole_articles(open_page):
    page = open_page("sl/")
    page.evaluate("odziv('open', 'shops/hours')")
    article = page.locator(".screen article")
    expect(article).to_contain_text("Od 9. do 19. ure.")
    expect(article.get_by_role("heading", name="Part 2 & more")).to_be_visible()
    page.evaluate("odziv('open', 'orders/refund-time')")
    expect(article.get_by_role("link", name="here")).to_have_attribute("href", re.compile("/help/en/orders/return$"))
    page.evaluate("odziv('open', 'orders/inside')")
    expect(page.locator(".screen:visible")).to_contain_text("Članka trenutno ni mogoče prikazati.")
