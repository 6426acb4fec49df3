"""A conversation is forwarded by e-mail and the answer comes back: what agents see, what the customer does not; axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from odziv.store.agents.accounts import change_language
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.mail.inbound import Incoming
from odziv.store.mail.side import finish_side_mail, keep_answer, list_side_mails, take_side_mail
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)
from tests.fixtures import with_mail

pytestmark = pytest.mark.browser
IVO = "ivo@supplier.example"
# By language of the desk: what stands on the page.
SAID = {
    "en": {"forward": "Forward…", "send": "Send", "undo": "Undo", "answer": "Answer by e-mail", "taken": "Taken back"},
    "sl": {
        "forward": "Posreduj …",
        "send": "Pošlji",
        "undo": "Razveljavi",
        "answer": "Odgovori po e-pošti",
        "taken": "Razveljavljeno",
    },
}


@pytest.fixture
def settings(settings):
    """With mail, and long enough to undo on a busy machine."""
    desk = settings.desk.model_copy(update={"undo_seconds": 60})
    return with_mail(settings).model_copy(update={"desk": desk})


def pass_on(page, said, text: str) -> None:
    page.get_by_role("link", name=said["forward"]).press("Enter")
    page.locator("#to").fill(IVO)
    page.locator("#subject").fill("Paket 4711")
    page.locator("#mail-text").fill(text)


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_forwarded_taken_back_and_answered(served, store, viewport, scheme):  # noqa: F811
    store.mail_domain = "smreka.example"
    language = "sl" if scheme == "dark" else "en"
    said, look = SAID[language], f"{viewport['width']}-{scheme}"
    waiting = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Ana Kovač", viewport=viewport, color_scheme=scheme)
    change_language(store, 1, language)
    page.goto(served.url + waiting.path)
    pass_on(page, said, "Je že odšel?")
    expect(page.locator("#passed-on")).to_have_value(re.compile("Kje je moj paket\\?"))
    shoot(page, f"forward-{look}")
    check(page, "form")
    page.get_by_role("button", name=said["send"], exact=True).press("Enter")
    expect(page.locator("#log")).to_contain_text("Je že odšel?")
    shoot(page, f"forwarded-{look}")
    check(page, "waiting")
    page.locator(".mailed").get_by_role("button", name=said["undo"]).press("Enter")
    expect(page.locator(".mailed")).to_contain_text(said["taken"])
    pass_on(page, said, "Je že odšel, prosim?")
    page.get_by_role("button", name=said["send"], exact=True).press("Enter")
    expect(page.locator("#log")).to_contain_text("Je že odšel, prosim?")
    store.clock.advance(60_000)
    side = take_side_mail(store)
    finish_side_mail(store, side, "sent")
    note = NewMessage("agent", "Danes odide.", "Danes odide.", internal=True, author="Ivo Horvat")
    keep_answer(store, Incoming("i1", None, IVO, "Re: Paket", "Danes odide."), "<i1@x>", side, note)
    expect(page.locator("#log")).to_contain_text("Danes odide.")
    expect(page.locator("#log")).to_contain_text("Ivo Horvat")
    expect(page.get_by_role("link", name=said["answer"], exact=True)).to_be_visible()
    # The log itself: what is in it may be drawn anew at this moment.
    page.locator("#log").evaluate("log => log.lastElementChild.scrollIntoView()")
    shoot(page, f"answered-{look}")
    check(page, "answered")
    page.get_by_role("link", name=said["answer"], exact=True).press("Enter")
    expect(page.locator("#to")).to_have_value(IVO)
    expect(page.locator("#to")).to_have_attribute("readonly", "")
    check(page, "answering")
    assert [message.text for message in list_messages(store, waiting.id) if message.sender == "customer"] == [
        "Kje je moj paket?"
    ]
    assert "Danes odide." not in [message.text for message in list_messages(store, waiting.id)]
    assert [each.status for each in list_side_mails(store, waiting.id).values()] == ["undone", "sent", "received"]


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_messages_are_taken_out_and_put_back_and_files_follow(served, store, viewport, scheme):  # noqa: F811
    store.mail_domain = "smreka.example"
    waiting = hand_off(store, "Kje je moj paket?")
    file = add_attachment(store, waiting.id, b"the bytes of a picture", name="racun.png", type="image/png")
    add_customer_message(store, waiting.id, "c2", "Račun je tu.\nHvala!", "<p>x</p>", attachments=(file.id,))
    add_customer_message(store, waiting.id, "c3", "Moj PIN je 1234.", "<p>x</p>")
    page = served.sign_in("Ana Kovač", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}{waiting.path}/forward")
    text, said = page.locator("#passed-on"), page.get_by_role("group", name="Messages to pass on").last
    whole = text.input_value()
    assert all(words in whole for words in ("Kje je moj paket?", "Hvala!", "1234"))
    said.get_by_label("Moj PIN").press("Space")
    expect(text).not_to_have_value(re.compile("1234"))
    page.get_by_label("racun.png", exact=True).check()
    said.get_by_label("Hvala!").press("Space")
    expect(text).not_to_have_value(re.compile("Hvala"))
    expect(page.locator("[name=file]")).to_be_hidden()
    expect(page.locator("[name=file]")).not_to_be_checked()
    said.scroll_into_view_if_needed()
    shoot(page, f"forward-ticks-{viewport['width']}-{scheme}")
    check(page, "ticks")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    said.get_by_label("Hvala!").press("Space")
    said.get_by_label("Moj PIN").press("Space")
    expect(text).to_have_value(whole)  # each where it was
    page.get_by_role("button", name="Tick none").press("Enter")
    expect(text).to_have_value("")
    text.fill("My own words")
    page.get_by_role("button", name="Tick all").press("Enter")
    expect(text).to_have_value(f"{whole}\n\nMy own words")
    # What is wrong is told, and what is ticked stays so.
    said.get_by_label("Moj PIN").press("Space")
    page.locator("#to").fill("nobody")
    page.locator("#subject").fill("Paket")
    page.locator("#mail-text").fill("Je že odšel?")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not an e-mail address")
    expect(said.get_by_label("Moj PIN")).not_to_be_checked()
    expect(said.get_by_label("Kje je moj")).to_be_checked()


def test_what_is_wrong_is_said_and_what_was_typed_stays(served, store):  # noqa: F811
    store.mail_domain = "smreka.example"
    waiting = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Ana Kovač")
    page.goto(served.url + waiting.path)
    pass_on(page, SAID["en"], "Has it left?")
    page.locator("#to").fill(f"{IVO}, eva@supplier.example")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("one address")
    expect(page.locator("#mail-text")).to_have_value("Has it left?")
    check(page, "refused")
