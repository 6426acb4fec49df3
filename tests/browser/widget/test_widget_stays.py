"""The chat stays while the page around it is replaced, as many sites do instead of loading the next one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import becomes
from tests.browser.fake_api import Served
from tests.browser.widget.test_widget import texts, visit, write
from tests.browser.widget.test_widget_api import LISTEN, seen

pytestmark = pytest.mark.browser

NEXT = "<main><h1>Page 2</h1><a href=#3>on</a></main>"
BODY = f"const body = document.createElement('body'); body.innerHTML = '{NEXT}';"
HTML = (
    "const root = document.documentElement, html = document.createElement('html');"
    f"html.innerHTML = '<head><title>2</title></head><body>{NEXT}</body>';"
)
PARSED = f"const next = new DOMParser().parseFromString('<title>2</title>{NEXT}', 'text/html');"
# What libraries do that change a tree into another one, node by node.
MORPH = """const morph = (old, next) => {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  let at = old.firstChild;
  for (const node of next.childNodes) {
    if (at && at.nodeName === node.nodeName && at.nodeType === 1) { morph(at, node); at = at.nextSibling; }
    else old.insertBefore(node.cloneNode(true), at);
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
};"""
CHAT = "const chat = document.querySelector('odziv-chat');"
FRAME = "const frame = document.createElement('iframe'); document.body.append(frame);"
# How sites put the next page in the place of this one.
WAYS = {
    "Turbo's replaceChild": BODY + "document.documentElement.replaceChild(body, document.body)",
    "body.replaceWith": BODY + "document.body.replaceWith(body)",
    "document.body =": BODY + "document.body = body",
    "body gone for a while": BODY + "document.body.remove();"
    "setTimeout(() => document.documentElement.append(body), 50)",
    "the body of a parsed page": PARSED + "document.body.replaceWith(document.adoptNode(next.body))",
    "emptied": f"document.body.innerHTML = ''; document.body.innerHTML = '{NEXT}'",
    "textContent": "document.body.textContent = 'Page 2'",
    "body.replaceChildren": BODY + "document.body.replaceChildren(...body.childNodes)",
    "one by one": "while (document.body.firstChild) document.body.firstChild.remove()",
    "outerHTML": f"document.body.outerHTML = '<body>{NEXT}</body>'",
    "a range": "const r = document.createRange(); r.selectNodeContents(document.body); r.deleteContents()",
    "a snapshot of the body": "const copy = document.body.cloneNode(true); document.body.replaceWith(copy)",
    "a view transition": BODY + "return document.startViewTransition(() => document.body.replaceWith(body)).finished",
    "all of html emptied": f"document.documentElement.innerHTML = '<head></head><body>{NEXT}</body>'",
    "html.replaceChildren": HTML + "root.replaceChildren(...html.childNodes)",
    "html replaced": HTML + "root.replaceWith(html)",
    "html replaced, and back": HTML + "root.replaceWith(html); html.replaceWith(root);"
    "root.replaceChildren(...html.childNodes)",
    "html gone for a while": HTML + "root.remove(); setTimeout(() => document.append(html), 50)",
    "the html of a parsed page": PARSED + "const html = document.adoptNode(next.documentElement);"
    "document.replaceChild(html, document.documentElement)",
    "a snapshot of html": "document.documentElement.replaceWith(document.documentElement.cloneNode(true))",
    "morphed": PARSED + MORPH + "morph(document.documentElement, next.documentElement)",
    "morphed into a snapshot": MORPH + "morph(document.documentElement, document.documentElement.cloneNode(true))",
    "html kept by another document": HTML + "document.implementation.createHTMLDocument().adoptNode(root);"
    "document.append(html)",
    "html lent to another document": "const root = document.documentElement;"
    "document.implementation.createHTMLDocument().adoptNode(root); document.append(root)",
    "a navigation taken over": BODY + "navigation.addEventListener('navigate', (e) => e.intercept({ handler:"
    " async () => document.body.replaceWith(body) }), { once: true }); return navigation.navigate('?2').finished",
    "again and again": "for (let page = 0; page < 10; page++) {"
    "document.documentElement.innerHTML = `<body>${page}</body>`; await new Promise((done) => setTimeout(done, 30)) }",
    "the chat put into the body": CHAT + "document.body.append(chat)",
    "the chat put into what is made small": CHAT + "const div = document.createElement('div');"
    "div.style.transform = 'scale(.5)'; document.body.append(div); div.append(chat)",
    "the chat put into a template": CHAT + "document.createElement('template').content.append(chat)",
    "the chat put into a frame": CHAT + FRAME + "frame.contentDocument.body.append(chat)",
    "the chat's attributes taken": CHAT + "for (const { name } of [...chat.attributes]) chat.removeAttribute(name)",
    "the chat hidden": CHAT + "chat.hidden = chat.inert = true; chat.ariaHidden = 'true'; chat.hidePopover();"
    "chat.style.cssText = 'display: none; visibility: hidden; opacity: 0'",
    "what is not known": "document.querySelectorAll('html > :not(head, body)').forEach((node) => node.remove())",
}  # fmt: skip
AGAIN = """const script = document.createElement('script');
script.src = '/widget.js'; script.dataset.site = 'demo';
const run = new Promise((done) => { script.onload = done });
document.body.append(script); return run"""


def run(page: Page, script: str) -> None:
    """The script in a scope of its own; a promise it returns is awaited."""
    page.evaluate(f"async () => {{ {script}; }}")


def begin(page: Page, served: Served) -> None:
    """An open chat with a conversation, and something half written."""
    visit(page, served)
    page.evaluate(LISTEN)
    write(page, "one")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.locator("textarea").fill("half a sent")


@pytest.mark.parametrize("way", WAYS)
def test_it_stays_as_it_was_also_when_the_script_is_run_again(page, served, fake, way):
    begin(page, served)
    streams = fake.calls["events"]
    run(page, WAYS[way])
    expect(page.locator(".panel")).to_be_visible()
    becomes(page, "Boolean(document.body)")
    run(page, AGAIN)
    becomes(page, "document.querySelectorAll('html > odziv-chat').length === 1")
    assert page.locator("odziv-chat").count() == 1
    box = page.locator(".panel").bounding_box()
    assert 1200 < box["x"] + box["width"] <= 1280 and 0 <= box["y"] < 800 - box["height"]
    assert page.locator("textarea").input_value() == "half a sent"
    fake.say("Here I am.", "agent", agent={"name": "Ana"})
    expect(page.locator(".msg.agent .body")).to_have_text("Here I am.")
    assert texts(page) == ["one"]
    page.locator("textarea").press("Enter")
    expect(page.locator(".own[data-seq]")).to_have_count(2)
    assert fake.customer_texts() == ["one", "half a sent"]
    assert fake.calls["events"] == streams and len(fake.conversations) == 1  # the stream went on
    page.locator(".close").click()
    page.locator(".bubble").click()
    expect(page.locator(".panel")).to_be_visible()
    assert seen(page, "error", "ready") == []


@pytest.mark.parametrize("way", ["Turbo's replaceChild", "a view transition", "html replaced"])
def test_what_is_unread_stays_counted(page, served, fake, way):
    begin(page, served)
    page.locator(".close").click()
    fake.say("Are you there?", "agent", agent={"name": "Ana"})
    expect(page.locator(".badge")).to_have_text("1")
    run(page, WAYS[way])
    becomes(page, "Boolean(document.body)")
    run(page, AGAIN)
    fake.say("Hello?", "agent", agent={"name": "Ana"})
    expect(page.locator(".badge")).to_have_text("2")
    page.locator(".bubble").click()
    assert texts(page, "agent") == ["Are you there?", "Hello?"]


@pytest.mark.parametrize("way", ["body.replaceWith", "emptied", "html replaced", "a snapshot of html"])
def test_after_shutdown_it_stays_away(page, served, fake, way):
    begin(page, served)
    page.evaluate("odziv('shutdown')")
    run(page, WAYS[way])
    becomes(page, "Boolean(document.body)")
    run(page, AGAIN)
    page.wait_for_timeout(100)
    assert page.locator("odziv-chat").count() == 0
    page.evaluate("odziv('boot', { site: 'demo' })")
    expect(page.locator("odziv-chat")).to_have_count(1)
    assert seen(page, "error") == []


def test_focus_stays_in_the_text_field_while_the_body_is_replaced(page, served, fake):
    begin(page, served)
    page.locator("textarea").focus()
    run(page, WAYS["Turbo's replaceChild"])
    page.keyboard.press("End")
    page.keyboard.type("ence")
    assert page.locator("textarea").input_value() == "half a sentence"


def test_a_document_written_anew_ends_all_listeners_and_the_chat_goes_on(page, served, fake):
    begin(page, served)
    run(page, f"document.open(); document.write('<title>2</title>{NEXT}'); document.close()")
    expect(page.locator("odziv-chat")).to_have_count(1)
    page.locator(".close").click()
    expect(page.locator(".panel")).to_be_hidden()
    page.locator(".bubble").click()
    assert page.locator("textarea").input_value() == "half a sent"
    page.locator("textarea").press("Enter")
    expect(page.locator(".own[data-seq]")).to_have_count(2)
    assert texts(page) == ["one", "half a sent"] and len(fake.conversations) == 1


def test_a_document_written_anew_before_the_chat_was_opened(page, served, fake):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    run(page, f"document.open(); document.write('<title>2</title>{NEXT}'); document.close()")
    page.locator(".bubble").click()
    expect(page.locator("textarea")).to_be_focused()


def test_boot_on_the_next_page_is_no_mistake_and_makes_no_second_one(page, served, fake):
    begin(page, served)
    for way in ("body.replaceWith", "emptied", "html replaced"):
        run(page, WAYS[way])
        page.evaluate("odziv('boot', { site: 'demo' })")
        assert page.locator("odziv-chat").count() == 1  # at once, without waiting for anything
    assert seen(page, "error", "ready") == []
    page.evaluate("odziv('boot', { site: 'other' })")
    assert seen(page, "error") == [["error", "wrong_call"]]


@pytest.mark.parametrize("call", ["'show'", "'open'", "'boot'", "'toggle'"])
def test_a_call_brings_it_back_at_once(page, served, fake, call):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    gone = "document.querySelector('odziv-chat').remove()"
    assert page.evaluate(f"{gone}; odziv({call}); document.querySelectorAll('odziv-chat').length") == 1


def test_the_page_is_replaced_while_the_chat_is_being_fetched(page, served, fake):
    page.route("**/main.js", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.goto(served.url + "/bare")
    page.locator(".bubble").click(no_wait_after=True)
    run(page, WAYS["html gone for a while"])
    expect(page.locator("textarea")).to_be_visible()


def test_a_script_that_wants_it_gone_does_not_hang_the_page(page, served, fake):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    taken = """window.taken = 0;
        const take = () => document.querySelectorAll('odziv-chat').forEach((chat) => { taken += 1; chat.remove() });
        new MutationObserver(take).observe(document.documentElement, { childList: true });
        take()"""
    run(page, taken)
    page.wait_for_timeout(2500)
    assert 2 <= page.evaluate("taken") <= 5


def test_what_happens_within_the_page_is_not_watched(page, served, fake):
    page.add_init_script(
        "const { observe } = MutationObserver.prototype; window.watched = new Set();"
        "MutationObserver.prototype.observe = function (node, options) {"
        "  watched.add(node.nodeName + JSON.stringify(options)); return observe.call(this, node, options) }"
    )
    begin(page, served)
    assert page.evaluate("[...watched].sort()") == ['#document{"childList":true}', 'HTML{"childList":true}']


def test_a_copy_out_of_a_page_kept_as_html_is_taken_away(page, served, fake):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    page.evaluate("document.body.innerHTML += '<odziv-chat data-theme=dark></odziv-chat>'")
    assert page.locator("odziv-chat").count() == 1
    page.locator(".bubble").click()
    expect(page.locator("textarea")).to_be_visible()


def test_the_button_is_in_its_corner_though_the_body_is_transformed(page, served, fake):
    page.goto(served.url + "/bare")
    page.evaluate("document.body.style.cssText = 'transform: translateZ(0); height: 3000px'")
    assert page.locator(".bubble").bounding_box()["y"] < 800


TYPING = {
    "html replaced": HTML + "root.replaceWith(html)",
    "html kept by another document": HTML + "document.implementation.createHTMLDocument().adoptNode(root);"
    "document.append(html)",
    "all of html emptied": f"document.documentElement.innerHTML = '<head></head><body>{NEXT}</body>'",
    "the chat taken away": "document.querySelector('odziv-chat').remove()",
    "the chat put into the body": CHAT + "document.body.append(chat)",
    "Turbo's replaceChild": BODY + "document.documentElement.replaceChild(body, document.body)",
}


@pytest.mark.parametrize("way", TYPING)
def test_who_is_writing_goes_on(page, served, fake, way):
    begin(page, served)
    page.locator("textarea").press("End")
    page.keyboard.type("en")
    run(page, TYPING[way])
    page.wait_for_function("document.activeElement?.matches('odziv-chat')")
    page.keyboard.type("ce")
    assert page.locator("textarea").input_value() == "half a sentence"


def test_what_the_page_gave_the_focus_to_keeps_it(page, served, fake):
    begin(page, served)
    page.locator("textarea").press("End")
    run(page, "document.querySelector('odziv-chat').remove(); const field = document.createElement('input');"
              "document.body.append(field); field.focus()")  # fmt: skip
    expect(page.locator(".panel")).to_be_visible()
    page.keyboard.type("page")
    assert page.evaluate("document.activeElement.value") == "page"
