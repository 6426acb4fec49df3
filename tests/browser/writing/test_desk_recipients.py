"""To whom a reply goes by e-mail, in a real browser: to all, changed, taken back; a reply that crosses; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.other_addresses import add_address
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_message
from odziv.store.mail.recipients import Copies
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import Waiting, app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)
from tests.fixtures import with_mail

pytestmark = pytest.mark.browser
WORK = "anna@work.example"
ANNA, MARKO, TAX = "anna@customer.example", "marko.zagar@customer.example", "tax@customer.example"


@pytest.fixture
def settings(settings):
    """With mail, and long enough to undo on a busy machine."""
    desk = settings.desk.model_copy(update={"undo_seconds": 60})
    return with_mail(settings).model_copy(update={"desk": desk})


@pytest.fixture
def waiting(store, kb) -> Waiting:  # noqa: F811
    """Anna's mail with Marko and their tax adviser in copy, in the queue."""
    store.mail_domain = "smreka.example"
    copies = Copies(cc=(("Marko Žagar", MARKO), ("", TAX)))
    mail = Incoming("id", "<a@x>", ANNA, "Parcel", "Where is my parcel?", copies=copies)
    said = "Where is my parcel?"
    opened = keep_as_conversation(store, mail, "Anna Nowak", "demo", "en", said, f"<p>{said}</p>")
    with store.write() as connection:
        add_handoff(connection, opened.conversation_id, "requested", "en")
        change_owner(connection, opened.conversation_id, "queued", agent_id=None)
    return Waiting(opened.conversation_id, 1)


def take(served, waiting, viewport=WIDE, **options) -> Page:  # noqa: F811
    page = served.sign_in("Ana Kovač", "agent", viewport, **options)
    page.goto(served.url + waiting.path)
    page.locator(".pane-actions").get_by_role("button", name="Take").click()
    expect(page.locator("#kind-reply")).to_be_attached()
    page.wait_for_load_state("load")
    expect(page.locator("#reply-to-all")).not_to_have_attribute("name", "to_all")  # the script is at work
    return page


def recipients_of(store, waiting) -> dict[str, list[str]] | None:
    return list_scheduled_replies(store, waiting.id)[-1].recipients


def test_reply_to_all_is_seen_changed_and_taken_back(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    expect(page.locator("#recipients-told")).to_have_text(f"Anna Nowak <{ANNA}>")
    page.get_by_label("Reply to all").check()
    cc = page.get_by_role("textbox", name="Cc", exact=True)
    expect(cc).to_have_value(f"Marko Žagar <{MARKO}>, {TAX}")
    cc.fill(MARKO)
    page.get_by_role("textbox", name="Bcc").fill("boss@x.example")
    page.locator("#text").fill("It comes tomorrow.")
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".scheduled-to")).to_have_text(f"To {ANNA} · Cc {MARKO} · Bcc boss@x.example")
    assert recipients_of(store, waiting) == {"to": [ANNA], "cc": [MARKO], "bcc": ["boss@x.example"]}
    expect(page.locator("#recipients-told")).to_have_text(f"Anna Nowak <{ANNA}>")
    expect(page.get_by_label("Reply to all")).not_to_be_checked()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("It comes tomorrow.")
    expect(page.locator("#recipients-told")).to_contain_text("Bcc boss@x.example")


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_another_address_of_the_customers_is_put_in_to_by_a_press(served, store, waiting, viewport, scheme):  # noqa: F811
    page = take(served, waiting, viewport, color_scheme=scheme)
    add_address(store, waiting.id, WORK, 1)
    offer = page.get_by_role("button", name=f"Put {WORK} in To", include_hidden=True)
    expect(offer).to_be_attached()  # the open page has heard of it
    page.locator("#recipients-fields > summary").click()
    for _ in range(2):
        offer.click()
        expect(page.get_by_role("textbox", name="To", exact=True)).to_have_value(f"Anna Nowak <{ANNA}>, {WORK}")
    check(page, f"other-addresses-{scheme}")
    shoot(page, f"other-addresses-{scheme}")
    page.locator("#text").fill("It comes tomorrow.")
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".scheduled-to")).to_have_text(f"To {ANNA}, {WORK}")
    assert recipients_of(store, waiting) == {"to": [ANNA, WORK]}


def test_what_is_no_address_is_told_and_nothing_is_lost(served, waiting):  # noqa: F811
    page = take(served, waiting)
    page.locator("#recipients-fields > summary").click()
    page.get_by_role("textbox", name="Cc", exact=True).fill("marko")
    page.get_by_role("textbox", name="Cc", exact=True).press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.locator("#text").fill("It comes tomorrow.")
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#alerts")).to_contain_text("“marko” is not an e-mail address")
    expect(page.locator("#text")).to_have_value("It comes tomorrow.")
    expect(page.get_by_role("textbox", name="Cc", exact=True)).to_have_value("marko")


def test_a_reply_that_crosses_is_stopped_shown_and_sent_anyway(served, store, waiting):  # noqa: F811
    page = take(served, waiting)
    page.evaluate("document.body.dataset.events = ''")
    page.locator("#text").fill("It comes tomorrow.")
    # No page has shown what comes in the moment of sending.
    page.evaluate("addEventListener('submit', (e) => { e.target.elements.seen.value = 1 }, { once: true })")
    add_customer_message(store, waiting.id, "c2", "It has come, thank you!", "<p>It has come, thank you!</p>")
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#alerts")).to_contain_text("Anna Nowak wrote meanwhile: “It has come, thank you!”")
    expect(page.locator("#text")).to_have_value("It comes tomorrow.")
    check(page, "crossing")
    shoot(page, "crossing")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".scheduled-text")).to_have_text("It comes tomorrow.")
    expect(page.locator("#text")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_too_wide(served, store, waiting, viewport, scheme):  # noqa: F811
    mail = Incoming("id2", "<b@x>", MARKO, "Re: Parcel", "And mine?", copies=Copies(cc=(("", TAX),)))
    keep_as_message(store, mail, waiting.id, "And mine?", "<p>And mine?</p>", author="Marko Žagar")
    page = take(served, waiting, viewport, color_scheme=scheme)
    expect(page.locator(".in-copy")).to_be_visible()
    check(page, f"recipients-{viewport['width']}-{scheme}")
    page.get_by_label("Reply to all").check()
    check(page, f"recipients-open-{viewport['width']}-{scheme}")
    expect(page.locator("#composer button.primary")).to_be_in_viewport(ratio=1)
    shoot(page, f"recipients-{viewport['width']}-{scheme}")
    page.locator("#kind-note").check()
    expect(page.locator("#recipients")).to_be_hidden()
