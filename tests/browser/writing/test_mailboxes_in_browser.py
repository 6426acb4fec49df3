"""Several mailboxes, in a real browser: from which a new mail leaves, to which one came, and what is set of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from odziv.settings.load import Site
from odziv.store.mail.inbound import Incoming, keep_as_conversation
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)
from tests.fixtures import with_mail

pytestmark = pytest.mark.browser
SALES, PRESS = "sales@a-rather-long-name.hrast.example", "press@smreka.example"


@pytest.fixture
def settings(settings):
    sites = {**settings.sites, "hrast": Site(name="Hrast")}
    boxes = {"sales": {"address": SALES, "site": "hrast", "sender_name": "Hrast"}, "press": {"address": PRESS}}
    return with_mail(settings.model_copy(update={"sites": sites}), mailboxes=boxes)


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_one_is_chosen_and_the_conversation_says_from_where_it_leaves(served, store, kb, viewport, scheme):  # noqa: F811
    store.mail_domain = "smreka.example"
    page = served.sign_in("Ana Kovač", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/write")
    page.wait_for_load_state("load")
    page.get_by_label("From", exact=True).select_option(label=SALES)
    expect(page.get_by_label("Website")).to_have_value("hrast")  # a mailbox belongs to one
    page.get_by_label("To", exact=True).fill("jan@customer.example")
    page.get_by_label("Subject").fill("Your offer")
    page.get_by_label("Text").fill("Here it is.")
    shoot(page, f"mailboxes-new-{viewport['width']}-{scheme}")
    check(page, "new mail")
    page.get_by_role("button", name="Open without sending").press("Enter")
    expect(page.locator(".recipients-from")).to_have_text(f"Your e-mail leaves from {SALES}.")
    shoot(page, f"mailboxes-answer-{viewport['width']}-{scheme}")
    check(page, "answer")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_what_is_set_of_each(served, kb, viewport, scheme):  # noqa: F811
    page = served.sign_in("Ana Kovač", "admin", viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/settings/mail")
    section = page.get_by_role("region", name=re.compile("Mailbox “press”"))
    section.get_by_label("Signature: Slovenian").fill("Ekipa za medije")
    section.scroll_into_view_if_needed()
    shoot(page, f"mailboxes-set-{viewport['width']}-{scheme}")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved, and in force.")).to_be_visible()
    expect(section.get_by_label("Signature: Slovenian")).to_have_value("Ekipa za medije")
    check(page, "settings")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_to_which_one_it_came_is_said(served, store, kb):  # noqa: F811
    mail = Incoming("m1", "<1@x>", "jan@customer.example", "Offer", "x", mailbox="sales")
    came = keep_as_conversation(store, mail, "Jan", "hrast", "sl", "Ponudbo, prosim.", "Ponudbo, prosim.")
    page = served.sign_in("Ana Kovač")
    page.goto(f"{served.url}/desk/conversations/{came.conversation_id}")
    expect(page.locator(".mail-facts")).to_contain_text(f"Came by e-mail to {SALES}")
