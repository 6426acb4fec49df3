"""After hours, targets and the report in a real browser: words that count on, keys, phones, and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from odziv.settings import Desk
from odziv.settings.hours import Hours
from odziv.store.schema import handoffs
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.chromium import find_serious, fits, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)
from tests.fixtures import set_contact

pytestmark = pytest.mark.browser
MINUTE = 60_000


@pytest.fixture
def settings(settings):
    """Always open, so that the test runs at any hour; a minute's target is a minute."""
    return settings.model_copy(update={"desk": Desk(hours=Hours(time_zone="Europe/Ljubljana"), undo_seconds=0)})


def came(store, minutes_ago: float, text: str, reason: str = "requested", **values):
    waiting = hand_off(store, text, reason=reason)
    with store.write() as connection:
        this = handoffs.c.id == waiting.handoff
        values["created_at"] = store.clock() - round(minutes_ago * MINUTE)
        connection.execute(update(handoffs).where(this).values(**values))
    return waiting


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_targets_are_said_in_words_and_a_priority_is_set(served, store, viewport):  # noqa: F811
    came(store, 70, "Kje je moj paket?")
    came(store, 50, "Rad bi vrnil šotor.", after_hours=True, asks_email=True)
    gone = {"after_hours": True, "deferred_to": store.clock()}
    late = came(store, 25, "To je že tretjič, zahtevam odgovor!", "complaint", **gone)
    set_contact(store, late.id, email="ana.kovac@smreka.example", name="Ana Kovač")
    ana = served.sign_in("Mojca Zupan", viewport=viewport)
    marks = ana.locator(".card .marks")
    expect(marks.nth(0)).to_contain_text("Overdue, was due")
    expect(marks.nth(1)).to_contain_text("Ticket")
    expect(marks.nth(1)).to_contain_text("Due soon, by")
    expect(marks.nth(1)).to_contain_text("Here now")
    expect(marks.nth(2)).to_contain_text("High")
    expect(marks.nth(2)).not_to_contain_text("Here now")
    assert fits(ana) and find_serious(ana) == []
    shoot(ana, f"queue-{viewport['width']}")
    ana.goto(served.url + late.path)
    expect(ana.locator("#customer > summary")).to_contain_text("Ana Kovač, ana.kovac@smreka.example")
    ana.locator("#priority > summary").press("Enter")
    with ana.expect_navigation():
        ana.get_by_role("button", name="Urgent").press("Enter")
    ana.locator("#priority > summary").press("Enter")
    expect(ana.get_by_role("button", name="Urgent")).to_have_attribute("aria-pressed", "true")
    expect(ana.locator("#log")).to_contain_text("Mojca Zupan set the priority to urgent.")
    expect(ana.locator("#targets")).to_contain_text("Overdue, was due")
    assert fits(ana) and find_serious(ana) == []
    shoot(ana, f"ticket-{viewport['width']}")


def test_a_mark_counts_on_while_the_page_stays_open(served, store):  # noqa: F811
    came(store, 30, "Kje je moj paket?")
    ana = served.sign_in("Mojca Zupan")
    ana.clock.install()
    ana.reload()
    mark = ana.locator(".card .target")
    expect(mark).to_contain_text("Answer due by")
    ana.clock.fast_forward(16 * MINUTE)
    expect(mark).to_contain_text("Due soon, by")
    expect(mark).to_have_attribute("data-level", "soon")
    ana.clock.fast_forward(16 * MINUTE)
    expect(mark).to_contain_text("Overdue, was due")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_report_is_reached_read_and_taken_away(served, store, viewport):  # noqa: F811
    for number in range(7):
        minutes = 180 + 45 * number
        came(store, minutes, "Halo?", replied_at=store.clock() - (minutes - 9 * number) * MINUTE, outcome="resolved")
    vera = served.sign_in("Vera Novak", "admin", viewport)
    errors = []
    vera.on("console", lambda message: message.type == "error" and errors.append(message.text))
    vera.locator(".rail-account").click()
    vera.locator(".tabs").get_by_role("link", name="Report").click()
    expect(vera.get_by_role("heading", name="Report", exact=True)).to_be_visible()
    expect(vera.get_by_role("row", name="First reply, median")).to_contain_text("27 min")
    expect(vera.get_by_role("img", name="7 of 7").first).to_be_visible()
    assert fits(vera) and find_serious(vera) == []
    shoot(vera, f"report-{viewport['width']}")
    vera.get_by_label("Language").select_option("pl")
    vera.get_by_role("button", name="Show").press("Enter")
    expect(vera.get_by_text("Nobody needed a person in this period.")).to_be_visible()
    vera.get_by_role("link", name="Last 30 days").click()
    with vera.expect_download() as download:
        vera.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert errors == []
