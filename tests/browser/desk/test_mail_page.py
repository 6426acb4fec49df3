"""A conversation by e-mail in a real browser: what stands under a reply changes by itself, and fits a phone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from kb.render import render_plain
from odziv.store.conversations.attachments import write_file
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_entry
from odziv.store.mail.queue import finish_mail, record_bounce, take_mail
from tests.browser.desk.test_desk import PHONE, app, cheap_hashes, folder, kb, served  # noqa: F401 (fixtures)
from tests.files import picture as png

pytestmark = pytest.mark.browser
ANNA = "anna.nowak.with.a.long.address@mail.customer.example"


def test_an_answer_by_mail_is_seen_to_go_and_to_come_back(served, store):  # noqa: F811
    store.mail_domain = "smreka.example"
    mail = Incoming("id", "<a@x>", ANNA, "Paket še ni prišel", "Kje je moj paket?\n\nLep pozdrav\nAnna", ["račun.pdf"])
    text = "Kje je moj paket?\n\n[račun.doc – ni prejeto; pošljete lahko le slike in PDF]"
    file = write_file(store, png(size=(640, 400)), name="nalepka.png", type="image/png", width=640, height=400)
    opened = keep_as_conversation(store, mail, "Anna", "demo", "sl", text, render_plain(text), [file])
    with store.write() as connection:
        add_handoff(connection, opened.conversation_id, "requested", "sl")
        change_owner(connection, opened.conversation_id, "queued", agent_id=None)
    page = served.sign_in("Ana Kovač")
    page.get_by_role("button", name=re.compile("^Take : conversation")).click()
    expect(page.get_by_role("link", name="nalepka.png")).to_be_visible()
    expect(page.locator(".mail-facts")).to_contain_text(f"Came by e-mail: {ANNA}")
    page.wait_for_load_state("load")
    page.locator("#text").fill("Na poti je. **Jutri** bo pri vas.")
    page.locator("button[type=submit]:visible", has_text="Send").first.click()
    state = page.locator(".message.agent .mailed")
    expect(state).to_have_text("Goes out by e-mail.")
    store.clock.advance(60_000)
    due = take_mail(store)
    finish_mail(store, due, "sent")
    expect(state).to_contain_text("Sent by e-mail")
    picture(page, "sent")
    with store.write() as connection:
        record_bounce(connection, due.message_id, "550 5.1.1 User unknown")
    text = f"The e-mail to {ANNA} did not arrive: 550 5.1.1 User unknown"
    entry = NewMessage("system", text, f"<p>{text}</p>", internal=True)
    keep_as_entry(store, Incoming("b", None, None, "", "x"), opened.conversation_id, entry)
    expect(state).to_have_text("Sent by e-mail, but it came back: 550 5.1.1 User unknown")
    expect(page.locator(".mail-fails")).to_be_visible()
    picture(page, "bounced")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(page, "phone")


def picture(page, name: str) -> None:
    """Where pictures are wanted, takes one."""
    if wanted := os.environ.get("ODZIV_TEST_PICTURES"):
        page.screenshot(path=Path(wanted) / f"mail-{name}.png")
