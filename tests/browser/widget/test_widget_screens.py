"""The widget's screens: home and search, articles, waiting, the end, emoji; under a strict CSP."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from odziv.texts.notices import notice
from tests.browser.widget.test_widget import STORED, visit, write
from tests.browser.widget.test_widget_for_everyone import DESKTOP, PHONE, picture

pytestmark = pytest.mark.browser
WAIT = {
    "place": 3,
    "estimate": {"words": "about", "minutes": 10},
    "ticket": False,
    "asks_email": False,
    "opens_at": None,
}
TICKET = {**WAIT, "estimate": None, "ticket": True, "asks_email": True}
ANSWER = {"article": "orders/return", "language": "en", "title": "Returning", "url": "/help/en/orders/return"}
HELPED = [{"title": "This helped", "kind": "helped"}]


def search(page: Page, words: str) -> None:
    """Types into the field at home, key by key."""
    page.locator(".finder input").click()
    page.locator(".finder input").press_sequentially(words, delay=15)


def search_at_once(page: Page, words: str) -> None:
    """The same without a pause between the letters, however busy the machine."""
    page.locator(".finder input").click()
    expect(page.locator(".finder input")).to_have_attribute("aria-controls", "hits1")  # its script is there
    page.locator(".finder input").evaluate(
        """(field, words) => { for (const letter of words) {
          field.value += letter;
          field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, data: letter }));
        } }""",
        words,
    )


def read(page: Page) -> None:
    """The article about returning, through home."""
    page.locator(".home .rows button", has_text="Returning").click()
    expect(page.locator(".screen-head h3")).to_have_text("Returning")


def wait_for(page: Page, fake, wait: dict) -> None:
    """A conversation in the queue."""
    write(page, "A person, please")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.set_status("queued", wait=wait)
    expect(page.locator(".notice .line")).to_be_visible()


def end(page: Page, fake) -> None:
    """A conversation that bot and person had, and that is over."""
    write(page, "Hello")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.set_status("open", "Maja Novak")
    fake.say("Here I am.", "agent", agent={"name": "Maja Novak"})
    expect(page.locator(".msg.agent")).to_be_visible()
    fake.set_status("resolved")
    expect(page.locator(".rate")).to_have_count(2)


# -- home and search


def test_home_shows_what_is_asked_most_in_the_language_of_the_page(page, served, fake):
    visit(page, served, "/bare?lang=pl")
    expect(page.locator(".home .rows button")).to_have_count(5)
    expect(page.locator(".home .rows button").first).to_have_text("Zwrot produktu")
    expect(page.locator(".person")).to_be_visible()
    write(page, "Dzień dobry")
    expect(page.locator(".home")).to_be_hidden()


def test_home_does_without_the_most_asked(page, served, fake):
    fake.refused["top"] = (503, "busy")
    visit(page, served)
    expect(page.locator(".finder input")).to_be_visible()
    expect(page.locator(".home .rows")).to_have_count(0)


def test_search_asks_once_for_what_was_typed_in_one_go(page, served, fake):
    visit(page, served)
    search_at_once(page, "return")
    expect(page.locator(".hits li")).to_have_count(2)
    assert [asked["q"] for asked in fake.searches] == ["return"]
    assert page.evaluate(STORED) == 0


def test_a_late_answer_to_fewer_words_is_not_shown(page, served, fake):
    visit(page, served)
    fake.search_delay = 0.6
    search(page, "pa")
    page.wait_for_timeout(250)
    fake.search_delay = 0.0
    page.locator(".finder input").press_sequentially("y?")
    expect(page.locator(".hits b")).to_have_text(["How can I pay?"])
    page.wait_for_timeout(600)
    expect(page.locator(".hits b")).to_have_text(["How can I pay?"])


def test_search_by_keyboard_opens_the_article_and_comes_back(page, served, fake):
    visit(page, served)
    search(page, "get")
    field = page.locator(".finder input")
    expect(page.locator(".hits li")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".screen-head h3")).to_have_text("When will I get my money?")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(field).to_have_value("get")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(page.locator(".hits")).to_be_hidden()
    expect(page.locator(".panel")).to_be_visible()


def test_the_number_of_hits_is_announced_once(page, served, fake):
    visit(page, served)
    page.evaluate("""() => { window.said = []; const chat = document.querySelector('odziv-chat');
      const say = chat.announce; chat.announce = (text) => { said.push(text); say.call(chat, text) } }""")
    search_at_once(page, "pay")
    expect(page.locator(".hits b")).to_have_count(1)
    page.wait_for_timeout(900)
    assert page.evaluate("said") == ["Results: 1. Choose with the arrow keys, up and down."]


def test_what_no_article_answers_is_asked_in_the_chat(page, served, fake):
    visit(page, served)
    search(page, "tent <b>")
    expect(page.locator(".said")).to_contain_text("no article for “tent <b>”")
    page.locator(".hits .ask").click()
    expect(page.locator(".own[data-seq]")).to_contain_text("tent <b>")


def test_a_search_that_fails_says_so(page, served, fake):
    fake.refused["search"] = (500, "internal_error")
    visit(page, served)
    search(page, "pay")
    expect(page.locator(".said")).to_have_text("Search isn't available right now. Please ask us in the chat.")


def test_search_is_there_during_a_conversation(page, served, fake):
    visit(page, served)
    write(page, "Hello")
    page.locator(".foot .way").click()
    expect(page.locator(".screen .finder input")).to_be_focused()
    page.locator(".screen .rows button").first.click()
    expect(page.locator(".screen article")).to_be_visible()
    page.locator(".back").last.click()
    expect(page.locator(".screen .finder")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("textarea")).to_be_visible()


# -- articles


def test_an_article_is_read_inside_and_asked_about(page, served, fake):
    visit(page, served)
    read(page)
    expect(page.locator(".page-link")).to_have_attribute("href", f"{served.url}/help/en/orders/return")
    page.locator(".screen article a").click()
    expect(page.locator(".screen-head h3").last).to_have_text("When will I get my money?")
    page.locator(".back").last.click()
    page.locator(".screen .way").click()
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("Returning: ")
    assert page.evaluate(STORED) == 0


def test_a_card_under_an_answer_opens_inside(page, served, fake):
    fake.reply = lambda message, conversation: fake.say("14 days.", conversation=conversation, answer=ANSWER)
    visit(page, served)
    write(page, "How do I return it?")
    page.locator(".card").click()
    expect(page.locator(".screen-head h3")).to_have_text("Returning")
    assert len(page.context.pages) == 1


def test_a_vote_is_one_tap_and_the_reason_and_words_come_after(page, served, fake):
    visit(page, served)
    read(page)
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="It is hard to understand").click()
    page.locator(".verdict textarea").fill("Which form?")
    page.locator(".verdict .full").click()
    expect(page.locator(".verdict [role=status]")).to_have_text("Thank you. An editor will read it.")
    empty = {"helpful": False, "site": "demo", "reason": None, "words": None}
    assert fake.verdicts == [
        ("en/orders/return", empty),
        ("en/orders/return", {**empty, "reason": "unclear"}),
        ("en/orders/return", {**empty, "reason": "unclear", "words": "Which form?"}),
    ]
    assert page.evaluate(STORED) == 0


def test_a_vote_that_fails_says_so(page, served, fake):
    fake.refused["feedback"] = (429, "rate_limited")
    visit(page, served)
    read(page)
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".verdict .wrong")).to_contain_text("could not be sent")


def test_a_person_is_offered_on_every_screen_unless_the_site_wants_none(page, served, fake):
    visit(page, served)
    read(page)
    expect(page.locator(".screen .person")).to_be_visible()
    fake.site = {"person": False}
    visit(page, served)
    expect(page.locator(".foot .person")).to_be_hidden()
    read(page)
    expect(page.locator(".screen .person")).to_have_count(0)
    expect(page.locator(".screen .way")).to_be_visible()


# -- waiting


def test_the_place_and_the_usual_wait_are_said_and_go_when_somebody_comes(page, served, fake):
    visit(page, served)
    wait_for(page, fake, WAIT)
    expect(page.locator(".notice")).to_contain_text("You are number 3 in the queue.")
    expect(page.locator(".notice")).to_contain_text("about 10 minutes")
    fake.set_status("queued", wait={**WAIT, "place": 1, "estimate": None})
    expect(page.locator(".wait")).to_have_text(["You are next."])
    fake.set_status("open", "Maja Novak")
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator(".status")).to_have_text("Maja Novak is with you")


PASSED_ON = "Of course. I'm passing you to a colleague, along with everything you've written. " * 2
IN_SIGHT = """node => { const [own, log] = [node, node.closest(".scroll")].map((each) => each.getBoundingClientRect());
  return own.top >= log.top && own.bottom <= log.bottom }"""


@pytest.mark.parametrize("wait", [WAIT, {**TICKET, "asks_email": False}], ids=["waiting", "ticket"])
@pytest.mark.parametrize("asked", [["A person, please"], ["Where is it?", "It is late", "A person, please"]])
def test_what_opens_above_the_log_leaves_the_newest_message_in_sight(page, served, fake, asked, wait):
    visit(page, served)
    for count, text in enumerate(asked, 1):
        write(page, text)
        expect(page.locator(".msg.bot[data-seq]")).to_have_count(count)
    fake.say(PASSED_ON, "system")
    expect(page.locator(".msg.system")).to_be_visible()
    fake.set_status("queued", wait=wait)
    expect(page.locator(".notice .line")).to_be_visible()
    page.wait_for_timeout(100)
    assert page.locator(".msg.system").evaluate(IN_SIGHT)


def test_what_opens_above_the_log_leaves_who_reads_further_up_where_they_are(page, served, fake):
    visit(page, served)
    for text in ("Where is it?", "It is late", "A person, please"):
        write(page, text)
        expect(page.locator(".msg.bot").last).to_contain_text(text)
    fake.say(PASSED_ON, "system")
    expect(page.locator(".msg.system")).to_be_visible()
    page.locator(".scroll").evaluate("log => { log.scrollTop = 0 }")
    page.wait_for_timeout(100)
    fake.set_status("queued", wait=WAIT)
    expect(page.locator(".notice .line")).to_be_visible()
    page.wait_for_timeout(100)
    assert page.locator(".scroll").evaluate("log => log.scrollTop") == 0


BACK = {
    "sl": "Nazaj k digitalnemu pomočniku",
    "hr": "Vratite se digitalnom asistentu",
    "pl": "Wróć do wirtualnego asystenta",
    "en": "Back to the assistant",
}
ABSENT = {"away": {}, "away_until": {"when": "9:00"}}


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
@pytest.mark.parametrize("absent", [None, *ABSENT])
def test_who_waits_reads_everything_once(page, served, fake, absent, language):
    visit(page, served, f"/bare?lang={language}")
    write(page, "A person, please")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    said = [notice("handoff_requested", language)]
    if absent:
        said += [notice(absent, language, **ABSENT[absent]), notice("ask_email", language)]
    fake.say("\n\n".join(said), "system")
    fake.set_status("queued", wait={**TICKET, "opens_at": "2026-11-23T07:00:00.000Z"} if absent else WAIT)
    expect(page.locator(".notice .line")).to_have_text(BACK[language])
    # What the log has told, with the hour as it is there, isn't told again above it; nor asked again below.
    expect(page.locator(".wait")).to_have_count(0 if absent else 2)
    expect(page.locator(".ask-card input")).to_have_count(1 if absent else 0)
    [*card] = page.locator(".ask-card").all_inner_texts()
    assert [len(text.split("\n")) for text in card] == ([3] if absent else [])  # the field's name and two buttons
    assert page.locator(".panel").inner_text().count("9:00") == (absent == "away_until")


@pytest.mark.parametrize("told", [True, False])
def test_that_it_is_closed_is_said_once(page, served, fake, told):
    """By the notice in the log; below it only where there is none."""
    visit(page, served)
    write(page, "A person, please")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    fake.set_status("open", "Maja Novak")
    fake.say("Here you are.", "agent")
    if told:
        fake.say(notice("resolved", "en"), "system")
    fake.set_status("resolved")
    expect(page.get_by_role("button", name="Start a new conversation")).to_be_visible()
    expect(page.locator(".ending > p")).to_have_count(0 if told else 1)
    assert page.locator(".panel").inner_text().count("This conversation is closed.") == 1


def test_when_nobody_is_there_an_address_can_be_left(page, served, fake):
    visit(page, served)
    wait_for(page, fake, {**TICKET, "opens_at": "2026-11-23T07:00:00.000Z"})
    page.locator(".ask-card input").fill("ana@")
    page.locator(".ask-card input").press("Enter")
    expect(page.locator(".ask-card .wrong")).to_contain_text("should look like ana@example.com")
    assert fake.contacts == []
    page.locator(".ask-card input").fill("ana@smreka.example")
    page.locator(".ask-card .full").click()
    expect(page.locator(".ask-card")).to_have_count(0)
    assert fake.contacts == [{"email": "ana@smreka.example"}]


def test_an_address_that_the_server_refuses_is_said_in_the_language(page, served, fake):
    fake.refused["contact"] = (422, "email_invalid")
    visit(page, served, "/bare?lang=sl")
    wait_for(page, fake, TICKET)
    page.locator(".ask-card input").fill("ana@a.b")
    page.locator(".ask-card .full").click()
    expect(page.locator(".ask-card .wrong")).to_contain_text("Naslov naj bo v obliki ana@primer.si.")
    expect(page.locator(".ask-card input")).to_be_focused()


def test_to_give_no_address_is_fine(page, served, fake):
    visit(page, served)
    wait_for(page, fake, TICKET)
    page.get_by_role("button", name="No, thank you").click()
    expect(page.locator(".ask-card")).to_have_count(0)
    assert fake.contacts == [{"email": None}]


@pytest.mark.parametrize("wait", [WAIT, TICKET], ids=["waiting", "ticket"])
@pytest.mark.parametrize("language", BACK)
def test_who_waits_goes_back_to_the_assistant(page, served, fake, language, wait):
    visit(page, served, f"/bare?lang={language}")
    wait_for(page, fake, wait)
    page.locator(".notice").get_by_role("button", name=BACK[language]).click()
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator(".ask-card")).to_have_count(0)
    expect(page.locator(".msg.system")).to_have_count(1)
    expect(page.locator(".person")).to_be_visible()  # who changes their mind again
    write(page, "Hm")
    expect(page.locator(".msg.bot[data-seq]").last).to_contain_text("Answer to Hm")
    assert fake.calls["back"] == 1


def test_the_way_back_by_keyboard(page, served, fake):
    visit(page, served)
    wait_for(page, fake, WAIT)
    page.locator(".close").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".notice .line")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator("textarea")).to_be_focused()


def test_the_way_back_on_a_phone(browser, served, fake):
    context = browser.new_context(**PHONE, reduced_motion="reduce")
    page = visit(context.new_page(), served, "/bare?lang=hr")
    wait_for(page, fake, WAIT)
    box = page.locator(".notice .line").bounding_box()
    assert box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator(".notice .line").tap()
    expect(page.locator(".notice")).to_be_hidden()
    context.close()


def test_the_way_back_goes_when_somebody_comes_and_focus_is_not_lost(page, served, fake):
    visit(page, served)
    wait_for(page, fake, WAIT)
    page.locator(".notice .line").focus()
    fake.set_status("queued", wait={**WAIT, "place": 2})
    expect(page.locator(".notice")).to_contain_text("number 2")
    expect(page.locator(".notice .line")).to_be_focused()
    fake.set_status("open", "Maja Novak")
    expect(page.locator(".notice .line")).to_be_hidden()
    expect(page.locator("textarea")).to_be_focused()


def test_who_presses_as_somebody_comes_reads_who_is_there(page, served, fake):
    fake.refused["back"] = (409, "not_waiting")
    visit(page, served)
    wait_for(page, fake, WAIT)
    fake.only["info"] = {**fake.only["info"], "status": "open", "agent": {"name": "Maja Novak"}, "wait": None}
    page.locator(".notice .line").click()  # no stream has told it yet
    expect(page.locator(".status")).to_have_text("Maja Novak is with you")
    expect(page.locator(".notice")).to_be_hidden()


@pytest.mark.parametrize(
    ("refused", "words"),
    [((503, "busy"), "That didn't work. Please try again."), ((429, "rate_limited"), "Too many tries at once.")],
)
def test_a_way_back_that_fails_says_so_and_can_be_tried_again(page, served, fake, refused, words):
    fake.refused["back"] = refused
    visit(page, served)
    wait_for(page, fake, WAIT)
    page.locator(".notice .line").click()
    expect(page.locator(".notice .wrong")).to_contain_text(words)
    fake.refused.clear()
    page.locator(".notice .line").click()
    expect(page.locator(".notice")).to_be_hidden()


# -- the end


def test_bot_and_person_are_rated_apart_with_a_tap_each(page, served, fake):
    visit(page, served)
    end(page, fake)
    person, bot = (
        page.get_by_role("region", name=name) for name in ("How well did Maja Novak", "How well did the digital")
    )
    person.get_by_role("button", name="5 of 5").click()
    person.locator("textarea").fill("Kind.")
    person.locator(".full").click()
    expect(person.locator("[role=status]")).to_have_text("Thank you, we will read it.")
    bot.get_by_role("button", name="2 of 5").click()
    expect(bot.locator("[role=status]")).to_have_text("Thank you for your rating.")
    assert fake.ratings == [
        {"about": "person", "score": 5},
        {"about": "person", "score": 5, "words": "Kind."},
        {"about": "bot", "score": 2},
    ]


def test_it_is_asked_once_in_a_conversation(page, served, fake):
    visit(page, served)
    end(page, fake)
    page.reload()
    page.locator(".ending").wait_for()
    expect(page.locator(".rate")).to_have_count(0)


def test_a_rating_that_comes_too_late_says_so(page, served, fake):
    fake.refused["rating"] = (409, "rating_closed")
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="5 of 5").first.click()
    expect(page.locator(".rate .wrong")).to_have_text("This rating can't be changed any more.")


def test_after_it_helped_the_bot_is_rated(page, served, fake):
    fake.reply = lambda message, conversation: fake.say("Gladly.", conversation=conversation, buttons=HELPED)
    visit(page, served)
    write(page, "How?")
    page.locator(".choices .helped").click()
    expect(page.locator(".rate")).to_have_count(1)
    write(page, "And one more thing")
    expect(page.locator(".rate")).to_have_count(0)


def test_the_transcript_is_saved_or_copied(page, served, fake):
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="Save the conversation").click()
    expect(page.locator(".transcript textarea")).to_have_value("Conversation\n\nHello\nAnswer to Hello\nHere I am.\n")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert "Here I am." in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".transcript [role=status]")).to_have_text("Copied.")


SENT = {
    "sl": ("Pošljite na ana@primer.si", "Pogovor je na poti na ana@primer.si."),
    "hr": ("Pošaljite na ana@primer.si", "Razgovor je na putu na ana@primer.si."),
    "pl": ("Wyślij na adres ana@primer.si", "Rozmowa jest już w drodze na adres ana@primer.si."),
    "en": ("Send to ana@primer.si", "The conversation is on its way to ana@primer.si."),
}


def save_from_menu(page: Page) -> None:
    page.locator(".head-tools button").click()
    page.locator(".menu button").first.click()
    expect(page.locator(".transcript textarea")).to_be_visible()


@pytest.mark.parametrize("language", SENT)
def test_the_transcript_goes_by_mail_in_the_middle_of_a_conversation(page, served, fake, language):
    fake.site, fake.addresses = {"mail": True}, ["ana@primer.si"]
    visit(page, served, f"/bare?lang={language}")
    write(page, "Hello")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    save_from_menu(page)
    button, sent = SENT[language]
    picture(page, f"transcript-{language}")
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".transcript [role=status]")).to_have_text(sent)
    expect(page.get_by_role("button", name=button)).to_be_focused()
    assert fake.transcripts == [{"email": "ana@primer.si"}]
    assert "ana@primer.si" not in page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ((429, "rate_limited"), "Several copies were already sent"),
        ((403, "email_not_verified"), "It could not be sent."),
        ((409, "conflict"), "It could not be sent."),
        ((500, "internal"), "It could not be sent."),
    ],
)
def test_a_transcript_that_is_refused_says_why_and_can_be_tried_again(page, served, fake, refused, words):
    fake.site, fake.addresses, fake.refused = {"mail": True}, ["ana@primer.si"], {"transcript": refused}
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="Save the conversation").click()
    page.get_by_role("button", name="Send to").click()
    expect(page.locator(".transcript .wrong")).to_contain_text(words)
    fake.refused = {}
    page.get_by_role("button", name="Send to").click()
    expect(page.locator(".transcript [role=status]:not(.wrong)")).to_contain_text("on its way")
    assert len(fake.transcripts) == 2


PROVED = {
    "sl": ("Pošljite po e-pošti", "Pošljite mi kodo", "Pošljite pogovor", "Koda ni prava", "Pogovor je na poti na "),
    "hr": ("Pošaljite e-poštom", "Pošaljite mi kod", "Pošaljite razgovor", "Kod nije točan", "Razgovor je na putu na "),
    "pl": (
        "Wyślij e-mailem",
        "Wyślij mi kod",
        "Wyślij rozmowę",
        "To nie jest ten kod",
        "Rozmowa jest już w drodze na ",
    ),
    "en": ("Send by e-mail", "Send me the code", "Send the conversation", "That isn't the code", "The conversation is"),
}


@pytest.mark.parametrize("language", PROVED)
def test_an_address_proves_itself_by_a_code(page, served, fake, language):
    by_mail, get_code, send, wrong, sent = PROVED[language]
    fake.site = {"mail": True}
    visit(page, served, f"/bare?lang={language}")
    write(page, "Hello")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    save_from_menu(page)
    page.get_by_role("button", name=by_mail).click()
    field = page.locator(".transcript input")
    expect(field).to_be_focused()
    field.fill("anna at home")
    page.get_by_role("button", name=get_code).click()
    expect(page.locator(".transcript .wrong")).to_be_visible()
    assert fake.codes == []
    field.fill("ana@primer.si")
    page.keyboard.press("Enter")
    expect(page.locator(".transcript [role=status]:not(.wrong)")).to_contain_text("ana@primer.si")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    expect(field).to_be_focused()
    picture(page, f"transcript-code-{language}")
    fake.refused = {"transcript": (403, "code_wrong")}
    field.fill("111111")
    page.get_by_role("button", name=send).click()
    expect(page.locator(".transcript .wrong")).to_contain_text(wrong)
    fake.refused = {}
    field.fill("123 456")
    page.keyboard.press("Enter")
    expect(page.locator(".transcript [role=status]:not(.wrong)")).to_contain_text(sent)
    expect(field).to_have_count(0)
    assert fake.codes == [{"email": "ana@primer.si"}]
    assert fake.transcripts[-1] == {"email": "ana@primer.si", "code": "123 456"}
    assert "ana@primer.si" not in page.evaluate("JSON.stringify(localStorage)")


def test_where_no_code_can_be_had_it_says_so_and_another_try_may_work(page, served, fake):
    fake.site = {"mail": True}
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="Save the conversation").click()
    page.get_by_role("button", name="Send by e-mail").click()
    page.locator(".transcript input").fill("ana@primer.si")
    for refused, words in (
        ((429, "rate_limited"), "Several copies"),
        ((400, "bad_request"), "Please check"),
        ((409, "conflict"), "could not be sent"),
        ((500, "internal_error"), "could not be sent"),
    ):
        fake.refused = {"code": refused}
        page.get_by_role("button", name="Send me the code").click()
        expect(page.locator(".transcript .wrong")).to_contain_text(words)
    fake.refused = {}
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_role("button", name="Send the conversation")).to_be_visible()


NOWHERE = {
    "this server sends no mail": ({}, ["ana@primer.si"], {}),
    "it can't be found out": ({"mail": True}, ["ana@primer.si"], {"addresses": (500, "internal_error")}),
}


@pytest.mark.parametrize("why", NOWHERE)
def test_where_it_may_not_be_sent_only_the_file_is_offered(page, served, fake, why):
    fake.site, fake.addresses, fake.refused = NOWHERE[why]
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="Save the conversation").click()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    assert page.locator(".transcript .choose button").all_inner_texts() == ["Save as a file", "Copy"]
    expect(page.locator(".transcript input")).to_have_count(0)


# What a host page may forbid; each still lets a file be saved.
POLICIES = {
    "nothing by default": "default-src 'none'; script-src 'self'; connect-src 'self'",
    "and scripts by nonce": "default-src 'none'; script-src 'nonce-abc'; connect-src 'self'",
    "and no HTML from scripts": "default-src 'none'; script-src 'self'; connect-src 'self';"
    "require-trusted-types-for 'script'; trusted-types odziv",
}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_file_is_saved_under_a_strict_policy_and_named_after_the_day(browser, served, fake, policy):
    context = browser.new_context(locale="en-GB", timezone_id="Pacific/Kiritimati")  # 14 hours ahead of Greenwich
    page = context.new_page()

    def answer(route):
        found = route.fetch()
        route.fulfill(response=found, headers={**found.headers, "content-security-policy": POLICIES[policy]})

    page.route("**/bare*", answer)
    breaches = []
    page.on("console", lambda line: breaches.append(line.text) if "Content Security Policy" in line.text else None)
    page.clock.set_fixed_time("2026-11-29T12:00:00Z")
    visit(page, served, "/bare?nonce=abc")
    hostile = "<script>alert(1)</script> Zdravo, žaba ,=1+1"
    write(page, hostile)
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    save_from_menu(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "conversation-2026-11-30.txt"
    assert hostile in Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert breaches == []
    context.close()


def test_a_new_conversation_begins_at_home(page, served, fake):
    visit(page, served)
    end(page, fake)
    page.get_by_role("button", name="Start a new conversation").click()
    expect(page.locator(".home .rows button")).to_have_count(5)
    expect(page.locator(".msg[data-seq]")).to_have_count(0)
    expect(page.locator(".status")).to_contain_text("Digital assistant")
    write(page, "Something else")
    expect(page.locator(".msg.bot[data-seq]")).to_contain_text("Answer to Something else")
    assert len(fake.conversations) == 2


# -- emoji


def test_emoji_by_keyboard_go_where_the_cursor_is(page, served, fake):
    visit(page, served)
    page.locator("textarea").fill("Thanks!")
    page.locator("textarea").evaluate("field => field.setSelectionRange(6, 6)")
    page.get_by_role("button", name="Emoji").press("Enter")
    expect(page.locator(".faces button")).to_have_count(24)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_have_value("Thanks😟!")
    expect(page.locator("textarea")).to_be_focused()
    page.get_by_role("button", name="Emoji").click()
    expect(page.locator(".faces button")).to_have_count(24)
    page.keyboard.press("Escape")
    expect(page.locator(".faces")).to_have_count(0)
    expect(page.locator(".panel")).to_be_visible()


# -- for everyone


def searched(page: Page, fake) -> None:
    search(page, "return")
    page.locator(".hits li").first.wait_for()
    page.keyboard.press("ArrowDown")


def doubted(page: Page, fake) -> None:
    read(page)
    page.get_by_role("button", name="No", exact=True).click()
    page.locator(".verdict textarea").wait_for()


def queued(page: Page, fake) -> None:
    wait_for(page, fake, WAIT)


def ticketed(page: Page, fake) -> None:
    wait_for(page, fake, TICKET)
    page.locator(".ask-card .full").click()


def rated(page: Page, fake) -> None:
    end(page, fake)
    page.get_by_role("button", name="4 of 5").first.click()
    page.locator(".rate textarea").wait_for()


def written(page: Page, fake) -> None:
    end(page, fake)
    page.get_by_role("button", name="Save the conversation").click()
    page.locator(".transcript").wait_for()


def smiling(page: Page, fake) -> None:
    page.get_by_role("button", name="Emoji").click()
    page.locator(".faces").wait_for()


def posting(page: Page, fake) -> None:
    fake.addresses = ["ana.maria.novak-kovacic@a-rather-long-domain.example"]
    fake.refused = {"transcript": (500, "internal")}
    written(page, fake)
    page.get_by_role("button", name="Send to").click()
    page.locator(".transcript .wrong").wait_for()


STATES = {do.__name__: do for do in (searched, doubted, queued, ticketed, rated, written, posting, smiling)}
LOOKS = {"wide": DESKTOP, "phone": PHONE, "dark": {**DESKTOP, "color_scheme": "dark"}}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(browser: Browser, served, fake, state, look):
    if (state, look) == ("smiling", "phone"):
        return  # there the keyboard has its own
    context = browser.new_context(**LOOKS[look], bypass_csp=True, reduced_motion="reduce")
    fake.site = {"mail": True}
    page = visit(context.new_page(), served)
    page.locator(".home .rows button").first.wait_for()
    STATES[state](page, fake)
    found = Axe().run(page, context={"include": [["odziv-chat"]]}).response["violations"]
    picture(page, f"{state}-{look}")
    context.close()
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
