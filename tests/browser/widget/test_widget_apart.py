"""The page's shortcuts, dialogs and styles, and the chat in the middle of them: neither takes from the other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import becomes
from tests.browser.fake_api import Served
from tests.browser.widget.test_widget import texts, visit, write

pytestmark = pytest.mark.browser
SENTENCE = "Kje je moj sotor? s/ k"
FIELD = "document.querySelector('odziv-chat').shadowRoot.querySelector('textarea')"


CHAT = "(document.querySelector('odziv-chat') || window.shadowed.querySelector('odziv-chat'))"


def opened(page: Page, served: Served) -> None:
    """The chat, open, and listening to the page."""
    visit(page, served)
    expect(page.locator("textarea")).to_be_focused()
    becomes(page, "Boolean(document.querySelector('odziv-chat').modalRules)")


def press(page: Page, place: str) -> None:
    """Where it is seen, whatever lies above or makes it dead."""
    box = page.locator(place).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def run(page: Page, script: str) -> None:
    page.evaluate(f"() => {{ {script} }}")


# ---- what is typed

KEYS = "keydown keypress keyup beforeinput input paste copy compositionstart compositionupdate compositionend"
# A page's one-key shortcuts, as pages write them: where they listen, and how they know that somebody is typing.
LISTEN = """window.heard = [];
const isTyping = (e) => /INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.target.isContentEditable;
for (const type of "%s".split(" ")) %s.addEventListener(type, (e) => {
  if (isTyping(e)) return;
  heard.push(type + " " + (e.key || e.data || ""));
  e.preventDefault();
  if (e.key === "s" || e.key === "/") document.getElementById("opener").focus();
}, %s)"""
PLACES = ["document", "document.body", "document.documentElement", "window", "document.querySelector('odziv-chat')"]


@pytest.mark.parametrize("capture", ["false", "true"], ids=["bubbling", "capturing"])
@pytest.mark.parametrize("place", PLACES)
def test_the_pages_keys_hear_nothing_of_what_is_typed(page, served, fake, place, capture):
    opened(page, served)
    run(page, LISTEN % (KEYS, place, capture))
    page.keyboard.type(SENTENCE)
    assert page.locator("textarea").input_value() == SENTENCE
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    page.keyboard.insert_text("ž")
    page.locator("textarea").evaluate(
        "field => field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true, composed: true }))"
    )
    assert page.locator("textarea").input_value() == f"{SENTENCE}\nž"
    assert page.evaluate("heard") == []
    page.keyboard.press("Enter")
    expect(page.locator(".own[data-seq]")).to_have_count(1)


@pytest.mark.parametrize("capture", ["false", "true"], ids=["bubbling", "capturing"])
def test_a_listener_on_window_that_was_there_first_sees_that_somebody_types(page, served, fake, capture):
    page.add_init_script(LISTEN % ("keydown", "window", capture))
    opened(page, served)
    page.keyboard.type(SENTENCE)
    assert page.locator("textarea").input_value() == SENTENCE and page.evaluate("heard") == []


def test_the_pages_shortcuts_still_work_beside_the_chat(page, served, fake):
    opened(page, served)
    run(page, LISTEN % ("keydown", "document", "false"))
    page.locator("h1").click()
    page.keyboard.press("k")
    page.locator(".close").click()
    page.keyboard.press("x")  # the focus is on the button in the corner
    assert page.evaluate("heard") == ["keydown k", "keydown x"]
    page.keyboard.press("Space")
    expect(page.locator(".panel")).to_be_visible()
    assert page.evaluate("heard") == ["keydown k", "keydown x"]


def test_the_search_and_the_fields_of_screens_are_as_private(page, served, fake):
    opened(page, served)
    run(page, LISTEN % (KEYS, "document", "true"))
    page.locator(".find input").click()
    page.keyboard.type("s/ return")
    expect(page.locator(".hits li").first).to_be_visible()
    assert page.locator(".find input").input_value() == "s/ return"
    page.keyboard.press("Escape")
    assert page.locator(".find input").input_value() == "" and page.evaluate("heard") == []


def test_escape_and_tab_do_within_what_they_did(page, served, fake):
    opened(page, served)
    page.keyboard.press("Tab")
    expect(page.locator(".attach")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".bubble")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "ODZIV-CHAT"  # it is no trap itself


def test_enter_that_ends_a_composition_sends_nothing(page, served, fake):
    opened(page, served)
    page.locator("textarea").fill("にほん")
    page.locator("textarea").evaluate(
        "field => field.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Enter', keyCode: 229, bubbles: true, composed: true, cancelable: true }))"
    )
    assert page.locator("textarea").input_value() == "にほん" and texts(page) == []


def test_what_is_pasted_and_dropped_into_the_chat_is_not_the_pages(page, served, fake):
    opened(page, served)
    run(page, LISTEN % ("paste drop dragover", "document", "true"))
    page.locator("textarea").evaluate("""field => { const data = new DataTransfer(); data.setData("text/plain", "x");
      const through = { bubbles: true, composed: true, cancelable: true };
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...through }));
      field.dispatchEvent(new DragEvent("drop", { dataTransfer: data, ...through })) }""")
    assert page.evaluate("heard") == []


def test_a_page_that_scrolls_by_itself_lets_the_conversation_scroll(page, served, fake):
    opened(page, served)
    run(page, "document.addEventListener('wheel', (e) => e.preventDefault(), { passive: false })")
    for number in range(4):
        write(page, f"{number} " + "long words " * 60)
        expect(page.locator(".own[data-seq]")).to_have_count(number + 1)
    page.locator(".scroll").hover()
    before = page.locator(".scroll").evaluate("log => log.scrollTop")
    page.mouse.wheel(0, -300)
    becomes(page, f"document.querySelector('odziv-chat').shadowRoot.querySelector('.scroll').scrollTop < {before}")


@pytest.mark.parametrize("capture", ["false", "true"], ids=["bubbling", "capturing"])
@pytest.mark.parametrize(
    "type", ["wheel", "touchmove", "touchstart", "touchend", "contextmenu", "selectstart", "dragstart"]
)
def test_a_page_that_forbids_something_forbids_it_beside_the_chat(page, served, fake, type, capture):
    opened(page, served)
    run(page, f"window.heard = 0; document.addEventListener('{type}', (e) => {{ heard += 1; e.preventDefault() }},"
        f"{{ capture: {capture}, passive: false }})")  # fmt: skip
    forbidden = """node => !node.dispatchEvent(new Event("%s", { bubbles: true, composed: true, cancelable: true }))"""
    assert not page.locator(".scroll").evaluate(forbidden % type) and page.evaluate("heard") == 0
    assert page.locator("h1").evaluate(forbidden % type) and page.evaluate("heard") == 1


def test_what_is_said_can_be_marked_on_a_page_where_nothing_else_can(page, served, fake):
    opened(page, served)
    run(page, "document.documentElement.style.cssText = 'user-select: none; pointer-events: none; cursor: none';"
        "document.addEventListener('selectstart', (e) => e.preventDefault(), true)")  # fmt: skip
    write(page, "one")
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    page.locator(".own .body").click(click_count=3)
    assert page.evaluate("getSelection().toString().trim()") == "one"


# ---- who has the focus

MODAL = """const modal = document.createElement("div");
modal.innerHTML = "<input id=trapped><button>OK</button>"; modal.setAttribute("role", "dialog");
document.body.append(modal); const trapped = modal.firstChild; const outside = (e) => !modal.contains(e.target);"""
SHADOW = """const host = document.createElement("x-dialog"); document.body.append(host);
const root = host.attachShadow({ mode: "%s" }); root.innerHTML = "<dialog><input id=trapped></dialog>";
window.shadowed = root; root.querySelector("dialog").showModal()"""
# How pages keep the focus in their own dialogs.
TRAPS = {
    "focusin, as Bootstrap": MODAL + "document.addEventListener('focusin', (e) => outside(e) && trapped.focus())",
    "focusin captured, as focus-trap": MODAL + "document.addEventListener('focusin', (e) => {"
    " if (outside(e)) { e.stopImmediatePropagation(); trapped.focus() } }, true)",
    "focus captured": MODAL + "document.addEventListener('focus', (e) => outside(e) && trapped.focus(), true)",
    "presses captured": MODAL + "document.addEventListener('mousedown', (e) => outside(e) && e.preventDefault(), true);"
    "document.addEventListener('focusin', (e) => outside(e) && trapped.focus(), true)",
    "window, late": MODAL + "window.addEventListener('focusin', (e) => outside(e) && trapped.focus(), true)",
    "focusout": MODAL + "modal.addEventListener('focusout', (e) => modal.contains(e.relatedTarget) || trapped.focus())",
    "a timer": MODAL + "for (const later of [40, 80, 120]) setTimeout(() => trapped.focus(), later)",
    "Tab": MODAL + "document.addEventListener('keydown', (e) => { if (e.key !== 'Tab') return;"
    "e.preventDefault(); trapped.focus() }, true)",
    "inert neighbours": MODAL + "for (const node of [...document.documentElement.children, ...document.body.children])"
    " if (!node.contains(modal)) node.inert = true",
    "hidden neighbours": MODAL + "for (const node of document.documentElement.children)"
    " if (!node.contains(modal)) node.setAttribute('aria-hidden', 'true')",
    "a <dialog>": "const modal = document.createElement('dialog'); modal.innerHTML = '<input id=trapped>';"
    "document.body.append(modal); modal.showModal()",
    "two <dialog>s": "for (const id of 'trapped inner'.split(' ')) { const modal = document.createElement('dialog');"
    "modal.innerHTML = `<input id=${id}>`; document.body.append(modal); modal.showModal() }",
    "a <dialog> that is transformed": "const modal = document.createElement('dialog');"
    "modal.innerHTML = '<input id=trapped>'; document.body.append(modal); modal.showModal();"
    "modal.style.cssText = 'transform: translateX(40px); overflow: hidden; width: 90px'",
    "a <dialog> in a shadow root": SHADOW % "open",
    "a <dialog> in a shadow root within another": "const outer = document.createElement('x-outer');"
    "document.body.append(outer); outer.attachShadow({ mode: 'open' }).innerHTML = '<slot></slot><x-inner></x-inner>';"
    "const root = outer.shadowRoot.querySelector('x-inner').attachShadow({ mode: 'open' });"
    "root.innerHTML = '<dialog><input id=trapped></dialog>'; root.querySelector('dialog').showModal()",
    "a <dialog> that a component shows": "const outer = document.createElement('x-outer');"
    "outer.innerHTML = '<dialog><input id=trapped></dialog>'; document.body.append(outer);"
    "outer.attachShadow({ mode: 'open' }).innerHTML = '<slot></slot>'; outer.querySelector('dialog').showModal()",
    "a <dialog> over one in a shadow root": SHADOW % "open" + "; const modal = document.createElement('dialog');"
    "modal.innerHTML = '<input>'; document.body.append(modal); modal.showModal()",
    "a <dialog> in a closed shadow root": SHADOW % "closed",
    "the whole page inert": "document.documentElement.inert = true",
    "the whole page inert by its style": "document.documentElement.style.interactivity = 'inert'",
    "the whole page inert, and the chat": "document.documentElement.inert = true;"
    "document.querySelector('odziv-chat').inert = true",
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_dialog_of_the_page_does_not_take_the_typing(page, served, fake, trap):
    opened(page, served)
    page.keyboard.type("half a ")
    run(page, TRAPS[trap])
    page.wait_for_timeout(200)
    press(page, "textarea")
    page.keyboard.type("sentence", delay=20)
    assert page.locator("textarea").input_value() == "half a sentence"
    page.keyboard.press("Enter")
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    assert page.locator("odziv-chat").count() == 1
    assert all(field.input_value() == "" for field in page.locator("#trapped").all())
    box = page.locator(".panel").bounding_box()
    assert box["x"] + box["width"] > 1200 and box["y"] + box["height"] <= 800


@pytest.mark.parametrize(
    "trap",
    ["a timer", "a <dialog>", "two <dialog>s", "a <dialog> in a shadow root", "a <dialog> in a closed shadow root",
     "the whole page inert", "the whole page inert by its style"],
)  # fmt: skip
def test_who_is_in_the_middle_of_a_word_goes_on_writing(page, served, fake, trap):
    opened(page, served)
    page.keyboard.type("half a ")
    run(page, TRAPS[trap])
    page.wait_for_timeout(250)
    page.keyboard.type("sentence", delay=20)
    assert page.locator("textarea").input_value() == "half a sentence"


def test_the_chat_leaves_a_dialog_with_its_end(page, served, fake):
    opened(page, served)
    write(page, "one")
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    run(page, TRAPS["a <dialog>"])
    becomes(page, "document.querySelector('dialog odziv-chat') !== null")
    page.locator("textarea").press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    assert page.evaluate("document.querySelector('dialog').open")  # the first Escape is the chat's
    page.keyboard.press("Escape")
    becomes(page, "document.querySelector('odziv-chat').parentNode === document.documentElement")
    page.locator(".bubble").click()
    assert texts(page) == ["one"]


def test_the_chat_comes_back_from_a_dialog_that_is_thrown_away(page, served, fake):
    opened(page, served)
    page.keyboard.type("half")
    run(page, TRAPS["a <dialog>"])
    becomes(page, "document.querySelector('dialog odziv-chat') !== null")
    run(page, "document.querySelector('dialog').remove()")
    becomes(page, "document.querySelectorAll('html > odziv-chat').length === 1")
    expect(page.locator(".panel")).to_be_visible()
    assert page.locator("textarea").input_value() == "half"


DEAD = {
    "a closed shadow root": (SHADOW % "closed", "shadowed.querySelector('dialog').close()"),
    "inert": (TRAPS["the whole page inert"], "document.documentElement.inert = false"),
}


@pytest.mark.parametrize(("trap", "end"), DEAD.values(), ids=DEAD)
def test_where_there_is_no_way_in_the_chat_works_from_the_button_on(page, served, fake, trap, end):
    opened(page, served)
    write(page, "one")
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    press(page, ".close")
    expect(page.locator(".panel")).to_be_hidden()
    run(page, trap)
    press(page, ".bubble")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("two")
    press(page, ".send")
    expect(page.locator(".own[data-seq]")).to_have_count(2)
    press(page, ".close")
    expect(page.locator(".panel")).to_be_hidden()
    assert page.evaluate("document.querySelector('odziv-chat').shadowRoot.querySelector('dialog') === null")
    run(page, end)
    page.locator("#opener").focus()
    assert page.evaluate("document.activeElement.id") == "opener"


def test_a_press_beside_the_chat_gives_a_dialog_back_that_can_not_be_entered(page, served, fake):
    opened(page, served)
    run(page, SHADOW % "closed")
    press(page, "textarea")
    page.keyboard.type("ours")
    box = page.evaluate("shadowed.querySelector('input').getBoundingClientRect().toJSON()")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.keyboard.type("theirs")
    assert page.evaluate("shadowed.querySelector('input').value") == "theirs"
    press(page, "textarea")
    page.keyboard.type(" again")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    assert page.evaluate("shadowed.querySelector('dialog').open")
    page.keyboard.type("!")
    assert page.evaluate("shadowed.querySelector('input').value") == "theirs!"
    page.keyboard.press("Escape")
    becomes(page, "!shadowed.querySelector('dialog').open")
    page.locator(".bubble").click()
    assert page.locator("textarea").input_value() == "ours again"


def test_a_page_that_is_alive_again_has_its_keys_and_presses(page, served, fake):
    opened(page, served)
    run(page, "document.documentElement.inert = true")
    press(page, "textarea")
    page.keyboard.type("half")
    run(page, "document.documentElement.inert = false")
    becomes(page, "document.querySelector('odziv-chat').shadowRoot.querySelector('dialog') === null")
    page.keyboard.type(" sentence")
    assert page.locator("textarea").input_value() == "half sentence"
    page.locator("#opener").click()
    assert page.evaluate("document.activeElement.id") == "opener"


@pytest.mark.parametrize("trap", ["a <dialog>", "a <dialog> in a shadow root", "a <dialog> in a closed shadow root"])
def test_a_dialog_can_open_the_chat(page, served, fake, trap):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    run(page, TRAPS[trap] + "; odziv('open')")
    expect(page.locator(".panel")).to_be_visible()
    becomes(page, f"Boolean({CHAT}.modalRules)")
    press(page, "textarea")
    page.keyboard.type("Hello")
    assert page.locator("textarea").input_value() == "Hello"
    press(page, ".close")
    page.locator("#trapped").focus() if "closed" not in trap else None
    run(page, f"{CHAT}.toggle()")
    expect(page.locator("textarea")).to_be_focused()
    has_one = f"{CHAT}.shadowRoot.querySelector('dialog') !== null"
    becomes(page, has_one if "closed" in trap else f"!({has_one})")


def test_a_press_on_what_lies_above_the_chat_is_not_the_chats(page, served, fake):
    opened(page, served)
    run(page, "const over = document.createElement('x-over'); over.popover = 'manual'; over.textContent = 'above';"
        "over.style.cssText = 'position: fixed; inset: auto 0 0 auto; width: 500px; height: 600px; margin: 0';"
        "over.onclick = () => { window.pressed = 1 }; document.body.append(over); over.showPopover()")  # fmt: skip
    press(page, "textarea")
    assert page.evaluate("window.pressed") == 1
    expect(page.locator("textarea")).not_to_be_focused()


def test_the_chat_leaves_a_dialog_in_a_shadow_root_with_its_end(page, served, fake):
    opened(page, served)
    run(page, SHADOW % "open")
    becomes(page, "shadowed.querySelector('dialog odziv-chat') !== null")
    page.keyboard.type("theirs")
    press(page, "textarea")
    page.keyboard.type("ours")
    run(page, "shadowed.querySelector('dialog').close()")
    becomes(page, "document.querySelector('odziv-chat')?.parentNode === document.documentElement")
    assert page.locator("textarea").input_value() == "ours"
    assert page.evaluate("shadowed.querySelector('input').value") == "theirs"
    run(page, "shadowed.querySelector('dialog').showModal()")
    becomes(page, "shadowed.querySelector('dialog odziv-chat') !== null")
    run(page, "shadowed.host.remove()")
    becomes(page, "document.querySelector('odziv-chat')?.parentNode === document.documentElement")
    assert page.locator("textarea").input_value() == "ours"


def test_who_leaves_the_field_is_let_go(page, served, fake):
    opened(page, served)
    page.keyboard.type("half")
    page.locator("#opener").click()
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.id") == "opener"
    page.locator("textarea").click()
    page.keyboard.press("Shift+Tab")
    page.wait_for_timeout(100)
    expect(page.locator("textarea")).not_to_be_focused()


def test_a_page_that_never_gives_up_hangs_nothing(page, served, fake):
    opened(page, served)
    page.keyboard.type("half")
    run(
        page,
        MODAL + "window.taken = 0; const again = () => { taken += 1; trapped.focus() };"
        f"{FIELD}.addEventListener('focus', again); again()",
    )
    page.wait_for_timeout(500)
    assert page.evaluate("taken") < 20


# ---- where it is

STYLES = {
    "body transformed": "body{transform:translateZ(0);height:3000px}",
    "body filtered": "body{filter:grayscale(1);height:3000px}",
    "body zoomed": "body{zoom:1.5;height:3000px}",
    "body hides what is over": "html,body{overflow:hidden;height:50px}",
    "body contained": "body{contain:paint layout;height:3000px}",
    "body in perspective": "body{perspective:800px;will-change:transform;height:3000px}",
    "body backdrop": "body{backdrop-filter:blur(2px);height:3000px}",
    "html transformed": "html{transform:translateX(30px);height:3000px}",
    "html scaled": "html{transform:scale(.8);height:3000px}",
    "html filtered": "html{filter:invert(1)}body{height:3000px}",
    "html in perspective": "html{perspective:500px}body{height:3000px}",
    "html contained": "html{contain:paint layout}body{height:3000px}",
    "html will change": "html{will-change:transform}body{height:3000px}",
    "html in columns": "html{columns:3;height:3000px}",
    "html as a grid": "html{display:grid;grid-template-columns:1fr 1fr;gap:40px}",
    "popovers have a look": "[popover]{inset:0;margin:auto;padding:9em;transform:scale(.2);opacity:.1}",
    "backdrops are dark": "::backdrop{background:#000;pointer-events:auto}",
}


@pytest.mark.parametrize("style", STYLES)
def test_no_style_of_the_page_moves_the_button_out_of_its_corner(page, served, fake, style):
    page.goto(served.url + "/bare")
    expect(page.locator(".bubble")).to_be_visible()
    run(
        page,
        f"const sheet = new CSSStyleSheet(); sheet.replaceSync({STYLES[style]!r});"
        "document.adoptedStyleSheets = [sheet]",
    )
    page.evaluate("scrollTo(0, 900)")
    box = page.locator(".bubble").bounding_box()
    assert 1180 < box["x"] < 1260 and 700 < box["y"] < 780, box
    page.locator(".bubble").click()
    panel = page.locator(".panel").bounding_box()
    assert panel["y"] >= 0 and panel["x"] + panel["width"] <= 1280 and panel["height"] > 500
    page.locator("textarea").fill("Hello")
    page.locator(".send").click(force=True)
    expect(page.locator(".own[data-seq]")).to_have_count(1)


def test_a_page_that_is_zoomed_as_a_whole_keeps_the_panel_on_the_screen(page, served, fake):
    page.goto(served.url + "/bare")
    run(page, "document.documentElement.style.zoom = 1.4")
    page.locator(".bubble").click()
    box = page.locator(".panel").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 800 and box["x"] >= 0 and box["x"] + box["width"] <= 1280


def test_what_lies_beneath_the_chat_can_be_pressed(page, served, fake):
    opened(page, served)
    run(page, "document.getElementById('opener').onclick = () => { window.pressed = 1 }")
    page.locator("#opener").click()
    assert page.evaluate("window.pressed") == 1


@pytest.mark.parametrize("is_open", [False, True], ids=["button", "panel"])
def test_it_is_not_on_printed_pages(page, served, fake, is_open):
    page.goto(served.url + "/bare")
    page.locator(".bubble").click() if is_open else expect(page.locator(".bubble")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".bubble")).to_be_hidden()
    expect(page.locator(".panel")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator(".bubble")).to_be_visible()


# ---- nothing that could be seen

UNSEEN = {
    "zero width space": "\u200b", "joiners": "\u200c\u200d\u2060", "mark of the byte order": "\ufeff",
    "soft hyphen": "\xad", "directions": "\u200e\u200f\u202e\u2066", "spaces": " \u00a0\u2003\u3000\n\t",
    "Hangul filler": "\u3164\u115f\u1160\uffa0", "Braille blank": "\u2800", "variation selector": "\ufe0f\ufe0e",
    "grapheme joiner": "\u034f", "tags": "\U000e0041\U000e007f", "Mongolian": "\u180b\u180e", "Khmer": "\u17b4\u17b5",
}  # fmt: skip


@pytest.mark.parametrize("unseen", UNSEEN)
def test_nothing_that_could_be_seen_is_nothing_to_send(page, served, fake, unseen):
    opened(page, served)
    page.locator("textarea").fill(UNSEEN[unseen])
    expect(page.locator(".send")).to_have_attribute("aria-disabled", "true")
    page.locator("textarea").press("Enter")
    page.locator(".send").click(force=True)
    page.wait_for_timeout(100)
    assert fake.posts == [] and texts(page) == []


@pytest.mark.parametrize("text", ["a\u200b", "👩‍👩‍👧", "1️⃣", "❤️", "\U0001fae9", "\uf8ff", "?", "ž"])
def test_what_can_be_seen_is_sent(page, served, fake, text):
    opened(page, served)
    write(page, text)
    expect(page.locator(".own[data-seq]")).to_have_count(1)
    assert [post["text"] for post in fake.posts] == [text]
