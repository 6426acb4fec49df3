"""All conversations in a browser: found while typing, opened by keyboard, and reopened; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.desk.people import passwords
from tests.browser.busy_day import fill_day
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import PASSWORD, app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.fixture
def day(store, kb):  # noqa: F811
    return fill_day(store, passwords.hash_password(PASSWORD), role="agent")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_found_while_typing_and_opened_by_keyboard(served, day, viewport, scheme):  # noqa: F811
    page = served.sign_in("Vera Novak", viewport=viewport, color_scheme=scheme)
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name="All conversations")).to_be_visible()
    expect(page.locator(".found-item")).to_have_count(9)
    shoot(page, f"all-{scheme}-{viewport['width']}")
    check(page, "all")
    words = page.get_by_role("searchbox")
    expect(words).to_be_focused()
    words.press_sequentially("zlomlj")
    expect(page.locator("mark").first).to_have_text("zlomljeno")
    assert page.url.endswith("?q=zlomlj")
    words.fill("racun-2026")
    expect(page.locator(".found-kind")).to_have_text("File")
    words.fill("palcia")  # two letters swapped
    expect(page.locator(".found-similar")).to_be_visible()
    shoot(page, f"similar-{scheme}-{viewport['width']}")
    check(page, "found")
    words.press("ArrowDown")
    expect(page.locator(".found-link").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#log")).to_contain_text("palico")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("palcia")
    expect(page.locator(".found-item").first).to_be_visible()


def test_reopened_from_what_was_found(served, day):  # noqa: F811
    page = served.sign_in("Vera Novak")
    page.goto(f"{served.url}/desk/conversations?state=resolved&q=preuzeti")
    page.locator(".found-link").click()
    shoot(page, "resolved")
    check(page, "resolved")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("#head .status")).to_have_text("With you")
    expect(page.locator("#log")).to_contain_text("Vera")
    shoot(page, "reopened")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS[:2], ids=NAMES[:2])
def test_a_view_is_saved_by_one_and_opened_by_the_other(served, day, viewport, scheme):  # noqa: F811
    vera, nik = (served.sign_in(name, viewport=viewport, color_scheme=scheme) for name in ("Vera Novak", "Nik Hribar"))
    vera.goto(f"{served.url}/desk/conversations")
    vera.get_by_role("link", name="Waiting", exact=True).click()
    expect(vera.locator(".found-item")).to_have_count(5)
    vera.locator("#filters > summary").click()
    vera.get_by_label("Language").select_option("sl")
    expect(vera.locator(".found-item")).to_have_count(2)
    shoot(vera, f"filters-{scheme}-{viewport['width']}")
    vera.get_by_text("Save as a view…").click()
    vera.get_by_label("Name", exact=True).fill("Slovenski")
    vera.get_by_label("For everybody").check()
    shoot(vera, f"view-{scheme}-{viewport['width']}")
    check(vera, "view")
    vera.get_by_role("button", name="Save", exact=True).click()
    expect(vera.get_by_role("heading", name="Slovenski")).to_be_visible()
    nik.goto(f"{served.url}/desk/conversations")
    nik.get_by_role("link", name="Slovenski").click()
    expect(nik.locator(".found-item")).to_have_count(2)
    expect(nik.get_by_text("Save as a view…")).to_be_visible()  # not his to change
    check(nik, "shared")
