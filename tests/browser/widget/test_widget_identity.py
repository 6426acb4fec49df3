"""Who is who, consent, "forget me" and proactive messages: the real interface, on a strict page of another origin."""

from __future__ import annotations

import threading
import time

import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from odziv.chat.verification import make_secret
from odziv.settings import LANGUAGES, Site
from odziv.store.conversations.conversation import change_owner, find_conversation
from odziv.store.schema import conversations
from tests.browser.conftest import becomes
from tests.browser.widget.test_widget import write
from tests.browser.widget.test_widget_for_everyone import DESKTOP, PHONE, picture
from tests.files import picture as drawn

pytestmark = pytest.mark.browser
TERMS = {
    "sl": "Kar napišete, hranimo leto dni, da vam lahko pomagamo.",
    "hr": "Ono što napišete čuvamo godinu dana kako bismo vam mogli pomoći.",
    "pl": "To, co Państwo napiszą, przechowujemy przez rok, aby móc pomóc.",
    "en": "We keep what you write for a year, so that we can help you.",
}
CONSENT = {"text": TERMS, "link": "https://shop.example/privacy"}
HELLO = {
    "sl": "Iščete pravo velikost?",
    "hr": "Tražite pravu veličinu?",
    "pl": "Szukają Państwo rozmiaru?",
    "en": "Looking for the right size?",
}
NUDGE = {"id": "size", "text": HELLO, "page": "/bare*", "after_seconds": 3}
LISTEN = """window.seen = [];
for (const name of ['error', 'proactive']) odziv('on', name, told => { seen.push([name, told]) });
null"""
KEPT = "Object.keys(localStorage).length + Object.keys(sessionStorage).length"


@pytest.fixture
def real(app, services, settings, served):
    """The real interface on a port of its own, for a site on `served`; call it with what the site wants."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"

    def real(**wants) -> str:
        site = Site(name="Smreka", origins=[served.url], **wants)
        services.settings = settings.model_copy(update={"sites": {**settings.sites, "demo": site}})
        return url

    yield real
    services.hub.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def sign(settings):
    secret = make_secret(settings, "demo")[1]

    def sign(sub: str, **more) -> str:
        return jwt.encode({"sub": sub, "aud": "demo", "exp": int(time.time()) + 600, **more}, secret, "HS256")

    return sign


@pytest.fixture
def rows(store):
    """The conversations of the site, oldest first."""

    def rows():
        with store.read() as connection:
            found = connection.execute(conversations.select().order_by(conversations.c.created_at))
            return [find_conversation(store, row.id) for row in found]

    return rows


def visit(page: Page, served, server: str, lang: str = "en", more: str = "") -> Page:
    page.goto(f"{served.url}/bare?server={server}&lang={lang}{more}")
    becomes(page, "Boolean(window.odziv && document.querySelector('odziv-chat'))")
    page.evaluate(LISTEN)
    return page


def start(page: Page, served, server: str, identity: str | None = None) -> Page:
    visit(page, served, server)
    if identity:
        page.evaluate("token => odziv('identify', token)", identity)
    page.evaluate("odziv('open')")
    expect(page.locator("textarea")).to_be_visible()
    return page


def say(page: Page, text: str) -> None:
    write(page, text)
    expect(page.locator(".own[data-seq]", has_text=text)).to_be_visible()


def told(page: Page, name: str) -> list:
    return [detail for event, detail in page.evaluate("seen") if event == name]


def axe(page: Page) -> list:
    found = Axe().run(page, context={"include": [["odziv-chat"]]}).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


@pytest.fixture
def phone(browser: Browser):
    context = browser.new_context(**PHONE)
    yield context.new_page()
    context.close()


# ---- Who is who


def test_a_known_customer_goes_on_with_the_phone(page, phone, served, real, sign, rows):
    server = real()
    start(page, served, server, sign("c-7", name="Ana", email="ana@example.com"))
    say(page, "Where is my parcel?")
    assert [(row.customer, row.name, row.verified) for row in rows()] == [("c-7", "Ana", True)]
    start(phone, served, server, sign("c-7"))
    expect(phone.locator(".own[data-seq]")).to_contain_text("Where is my parcel?")
    picture(phone, "resumed-phone")
    say(phone, "It is late")
    expect(page.locator(".own[data-seq]")).to_have_count(2)
    assert len(rows()) == 1


def test_who_only_says_so_gets_nothing(page, phone, served, real, sign, rows):
    server = real()
    start(page, served, server, sign("c-7"))
    say(page, "Where is my parcel?")
    start(phone, served, server, jwt.encode({"sub": "c-7", "aud": "demo", "exp": 9999999999}, "k" * 40, "HS256"))
    becomes(phone, "seen.length > 0")
    say(phone, "Hello")  # helped all the same, as a stranger
    expect(phone.locator(".own[data-seq]")).to_have_count(1)
    assert told(phone, "error")[0]["code"] == "identity_refused"
    assert [row.customer for row in rows()] == ["c-7", None]


def test_a_conversation_is_claimed_when_its_customer_signs_in(page, served, real, sign, rows):
    start(page, served, real())
    say(page, "Hello")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.evaluate("token => odziv('identify', token)", sign("c-7"))
    say(page, "It is me")  # with the new token: the old one counts no more
    assert [row.customer for row in rows()] == ["c-7"]
    page.reload()
    page.evaluate("token => odziv('identify', token)", sign("c-7"))
    page.evaluate("odziv('open')")
    expect(page.locator(".own[data-seq]")).to_have_count(2)


def test_another_customer_on_the_same_computer_sees_nothing_of_the_first(page, served, real, sign, rows):
    start(page, served, real(), sign("c-7"))
    say(page, "My secret")
    page.evaluate("token => odziv('identify', token)", sign("c-8"))
    expect(page.locator(".own")).to_have_count(0)
    say(page, "Hello")
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    assert [row.customer for row in rows()] == ["c-7", "c-8"]


def test_earlier_conversations_are_there_to_read(page, served, real, sign, store, rows):
    start(page, served, real(), sign("c-7"))
    say(page, "Where is my parcel?")
    page.evaluate("odziv('shutdown')")
    with store.write() as connection:
        change_owner(connection, rows()[0].id, "resolved", agent_id=None)
    start(page, served, real(), sign("c-7"))
    say(page, "A new question")
    page.get_by_role("button", name="More options").click()
    page.get_by_role("button", name="Earlier conversations").click()
    picture(page, "earlier")
    assert axe(page) == []
    page.get_by_role("button", name="Where is my parcel?").click()
    expect(page.locator(".past .mine")).to_contain_text("Where is my parcel?")


# ---- Consent


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("options", [DESKTOP, PHONE], ids=["wide", "small"])
def test_nothing_is_sent_or_stored_before_the_customer_agrees(browser, served, real, rows, lang, options):
    context = browser.new_context(**options, reduced_motion="reduce")
    page = visit(context.new_page(), served, real(consent=CONSENT), lang)
    page.evaluate("odziv('open')")
    write(page, "Kje je moj paket?")
    expect(page.locator(".consent")).to_contain_text(TERMS[lang])
    expect(page.locator(".consent h3")).to_be_focused()
    expect(page.locator(".consent a")).to_have_attribute("href", "https://shop.example/privacy")
    assert page.evaluate(KEPT) == 0 and rows() == []
    assert axe(page) == []
    picture(page, f"consent-{lang}-{options['viewport']['width']}")
    page.locator(".consent .yes").click()
    expect(page.locator(".own[data-seq]")).to_contain_text("Kje je moj paket?")
    expect(page.locator(".consent")).to_have_count(0)
    say(page, "Again")  # is not asked again
    assert rows()[0].consent_text and rows()[0].consent_at
    context.close()


TENT = {"name": "tent.png", "mimeType": "image/png", "buffer": drawn(size=(60, 40))}
WAITS = {
    "sl": "Čaka na vaše soglasje.",
    "hr": "Čeka vašu privolu.",
    "pl": "Czeka na Państwa zgodę.",
    "en": "Waiting for your consent.",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_file_leaves_the_page_before_the_customer_agrees(page, served, real, rows, lang):
    server = real(consent=CONSENT)
    visit(page, served, server, lang)
    page.evaluate("odziv('open')")
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.locator("input[type=file]").set_input_files([TENT])
    expect(page.locator(".consent")).to_contain_text(TERMS[lang])
    expect(page.locator(".over .file")).to_contain_text(WAITS[lang])
    picture(page, f"consent-file-{lang}")
    assert sent == [] and page.evaluate(KEPT) == 0 and rows() == []
    page.locator(".consent .yes").click()
    expect(page.locator(".over .file:not(.wrong):not(:has(progress))")).to_have_count(1)
    assert rows()[0].consent_at
    page.locator("textarea").press("Enter")
    expect(page.locator(".own[data-seq] canvas")).to_be_visible()


def test_a_file_of_a_conversation_from_before_asks_and_goes_up(page, served, real, rows):
    start(page, served, real())
    say(page, "one")
    real(consent=CONSENT)
    page.reload()
    page.evaluate("odziv('open')")
    page.locator("input[type=file]").set_input_files([TENT])
    page.get_by_role("button", name="I don't agree").click()
    expect(page.locator(".over .file")).to_contain_text(WAITS["en"])
    expect(page.locator(".over")).to_be_visible()
    assert rows()[0].consent_at is None
    page.get_by_role("button", name="Remove tent.png").click()
    expect(page.locator(".over")).to_be_hidden()
    page.locator("input[type=file]").set_input_files([TENT])
    page.get_by_role("button", name="I agree", exact=True).click()
    expect(page.locator(".over .file:not(.wrong):not(:has(progress))")).to_have_count(1)
    assert len(rows()) == 1 and rows()[0].consent_at


def test_whoever_doesnt_agree_sends_nothing_and_loses_nothing(page, served, real, rows):
    start(page, served, real(consent=CONSENT))
    page.locator(".person").click()
    page.get_by_role("button", name="I don't agree").click()
    expect(page.locator(".consent")).to_have_count(0)
    expect(page.locator("textarea")).to_have_value("I'd like to talk to a person, please.")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".consent")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".own[data-seq]")).to_contain_text("talk to a person")
    assert len(rows()) == 1


def test_a_conversation_from_before_asks_and_goes_on(page, served, real, rows):
    start(page, served, real())
    say(page, "one")
    real(consent=CONSENT)
    page.reload()
    page.evaluate("odziv('open')")
    write(page, "two")
    expect(page.locator(".consent")).to_be_visible()
    page.locator(".consent .yes").click()
    expect(page.locator(".own[data-seq]")).to_have_count(2)
    assert len(rows()) == 1 and rows()[0].consent_at


# ---- "Forget me"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forgetting_deletes_here_and_there_and_says_so(context, served, real, rows, lang):
    server = real()
    page, other = (visit(context.new_page(), served, server, lang) for _ in range(2))
    page.evaluate("odziv('open')")
    say(page, "Hello")
    other.evaluate("odziv('open')")
    expect(other.locator(".own[data-seq]")).to_be_visible()
    page.locator(".head-tools button").click()
    picture(page, f"menu-{lang}")
    page.locator(".menu button").last.click()
    expect(page.locator(".screen h3")).to_be_focused()
    assert len(rows()) == 1
    picture(page, f"forget-{lang}")
    page.locator(".menu .danger").click()
    expect(page.locator(".menu .danger")).to_have_count(0)
    picture(page, f"forgotten-{lang}")
    assert rows() == [] and page.evaluate(KEPT) == 0
    expect(other.locator(".own")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".head-tools button")).to_be_hidden()
    expect(page.locator(".msg")).to_have_count(1)
    say(page, "A new beginning")
    assert len(rows()) == 1


def test_the_menu_stands_up_to_axe_and_can_be_left(browser, served, real, rows):
    context = browser.new_context(**PHONE, bypass_csp=True, reduced_motion="reduce")
    page = start(context.new_page(), served, real())
    say(page, "Hello")
    page.get_by_role("button", name="More options").click()
    assert axe(page) == []
    page.get_by_role("button", name="Delete my data").click()
    assert axe(page) == []
    picture(page, "forget-phone")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".own")).to_be_visible()
    assert len(rows()) == 1
    context.close()


def test_what_could_not_be_deleted_is_not_called_deleted(page, served, real, rows):
    start(page, served, real())
    say(page, "Hello")
    page.route("**/api/v1/conversations/*", lambda route: route.abort())
    page.get_by_role("button", name="More options").click()
    page.get_by_role("button", name="Delete my data").click()
    page.get_by_role("button", name="Delete everything").click()
    expect(page.locator(".menu [role=alert]")).to_contain_text("didn't work")
    assert page.evaluate(KEPT) > 0 and len(rows()) == 1


# ---- Proactive messages


@pytest.mark.parametrize(
    "options", [DESKTOP, {**DESKTOP, "color_scheme": "dark"}, PHONE], ids=["wide", "dark", "phone"]
)
def test_a_few_words_beside_the_button(browser, served, real, options, request):
    context = browser.new_context(**options, bypass_csp=True, reduced_motion="reduce")
    page = visit(context.new_page(), served, real(proactive=[NUDGE]), "en")
    page.locator("#opener").focus()
    expect(page.locator(".nudge")).to_have_count(0)
    expect(page.locator(".nudge")).to_contain_text(HELLO["en"], timeout=9000)
    expect(page.locator("#opener")).to_be_focused()
    expect(page.locator("[role=status][aria-live=polite]")).to_have_text(HELLO["en"])
    assert page.evaluate(KEPT) == 0
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, request.node.callspec.id + "-nudge")
    page.locator(".nudge .say").click()
    expect(page.locator(".msg.bot")).to_contain_text(HELLO["en"])
    expect(page.locator(".nudge")).to_have_count(0)
    assert told(page, "proactive") == [{"id": "size", "action": "shown"}, {"id": "size", "action": "opened"}]
    assert page.evaluate(KEPT) == 0
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_once_dismissed_there_are_none_any_more(page, served, real, lang):
    server = real(proactive=[NUDGE])
    visit(page, served, server, lang)
    expect(page.locator(".nudge")).to_contain_text(HELLO[lang], timeout=9000)
    page.locator(".nudge .off").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".nudge")).to_have_count(0)
    assert page.evaluate("({...localStorage})") == {"odziv:quiet:demo": "1"}
    assert told(page, "proactive")[-1]["action"] == "dismissed"
    with page.expect_response("**/widget.js"):
        visit(page, served, server, lang, "&x=1")
    page.wait_for_timeout(4500)
    expect(page.locator(".nudge")).to_have_count(0)


QUIET = {
    "another page": {"page": "/elsewhere*"},
    "another language": {"languages": ["sl"]},
    "only who was here": {"returning": True},
    "later": {"after_seconds": 60},
}


@pytest.mark.parametrize("rule", QUIET.values(), ids=QUIET)
def test_rules_that_dont_fit(page, served, real, rule):
    early = {**NUDGE, "id": "early", "page": "/nowhere"}  # so that the module is there
    visit(page, served, real(proactive=[early, {**NUDGE, **rule}]))
    page.wait_for_timeout(4500)
    expect(page.locator(".nudge")).to_have_count(0)


def test_not_again_on_the_next_page_nor_after_a_reload(page, served, real):
    server = real(proactive=[NUDGE])
    visit(page, served, server)
    expect(page.locator(".nudge")).to_be_visible(timeout=9000)
    page.evaluate("location.href += '&next=1'; null")
    page.wait_for_url("**next=1")
    page.wait_for_timeout(4500)
    expect(page.locator(".nudge")).to_have_count(0)
    page.reload()
    page.wait_for_timeout(4500)
    expect(page.locator(".nudge")).to_have_count(0)


def test_who_is_being_helped_is_left_alone(page, served, real, store, rows):
    server = real(proactive=[NUDGE])
    start(page, served, server)
    say(page, "Hello")
    with store.write() as connection:
        change_owner(connection, rows()[0].id, "queued", agent_id=None)
    page.goto("about:blank")
    page.evaluate("null")
    visit(page, served, server)
    page.evaluate("odziv('close')")
    page.wait_for_timeout(5000)
    expect(page.locator(".nudge")).to_have_count(0)


def test_sites_without_rules_fetch_nothing(page, served, real):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, served, real())
    page.wait_for_timeout(2500)
    assert not [url for url in asked if "nudge" in url or "/sites/" in url]
