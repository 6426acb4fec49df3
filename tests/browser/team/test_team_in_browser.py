"""The team's page in a browser: it changes by itself, keeps what is open, and leads to a note; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.agents.mentions import list_mentions
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_it_changes_by_itself_and_leads_to_a_note(served, store, viewport, scheme):  # noqa: F811
    look, first = f"{viewport['width']}-{scheme}", hand_off(store, "Kje je moj paket?")
    ana = served.sign_in("Ana Kovač")
    vera = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    vera.goto(f"{served.url}/desk/team")
    expect(vera.locator(".tiles dd").first).to_have_text("1")
    ana.locator(f"#take-{first.handoff}").click()
    expect(vera.locator(".tiles dd").first).to_have_text("0")
    summary = vera.locator("#agent-1 > summary")
    expect(summary).to_contain_text("1 waits for an answer")
    summary.press("Enter")
    expect(vera.locator("#agent-1 .team-list a").first).to_be_visible()
    shoot(vera, f"team-{look}")
    check(vera, "open")
    expect(ana.locator("#foot[data-mode=holder]")).to_be_visible()
    ana.get_by_label("Your message").fill("Dober dan!")
    ana.keyboard.press("Control+Enter")
    expect(summary).not_to_contain_text("waits for an answer")
    expect(vera.locator("#agent-1 .team-list")).to_contain_text("answered")  # still open
    expect(summary).to_be_focused()
    vera.locator("#agent-1").get_by_role("link", name="Whisper").press("Enter")
    expect(vera.locator("#text")).to_have_value("@Ana Kovač ")
    vera.locator("#text").press_sequentially("popust?")
    vera.keyboard.press("Control+Enter")
    expect(ana.locator("#log")).to_contain_text("popust?")
    assert len(list_mentions(store, 1)) == 1
