"""Little room at the desk: above a phone's keyboard, in low windows, with panels open, one still reads and sends."""

from __future__ import annotations

import os
import re
from html import escape

import pytest
from playwright.sync_api import Page, Route, expect

from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.messages import add_customer_message
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import check, fits
from tests.desk.conftest import add_agent, app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)
from tests.files import picture
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("ODZIV_TEST_PICTURES")
LANDSCAPE = {"width": 844, "height": 390}
TOUCH = {"has_touch": True, "is_mobile": True}
ASKED = "Paket bi moral priti že v petek. Ali mi lahko poveste, kje je?"
LONG_WORD = "Donaudampfschifffahrt" * 15
LONG_REPLY = "Paket je na poti, v petek ga je prevzel dostavljavec. " * 95
PASSAGE = """<li class="found"><details><summary><span class="found-title">Rok dostave</span>
  <span class="found-preview">Paket pride v dveh do treh dneh po celi Sloveniji.</span>
  <span class="figure">31 %</span></summary><div class="found-passage">Tri dni.</div></details>
  <button class="button small" type="button">Insert</button></li>"""

# A keyboard that covers the page: what is seen is less than the page's height.
COVER = """height => { const view = window.visualViewport;
  Object.defineProperty(view, "height", { configurable: true, value: height });
  view.dispatchEvent(new Event("resize")) }"""
LOOK = """() => {
  const box = (each) => each.getBoundingClientRect();
  const end = window.visualViewport.height;
  const log = box(document.getElementById("log"));
  const said = box([...document.querySelectorAll("#log > .customer .bubble")].at(-1));
  const top = Math.max(said.top, log.top), bottom = Math.min(said.bottom, log.bottom, end);
  const seenAt = document.elementFromPoint(said.left + 12, (top + bottom) / 2);
  const composer = box(document.getElementById("composer"));
  const send = box(document.querySelector("#composer [type=submit]"));
  const scrollers = [...document.querySelectorAll("main, main *")].filter((each) => each.clientHeight
    && /auto|scroll/.test(getComputedStyle(each).overflowY) && each.scrollHeight > each.clientHeight + 1);
  const holds = (outer, each) => outer !== each && outer.contains(each) && each.tagName !== "TEXTAREA";
  const isNested = (each) => scrollers.some((outer) => holds(outer, each));
  return {
    said: said.height, seen: bottom - top, isUncovered: Boolean(seenAt?.closest(".customer .bubble")), log: log.height,
    composer: [composer.top, end - composer.bottom, innerWidth - composer.right],
    send: [send.width, send.height, end - send.bottom, innerWidth - send.right], belowLog: composer.top - log.bottom,
    nested: scrollers.filter(isNested).map((each) => each.className),
    page: document.documentElement.scrollHeight - innerHeight,
  };
}"""
# Fields and buttons that can't be brought into sight, of what is open.
HIDDEN = """form => [...form.querySelectorAll(":is(input:not([type=hidden], .sr), select, textarea, button)")]
  .filter((each) => {
  if (!each.checkVisibility()) return false;
  each.scrollIntoView({ block: "nearest" });
  const { top, bottom, left, right } = each.getBoundingClientRect();
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const isOutside = top < -1 || left < -1 || bottom > innerHeight + 1 || right > innerWidth + 1;
  return isOutside || !(each.contains(there) || there?.contains(each));
}).map((each) => each.name || each.textContent)"""
SMALL = """() => {
  const fields = "input:not([type=hidden], [type=radio], [type=file])";
  const targets = `main :is(button, summary, select, textarea, .kinds label, .icon-button, ${fields}, .message-foot a)`;
  const isSmall = (each) => each.checkVisibility() && Math.round(each.getBoundingClientRect().height) < 44;
  return [...document.querySelectorAll(targets)].filter(isSmall).map((each) => each.outerHTML.slice(0, 90));
}"""


@pytest.fixture
def waiting(store, kb):  # noqa: F811
    """A customer who wrote twelve times, whom the bot answered last, and who has another conversation."""
    waiting, other = hand_off(store, "Kje je moj paket?"), hand_off(store, "Še enkrat jaz.")
    for one in (waiting, other):
        set_contact(store, one.id, email="miha@example.com")
    for number in range(12):
        say(store, waiting.id, f"{number}. sporočilo, ki ima nekaj besed več. " * 4)
    author = add_agent(store, "Marek Zieliński", "editor").id
    for number in range(8):
        add_saved_reply(store, f"greeting-{number}", f"Greeting {number}", {"sl": "Dober dan, kako pomagam?"}, author)
    say(store, waiting.id, ASKED)
    return waiting


def say(store, conversation: str, text: str) -> None:
    add_customer_message(store, conversation, text[:20], text, f"<p>{escape(text)}</p>")


@pytest.fixture
def taken(served, waiting):  # noqa: F811
    """Vera's page with that conversation, of a size; what she may find in the articles is there."""

    def open_page(viewport: dict, **options) -> Page:
        page = served.sign_in("Vera Novak", "admin", viewport=viewport, **options)
        page.route(
            re.compile("/conversations/.*/knowledge"),
            lambda route: route.fulfill(body=PASSAGE * 6, content_type="text/html"),
        )
        page.locator(f"#take-{waiting.handoff}").click()
        expect(page.locator("#foot")).to_have_attribute("data-mode", "holder")
        page.wait_for_load_state("load")
        return page

    return open_page


def find_passages(route: Route) -> None:
    route.fulfill(body=PASSAGE * 6, content_type="text/html")


def photograph(page: Page, name: str, height: int | None = None) -> None:
    if SHOTS:
        size = page.viewport_size
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
        page.screenshot(path=f"{SHOTS}/{name}.png", clip=clip)


def look(page: Page, least: float | None = None) -> None:
    """The customer's last message is seen (all of it, or as much of it), and all of the composer with "Send"."""
    page.wait_for_timeout(120)
    found = page.evaluate(LOOK)
    assert found["seen"] >= (found["said"] - 1 if least is None else least) and found["isUncovered"], found
    assert min(found["composer"]) >= 0 and min(found["send"]) >= 0 and found["send"][1] >= 30, found
    assert found["belowLog"] >= 0 and found["nested"] == [] and found["page"] <= 0, found
    assert fits(page)


def open_keyboard(page: Page, way: str, height: int) -> None:
    if way == "covers":
        page.evaluate(COVER, height)
    else:
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})


@pytest.mark.parametrize(("way", "scheme"), [("covers", "light"), ("resizes", "dark")])
@pytest.mark.parametrize(("viewport", "heights"), [(PHONE, (514, 420, 360, 300)), (LANDSCAPE, (220, 190, 160))])
def test_above_a_phones_keyboard(taken, way, scheme, viewport, heights):
    page = taken(viewport, color_scheme=scheme, **TOUCH)
    look(page)
    assert page.evaluate(SMALL) == []
    photograph(page, f"reading-{viewport['width']}x{viewport['height']}-{scheme}")
    page.locator("#text").tap()
    page.locator("#text").fill("Paket je na poti.\nPride jutri.\nLep pozdrav")
    for height in heights:
        open_keyboard(page, way, height)
        look(page, 40 if height < 200 else None)
        assert page.evaluate(SMALL) == []
        photograph(page, f"keyboard-{way}-{viewport['width']}x{height}-{scheme}", height)
    check(page)


@pytest.mark.parametrize("viewport", [PHONE, LANDSCAPE], ids=["upright", "lying"])
def test_the_keyboard_goes_and_everything_is_back(taken, viewport):
    page = taken(viewport, **TOUCH)
    page.locator("#text").tap()
    open_keyboard(page, "covers", 200)
    expect(page.locator("#transfer")).to_be_hidden()
    page.locator("#text").blur()
    open_keyboard(page, "covers", viewport["height"])
    for part in ("#transfer > summary", "#customer > summary", ".back"):
        expect(page.locator(part)).to_be_visible()
    look(page)


@pytest.mark.parametrize("viewport", [{"width": 390, "height": 420}, {"width": 390, "height": 360}])
def test_a_low_window_in_which_nothing_is_written(taken, viewport):
    page = taken(viewport, **TOUCH)
    look(page, 40)
    for part in ("#transfer > summary", "#customer > summary"):
        expect(page.locator(part)).to_be_visible()
    photograph(page, f"reading-390x{viewport['height']}-light")


@pytest.mark.parametrize("viewport", [{"width": 640, "height": 300}, {"width": 320, "height": 256}])
def test_enlarged_so_much_that_nothing_fits_all_of_it_is_reached_by_scrolling(taken, viewport):
    page = taken(viewport)
    assert page.locator(".pane-body").evaluate(HIDDEN) == []
    assert fits(page)
    page.locator("#text").focus()
    look(page)


@pytest.mark.parametrize("height", [420, 360])
@pytest.mark.parametrize("panel", ["#transfer", "#snooze", "#customer"])
def test_a_form_above_the_keyboard(taken, panel, height):
    page = taken(PHONE, **TOUCH)
    page.locator(f"{panel} > summary").tap()
    page.locator(f"{panel} :is(textarea, input):not([type=hidden])").first.focus()
    open_keyboard(page, "resizes", height)
    photograph(page, f"form-{panel[1:]}-390x{height}-light")
    assert page.locator(panel).evaluate(HIDDEN) == []
    look(page, 40)


PANELS = ["#transfer", "#snooze", "#priority", "#spam", "#delete"]
SIZES = [(1280, 800), (1024, 700), (1366, 650), (1280, 560), (390, 844), (844, 390)]


@pytest.mark.parametrize("customer", [False, True], ids=["", "customer"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_with_panels_open(taken, width, height, customer):
    is_phone = min(width, height) < 500
    scheme = "dark" if customer else "light"
    page = taken({"width": width, "height": height}, color_scheme=scheme, **(TOUCH if is_phone else {}))
    expect(page.locator("#found")).to_contain_text("Rok dostave")
    look(page)
    if customer:
        page.locator("#customer > summary").click()
        look(page, 40)
    for panel in PANELS:
        page.locator(f"{panel} > summary").click()
        look(page, 40)
        photograph(page, f"panel-{panel[1:]}{'-customer' * customer}-{width}x{height}-{scheme}")
        assert page.locator(panel).evaluate(HIDDEN) == []
        assert not is_phone or page.evaluate(SMALL) == []
    check(page)


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(*size, ["light", "dark"][number % 2]) for number, size in enumerate(SIZES)]
)
def test_with_the_saved_replies_and_a_preview(taken, width, height, scheme):
    page = taken({"width": width, "height": height}, color_scheme=scheme)
    page.locator("#text").press_sequentially("/")
    expect(page.locator("#picker-list > li")).to_have_count(8)
    page.wait_for_timeout(100)
    found = page.evaluate(LOOK)
    assert found["seen"] >= 40 and found["isUncovered"] and found["nested"] == [], found
    photograph(page, f"replies-{width}x{height}-{scheme}")
    check(page)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#picker-list > [aria-selected=true]")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.locator("#text").fill(LONG_REPLY)
    page.keyboard.press("Alt+p")
    expect(page.locator("#preview")).to_be_focused()
    look(page, 40)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_picture_that_comes_late_leaves_the_end_in_sight(taken, store, waiting, viewport):
    size = {"width": 600, "height": 400}
    data = picture(size=tuple(size.values()))
    file = add_attachment(store, waiting.id, data, name="palica.png", type="image/png", **size)
    add_customer_message(store, waiting.id, "file", "", "", attachments=(file.id,))
    say(store, waiting.id, "Vidite palico?")
    page = taken(viewport)
    held = []
    page.route("**/attachments/*", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#found")).to_contain_text("Rok dostave")  # everything else is there
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(page.locator("#log img")).to_have_js_property("complete", True)
    look(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1024, 700)])
def test_the_conversation_is_seen_beside_the_merging(taken, width, height):
    page = taken({"width": width, "height": height})
    page.locator("#customer > summary").click()
    page.get_by_role("button", name="Merge into this one…").click()
    photograph(page, f"merge-{width}x{height}-light")
    dialog, said = page.get_by_role("dialog").bounding_box(), page.locator("#log > .customer").last.bounding_box()
    assert dialog["x"] + dialog["width"] < said["x"]


@pytest.mark.parametrize(
    ("width", "height", "options"), [(390, 420, TOUCH), (844, 190, TOUCH), (1280, 800, {}), (1024, 700, {})]
)
def test_hostile_texts(taken, store, waiting, width, height, options):
    page = taken({"width": width, "height": height}, **options)
    set_contact(store, waiting.id, name=LONG_WORD[:200])
    say(store, waiting.id, LONG_WORD)
    expect(page.locator("#log")).to_contain_text(LONG_WORD)
    expect(page.locator("#head")).to_contain_text(LONG_WORD[:200])
    for text in (LONG_WORD, LONG_REPLY, "a\n" * 200):
        page.locator("#text").fill(text)
        look(page, 40)
    photograph(page, f"hostile-{width}x{height}-light")
    if height > 600:
        page.locator("#transfer > summary").click()
        page.locator("#transfer textarea").fill(LONG_REPLY)
        look(page, 40)
        page.locator("#customer > summary").click()
        look(page, 40)
        assert page.locator("#transfer").evaluate(HIDDEN) == []
        photograph(page, f"hostile-open-{width}x{height}-light")


def test_what_comes_while_one_writes_is_seen_and_what_one_reads_further_up_stays(taken, store, waiting):
    page = taken(PHONE, **TOUCH)
    page.locator("#text").tap()
    open_keyboard(page, "covers", 360)
    say(store, waiting.id, "Halo?")
    expect(page.locator("#log")).to_contain_text("Halo?")
    look(page)
    page.locator("#log").evaluate("log => { log.scrollTop = 0 }")
    page.wait_for_timeout(100)
    say(store, waiting.id, "Ste tam?")
    expect(page.locator("#log")).to_contain_text("Ste tam?")
    open_keyboard(page, "covers", 420)
    page.wait_for_timeout(100)
    assert page.locator("#log").evaluate("log => log.scrollTop") == 0


def test_who_scrolls_past_the_customers_message_to_the_notices_stays_there(taken, store, waiting):
    page = taken(PHONE, **TOUCH)
    open_keyboard(page, "covers", 360)
    notices = "'<li class=event>Passed on</li>'.repeat(12)"
    page.locator("#log").evaluate(f"log => log.insertAdjacentHTML('beforeend', {notices})")
    page.locator("#log").evaluate("log => { log.scrollTop = log.scrollHeight }")
    page.wait_for_timeout(100)
    open_keyboard(page, "covers", 400)
    page.wait_for_timeout(100)
    assert page.locator("#log").evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 2


def test_the_articles_are_fetched_by_key_where_they_have_no_room(taken):
    page = taken({"width": 390, "height": 420})
    expect(page.locator("#knowledge")).to_be_hidden()
    page.keyboard.press("k")
    expect(page.locator("#knowledge-words")).to_be_focused()
    expect(page.locator("#found .found").first).to_be_visible()
    page.locator("#text").focus()
    expect(page.locator("#knowledge")).to_be_hidden()


def test_a_conversation_that_fails_once_says_nothing_and_one_that_goes_on_failing_says_so(taken, store, waiting):
    page = taken(WIDE)
    page.route(re.compile(r"/conversations/[^/]+/log"), lambda route: route.fulfill(status=503, body="Away."))
    with page.expect_response(re.compile("/log")):
        say(store, waiting.id, "Halo?")
    page.wait_for_timeout(300)
    expect(page.get_by_text("Away.")).to_have_count(0)
    expect(page.get_by_text("Away.")).to_be_visible(timeout=15_000)
    page.unroute_all()
    expect(page.locator("#log")).to_contain_text("Halo?", timeout=15_000)
