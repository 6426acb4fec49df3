"""The widget in a real Chromium, against an interface that breaks on demand."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page, expect

from odziv.chat.widget_files import scripts
from tests.browser.fake_api import Served

pytestmark = pytest.mark.browser
STORED = "Object.keys(localStorage).length + Object.keys(sessionStorage).length"


def visit(page: Page, served: Served, path: str = "/bare") -> Page:
    """A page with the chat open."""
    page.goto(served.url + path)
    page.locator(".bubble").click()
    return page


def write(page: Page, text: str) -> None:
    """Type and press Enter."""
    page.locator("textarea").fill(text)
    page.locator("textarea").press("Enter")


def texts(page: Page, kind: str = "own") -> list[str]:
    """What messages of a kind (own, bot, agent, system) say, top to bottom, without the greeting."""
    found = page.locator(f".msg.{kind}[data-seq] .body, .msg.{kind}[data-state] .body").all_inner_texts()
    return [text.strip() for text in found]


# -- at rest


def test_it_is_small():
    """All that opening loads: the loader, the chat, the longest language."""
    sizes = {name: len(script.packed) for name, script in scripts().items()}
    longest = max(size for name, size in sizes.items() if "/texts/" in name)
    assert sizes["widget.js"] + sizes["widget/main.js"] + longest <= 20_000


def test_nothing_is_sent_or_stored_before_the_customer_writes(page, served, fake):
    visit(page, served)
    expect(page.locator(".msg.bot")).to_contain_text("digital assistant")
    page.locator("textarea").fill("still thinking")
    page.locator(".close").click()
    assert page.evaluate(STORED) == 0
    assert set(fake.calls) <= {"top"}  # what the site is asked most is asked for, without a word of the customer's


@pytest.mark.parametrize(
    ("language", "person"),
    [
        ("sl", "Pogovor s sodelavcem"),
        ("hr", "Razgovor s djelatnikom"),
        ("pl", "Rozmowa z konsultantem"),
        ("en", "Talk to a person"),
    ],
)
def test_it_speaks_the_language_of_the_page(page, served, fake, language, person):
    visit(page, served, f"/demo/{language}/")
    page.locator(".person", has_text=person).click()
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    assert fake.only["info"]["language"] == language
    assert "undefined" not in page.locator(".panel").inner_text()


def test_unknown_page_language_gives_way_to_the_attribute_then_the_browser(page, served):
    page.goto(f"{served.url}/bare?lang=de&language=hr")
    expect(page.locator(".bubble")).to_have_attribute("aria-label", "Otvorite razgovor")
    page.goto(f"{served.url}/bare?lang=de")
    expect(page.locator(".bubble")).to_have_attribute("aria-label", "Open chat")


def test_a_page_the_site_does_not_know_is_told_what_is_wrong(page, served, fake):
    fake.site = {"allowed": False}
    said = []
    page.on("console", lambda line: said.append(line.text))
    visit(page, served)
    expect(page.locator(".banner")).to_have_text("The chat is not available right now.")
    assert [line for line in said if "origin_not_allowed" in line]


# -- a conversation


def test_an_answer_comes_with_its_article_and_buttons_that_work_once(page, served, fake):
    answer = {
        "article": "orders/return",
        "language": "en",
        "title": "Returning",
        "url": "/help/en/orders/return",
        "confidence": 0.9,
    }
    buttons = [{"title": "Refund time", "kind": "follow_up"}, {"title": "This helped", "kind": "helped"}]
    fake.reply = lambda message, conversation: fake.say(
        "Within 14 days.", conversation=conversation, answer=answer, buttons=buttons
    )
    visit(page, served)
    write(page, "how do i return it")
    expect(page.locator(".card")).to_have_attribute("href", f"{served.url}/help/en/orders/return")
    fake.reply = lambda message, conversation: fake.say("Five days.", conversation=conversation)
    page.locator(".choices button", has_text="Refund time").click()
    expect(page.locator(".msg.bot").last).to_contain_text("Five days.")
    expect(page.locator(".choices")).to_have_count(0)
    assert fake.posts[-1]["text"] == "Refund time"
    assert fake.posts[-1]["button"] == {"seq": 2, "index": 0}


def test_a_person_is_announced_and_named(page, served, fake):
    fake.reply = lambda message, conversation: fake.set_status("queued")
    visit(page, served)
    page.locator(".person").click()
    expect(page.locator(".status")).to_have_text("Waiting for a person")
    expect(page.locator(".person")).to_be_hidden()
    fake.set_status("open", "Maja")
    fake.say("Hello, Maja here.", "agent", agent={"name": "Maja"})
    expect(page.locator(".status")).to_have_text("Maja is with you")
    expect(page.locator(".msg.agent .by")).to_have_text("Maja")
    with page.expect_response("**/typing"):
        page.locator("textarea").press_sequentially("ok")
    assert fake.calls["typing"] == 1
    fake.set_status("resolved")
    expect(page.locator(".status")).to_have_text("Conversation closed")


def test_html_is_sanitised_again(browser, served, fake):
    page = browser.new_page(bypass_csp=True)
    html = (
        "<h1>Big</h1><p onclick='x()'>a <b>b</b> <a href='javascript:alert(1)'>bad</a> "
        "<a href='/help/en/a/b' onmouseover=1>good</a></p><img src=x onerror='window.hacked=1'>"
        "<script>window.hacked=1</script><svg><a href='javascript:1'>s</a></svg><style>*{display:none}</style>"
    )
    fake.reply = lambda message, conversation: fake.say("x", conversation=conversation, html=html)
    visit(page, served)
    write(page, "hi")
    body = page.locator(".msg.bot[data-seq] .body")
    expect(body).to_contain_text("good")
    assert body.inner_html() == (
        f'<h3>Big</h3><p>a <b>b</b> bad <a href="{served.url}/help/en/a/b" target="_blank" rel="noopener" '
        'title="opens in a new tab">good</a></p>'
    )
    assert page.evaluate("window.hacked") is None
    page.close()


def test_the_customers_own_text_is_only_text(page, served, fake):
    visit(page, served)
    write(page, "<img src=x onerror=alert(1)> & /start")
    expect(page.locator(".own[data-seq]")).to_be_visible()
    assert texts(page) == ["<img src=x onerror=alert(1)> & /start"]


def test_typing_sign_goes_away_by_itself(page, served, fake):
    page.clock.install()
    fake.reply = lambda message, conversation: None
    visit(page, served)
    write(page, "hi")
    expect(page.locator(".typing")).to_be_visible()
    page.clock.run_for(29_000)
    expect(page.locator(".typing")).to_be_visible()
    page.clock.run_for(2_000)
    expect(page.locator(".typing")).to_be_hidden()


# -- what goes wrong


def test_a_failing_server_is_retried_with_the_same_id_then_left_to_the_customer(page, served, fake):
    fake.refuse_next(500, "broken", times=4)
    visit(page, served)
    write(page, "hello")
    expect(page.locator(".failed")).to_be_visible(timeout=20_000)
    page.locator(".failed button").click()
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to hello"))
    assert len({post["client_id"] for post in fake.posts}) == 1
    assert len(fake.posts) == 5
    assert fake.customer_texts() == texts(page) == ["hello"]


def test_an_acknowledgement_that_got_lost_doubles_nothing(page, served, fake):
    fake.answers_lost = 1
    visit(page, served)
    write(page, "hello")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.wait_for_timeout(2500)
    assert fake.customer_texts() == texts(page) == ["hello"]


def test_too_many_requests_waits_as_long_as_told(page, served, fake):
    fake.refuse_next(429, "rate_limited", retry_after=4)
    visit(page, served)
    write(page, "hello")
    expect(page.locator(".own .meta")).to_have_text("Goes out in a moment")
    page.wait_for_timeout(900)
    assert len(fake.posts) == 1
    expect(page.locator(".own[data-seq]")).to_be_visible(timeout=15_000)
    assert len(fake.posts) == 2


def test_a_message_that_is_refused_for_good_lets_the_next_one_pass(page, served, fake):
    fake.refuse_next(400, "bad_request")
    visit(page, served)
    write(page, "refused")
    expect(page.locator(".failed")).to_be_visible()
    write(page, "fine")
    expect(page.locator(".own[data-seq]")).to_have_text(re.compile("fine"))


def test_an_expired_token_starts_anew_and_keeps_what_was_typed(page, served, fake):
    visit(page, served)
    write(page, "before")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.only["token"] = "another"
    write(page, "after")
    page.locator("textarea").fill("half a sentence")
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to after"))
    expect(page.locator(".msg.system")).to_contain_text("expired")
    assert page.locator("textarea").input_value() == "half a sentence"
    assert len(fake.conversations) == 2
    assert fake.customer_texts() == texts(page) == ["after"]


def test_an_expired_stream_starts_anew_without_a_message(page, served, fake):
    visit(page, served)
    write(page, "before")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.only["token"] = "another"
    fake.drop_streams()
    expect(page.locator(".msg.system")).to_contain_text("expired")
    assert texts(page) == []


def test_tokens_refused_again_and_again_end_in_a_failure_not_a_loop(page, served, fake):
    fake.refuse_next(401, "unauthorized", times=20)
    visit(page, served)
    write(page, "hello")
    expect(page.locator(".failed")).to_be_visible()
    assert fake.calls["begin"] <= 3


def test_a_message_written_offline_is_kept_and_sent_once(page, context, served, fake):
    visit(page, served)
    write(page, "first")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    context.set_offline(True)
    write(page, "second")
    write(page, "third")
    expect(page.locator(".own .meta").nth(1)).to_have_text("Waiting for connection")
    expect(page.locator(".banner")).to_contain_text("offline")
    fake.say("Said meanwhile")
    context.set_offline(False)
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(4)
    expect(page.locator(".banner")).to_be_hidden()
    assert fake.customer_texts() == texts(page) == ["first", "second", "third"]


def test_a_first_message_written_offline_survives_a_reload(page, context, served, fake):
    visit(page, served)
    page.route("**/api/**", lambda route: route.abort())
    write(page, "hello")
    expect(page.locator(".own .meta")).to_have_text("Waiting for connection")
    page.unroute("**/api/**")
    page.reload()
    page.locator(".bubble").click()
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to hello"))
    assert fake.customer_texts() == texts(page) == ["hello"]


def test_reload_shows_everything_once_and_stays_open(page, served, fake):
    visit(page, served)
    for text in ("one", "two"):
        write(page, text)
        expect(page.locator(".msg.bot").last).to_contain_text(f"Answer to {text}")
    page.reload()
    expect(page.locator(".msg[data-seq]")).to_have_count(4)
    expect(page.locator(".panel")).to_be_visible()
    assert texts(page) == ["one", "two"]
    assert texts(page, "bot") == ["Answer to one", "Answer to two"]


def test_news_while_closed_is_counted_until_opened(page, served, fake):
    visit(page, served)
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    page.locator(".close").click()
    fake.say("And another thing")
    expect(page.locator(".badge")).to_have_text("1")
    page.reload()
    expect(page.locator(".badge")).to_have_text("1")
    page.locator(".bubble").click()
    expect(page.locator(".badge")).to_be_hidden()


def test_two_tabs_show_the_same(page, context, served, fake):
    visit(page, served)
    other = visit(context.new_page(), served)
    write(page, "from one")
    expect(other.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to from one"))
    write(other, "from the other")
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(2)
    expect(other.locator(".msg.bot[data-seq]")).to_have_count(2)
    assert texts(page) == texts(other) == fake.customer_texts() == ["from one", "from the other"]
    assert len(fake.conversations) == 1


def test_dropped_streams_lose_and_double_nothing(page, served, fake):
    chance = random.Random(4)
    visit(page, served)
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    for number in range(60):
        fake.say(f"news {number}")
        if chance.random() < 0.5:
            fake.drop_streams()
        page.wait_for_timeout(chance.choice([0, 5, 30, 120]))
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(61, timeout=8000)
    assert texts(page, "bot")[1:] == [f"news {number}" for number in range(60)]


def test_where_streaming_is_blocked_it_polls(page, served, fake):
    fake.can_stream = False
    visit(page, served)
    write(page, "hi")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible(timeout=8000)
    fake.say("later")
    expect(page.locator(".msg.bot").last).to_contain_text("later", timeout=12_000)


def test_it_works_where_storage_is_blocked(page, served, fake):
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) "
        "Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    visit(page, served)
    write(page, "one")
    write(page, "two")
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(2)
    assert texts(page) == fake.customer_texts() == ["one", "two"]


# -- keyboard, screen reader, phone, looks


def test_keyboard_alone(page, served, fake):
    visit(page, served)
    box = page.locator("textarea")
    expect(box).to_be_focused()
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert fake.posts == []
    box.press("Enter")
    expect(page.locator(".own[data-seq]")).to_be_visible()
    assert fake.posts[0]["text"] == "one\ntwo"
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".bubble")).to_be_focused()


def test_focus_returns_to_what_opened_it(page, served):
    page.goto(f"{served.url}/bare")
    expect(page.locator(".bubble")).to_be_visible()
    page.locator("#opener").focus()
    page.evaluate("odziv('open')")
    page.keyboard.press("Escape")
    expect(page.locator("#opener")).to_be_focused()


def test_dialog_and_log_are_named_and_news_is_announced_once(page, served, fake):
    visit(page, served)
    expect(page.get_by_role("dialog", name="Support")).to_be_visible()
    log = page.get_by_role("log", name="Conversation")
    write(page, "hi")
    expect(log).to_have_attribute("aria-live", "polite")
    log.evaluate(
        "log => { window.added = []; new MutationObserver(all => all.forEach(one => one.target === log && "
        "one.addedNodes.forEach(node => added.push(node.innerText)))).observe(log, {childList: true}) }"
    )
    write(page, "again")
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(2)
    added = page.evaluate("added")
    assert sum("Answer to again" in text for text in added) == 1
    assert sum(text.endswith("again") or "again\n" in text for text in added if "Answer" not in text) == 1


def test_long_text_is_counted_and_not_sent(page, served, fake):
    visit(page, served)
    box = page.locator("textarea")
    box.fill("x" * 1799)
    expect(page.locator(".count")).to_be_hidden()
    box.fill("x" * 1950)
    expect(page.locator(".count")).to_have_text("1950 / 2000")
    box.fill("x" * 2001)
    box.press("Enter")
    assert box.input_value() == "x" * 2001
    assert fake.posts == []
    box.fill("🙂" * 2000)
    box.press("Enter")
    expect(page.locator(".own[data-seq]")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["", "yellow", "%23777", "nonsense"])
def test_any_site_colour_stays_readable(browser, served, fake, scheme, colour):
    page = browser.new_page(color_scheme=scheme)
    page.goto(f"{served.url}/bare?color={colour}")
    page.locator(".bubble").click()
    page.locator("textarea").fill("x")
    for selector in (".head", ".send", ".bubble", ".mark", ".person", ".by", ".body"):
        assert contrast(page, selector) >= 4.5, selector
    page.close()


def contrast(page: Page, selector: str) -> float:
    """WCAG contrast of an element's text with the nearest background behind it."""
    return page.locator(selector).first.evaluate("""element => {
      const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
      const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
      const light = text => { const [r, g, b] = numbers(text).map(linear);
        return .2126 * r + .7152 * g + .0722 * b };
      let ground = element;
      while (numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
      const colours = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
      const [a, b] = colours.map(light).sort((x, y) => x - y);
      return (b + .05) / (a + .05) }""")


def test_on_a_phone_it_fills_the_screen_and_can_be_tapped(browser, served, fake):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(**phone, reduced_motion="reduce")  # nothing slides while it is measured
    page = visit(context.new_page(), served, "/demo/en/")
    whole = {"x": 0, "y": 0, "width": 390, "height": 844}
    assert page.locator(".panel").bounding_box() == pytest.approx(whole, abs=0.5)
    assert page.locator("textarea").evaluate("box => parseFloat(getComputedStyle(box).fontSize)") >= 16
    assert page.locator("textarea").evaluate("box => box.getRootNode().activeElement === box") is False
    for button in page.locator("odziv-chat button:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44, button.inner_text()
    page.locator(".send").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "ODZIV-CHAT"
    context.close()


# -- the page around it


def test_calls_made_before_it_loaded_are_kept(page, served, fake):
    page.goto(f"{served.url}/bare?early=1")
    expect(page.locator(".panel")).to_be_visible()
    assert page.evaluate("window.wasOpened") == 1
    page.evaluate(
        "window.end = odziv('on', 'closed', () => { window.closings = (window.closings || 0) + 1 });"
        "odziv('toggle'); end(); odziv('toggle'); odziv('close')"
    )
    assert page.evaluate("window.closings") == 1


def test_a_page_of_another_origin_with_a_strict_policy(browser, context, page, served, fake):
    other = Served()
    page.goto(f"{other.url}/bare?server={served.url}")
    page.locator(".bubble").click()
    write(page, "from elsewhere")
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to from elsewhere"))
    assert other.fake.calls == {}
    other.close()


def test_a_strict_policy_by_nonce_alone(context, page, served, fake):
    other = Served()
    page.goto(f"{other.url}/bare?server={served.url}&nonce=r4nd0m")
    page.locator(".bubble").click()
    write(page, "with a nonce")
    expect(page.locator(".msg.bot[data-seq]")).to_have_text(re.compile("Answer to with a nonce"))
    other.close()


def test_nothing_but_the_loader_is_fetched_before_it_is_opened(page, served, fake):
    fetched = []
    page.on("request", lambda request: fetched.append(request.url.removeprefix(served.url)))
    page.goto(f"{served.url}/bare", wait_until="networkidle")
    assert [path for path in fetched if "favicon" not in path] == ["/bare", "/widget.js"]
    with page.expect_response(re.compile(r"/modal\.js$")):  # the last of them, and not waited for
        page.locator(".bubble").click()
    expect(page.locator("textarea")).to_be_focused()
    modules = [path.split("/", 3)[3] for path in fetched if path.startswith("/widget/")]
    assert sorted(modules) == ["apart.js", "main.js", "modal.js", "texts/en.js"]


def test_modules_that_could_not_be_fetched_are_fetched_again(page, served, fake):
    page.route("**/widget/**", lambda route: route.abort())
    page.goto(f"{served.url}/bare")
    page.evaluate("void odziv('on', 'error', error => { window.code = error.code })")
    page.evaluate("odziv('open')")
    assert page.evaluate("window.code") == "not_loaded"
    page.unroute("**/widget/**")
    page.locator(".bubble").click()
    expect(page.locator("textarea")).to_be_focused()
