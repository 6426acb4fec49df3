"""Settings in a browser: a site's look tried in the preview, saved, in force, and taken back; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
RED = "rgb(170, 51, 17)"


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_a_look_is_tried_saved_and_taken_back(served, app, viewport, scheme):  # noqa: F811
    look = f"{viewport['width']}-{scheme}"
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/settings")
    shoot(page, f"settings-{look}")
    check(page, "overview")
    page.goto(f"{served.url}/desk/settings/sites")
    check(page, "sites")
    shoot(page, f"settings-sites-{look}")
    page.goto(f"{served.url}/desk/settings/sites/demo")
    bubble = page.frame_locator("#preview").locator("odziv-chat .bubble")
    expect(bubble).not_to_have_css("background-color", RED)
    page.get_by_label("Colour").fill("#aa3311")
    page.get_by_label("Corner of the page").select_option("left")
    expect(bubble).to_have_css("background-color", RED)
    page.get_by_label("Greeting, English").fill("Hello! How can we help?")
    shoot(page, f"settings-site-{look}")
    check(page, "site")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".flash")).to_have_text("Saved, and in force.")
    assert app.extensions["odziv"].settings.sites["demo"].position == "left"
    page.get_by_label("Colour").fill("red")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".field-error")).to_contain_text("Write a colour like")
    shoot(page, f"settings-wrong-{look}")
    check(page, "wrong")
    page.goto(f"{served.url}/desk/settings/history")
    shoot(page, f"settings-history-{look}")
    check(page, "history")
    page.get_by_role("button", name="Take back change 1").press("Enter")
    expect(page.locator(".flash")).to_have_text("Taken back, and in force.")
    assert app.extensions["odziv"].settings.sites["demo"].color == ""


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_first_steps_are_taken_one_by_one(served, app, viewport, scheme):  # noqa: F811
    look = f"{viewport['width']}-{scheme}"
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/first-steps")
    check(page, "first steps")
    page.goto(f"{served.url}/desk/settings/sites")
    page.get_by_label("Name, as customers read it").fill("Our shop")
    page.get_by_label("Short name, for the script tag").fill("shop")
    page.get_by_role("button", name="Add").press("Enter")
    expect(page.locator(".flash")).to_contain_text("Added: Our shop.")
    page.get_by_label("Addresses of the website").fill("https://shop.example")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".flash")).to_have_text("Saved, and in force.")
    page.goto(f"{served.url}/desk/first-steps")
    expect(page.locator("#origin .badge")).to_have_text("Done")
    expect(page.locator("#tag .badge")).to_have_text("Missing")
    shoot(page, f"first-steps-{look}")
    check(page, "with a site")
    page.get_by_role("button", name="Put away").press("Enter")
    expect(page.get_by_role("button", name="Show them in the menu again")).to_be_visible()


SECTIONS = ("languages", "hours", "targets", "desk", "precision", "mail", "categories", "retention")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS[:2], ids=NAMES[:2])
def test_hours_are_written_and_what_would_go_is_seen(served, app, kb, viewport, scheme):  # noqa: F811
    look = f"{viewport['width']}-{scheme}"
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    for section in SECTIONS:
        page.goto(f"{served.url}/desk/settings/{section}")
        shoot(page, f"section-{section}-{look}")
    page.goto(f"{served.url}/desk/settings/hours")
    page.get_by_label("Time zone").first.fill("Europe/Ljubljana")
    page.get_by_label("Monday").first.fill("8:00-12:00, 13:00-17:00")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".flash")).to_have_text("Saved, and in force.")
    assert app.extensions["odziv"].settings.desk.hours.week[0] == ((480, 720), (780, 1020))
    page.goto(f"{served.url}/desk/settings/retention")
    page.get_by_label("Conversations, from the last that was said").fill("30")
    page.get_by_role("button", name="See what would go").press("Enter")
    expect(page.locator("#plan-heading")).to_be_visible()
    shoot(page, f"retention-plan-{look}")
    check(page, "plan")
    assert app.extensions["odziv"].settings.retention.conversations == 0
