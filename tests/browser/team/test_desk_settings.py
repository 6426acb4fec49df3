"""Settings in a browser: a site's look tried in the preview, saved, in force, and taken back; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes  # noqa: F401 (fixtures)

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
