"""Mails put aside in a real browser: found from the queue, read, made a conversation by one press."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from odziv.store.handoffs.handoff import list_queue
from odziv.store.mail.inbound import Incoming, keep_aside
from tests.browser.busy_day import ASIDE
from tests.browser.desk.test_desk import PHONE, WIDE, app, cheap_hashes, folder, kb, served  # noqa: F401 (fixtures)
from tests.chromium import check

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_mail_put_aside_is_found_read_and_made_a_conversation(served, store, viewport, scheme):  # noqa: F811
    for number, (sender, subject, text, why) in enumerate(ASIDE):
        keep_aside(store, Incoming(f"id{number}", None, sender, subject, text, ["slika.heic"], automatic=why))
    page = served.sign_in("Ana Kovač", viewport=viewport, color_scheme=scheme)
    picture(page, f"queue-{viewport['width']}-{scheme}")
    page.get_by_role("link", name="4 e-mails put aside").click()
    expect(page.locator(".card")).to_have_count(4)
    expect(page.get_by_role("link", name="Put aside 4")).to_have_attribute("aria-current", "page")
    check(page)
    picture(page, f"list-{viewport['width']}-{scheme}")
    page.locator(".card-link", has_text="Vprašanje s sejma").click()
    expect(page.locator(".mail-original")).to_contain_text("šotor Jelovica 3")
    button = page.get_by_role("button", name="Make it a conversation")
    expect(button).to_be_in_viewport()
    check(page)
    picture(page, f"mail-{viewport['width']}-{scheme}")
    button.click()
    expect(page.locator(".message.customer")).to_contain_text("šotor Jelovica 3")
    check(page)
    picture(page, f"opened-{viewport['width']}-{scheme}")
    assert len(list_queue(store)) == 1
    page.goto(f"{served.url}/desk/aside")
    expect(page.locator(".card")).to_have_count(3)


def picture(page, name: str) -> None:
    """Where pictures are wanted, takes one."""
    if wanted := os.environ.get("ODZIV_TEST_PICTURES"):
        page.screenshot(path=Path(wanted) / f"aside-{name}.png")
