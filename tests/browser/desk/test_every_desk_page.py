"""axe on every page of the desk, with something on each: nothing serious, at a desk by day and on a phone by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.desk.frame.roles import ANYONE, desk_routes
from tests.browser.busy_day import Day
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.every_page import NO_PAGES, day, pages  # noqa: F401 (fixtures)
from tests.chromium import find_serious, fits
from tests.desk.conftest import PASSWORD, app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def test_nothing_is_left_out_that_is_no_longer_there():
    assert set(desk_routes.needs) >= NO_PAGES


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_no_page_has_anything_serious(served, app, day, viewport, scheme):  # noqa: F811
    context = served.browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    found = pages(app, day)
    assert len(found) > 25
    for name in [name for name in found if desk_routes.needs[name] == ANYONE]:
        look(page, served.url, found[name], errors)
    sign_in(page, served.url, day)
    for name in [name for name in found if desk_routes.needs[name] != ANYONE]:
        look(page, served.url, found[name], errors)
    assert errors == []


def sign_in(page: Page, url: str, day: Day) -> None:  # noqa: F811
    page.goto(f"{url}/desk/sign-in")
    page.get_by_label("E-mail address").fill(day.me.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def look(page: Page, url: str, paths: list[str], errors: list[str]) -> None:
    """Each of these, with all that can be opened in it open."""
    for path in paths:
        page.goto(url + path)
        page.evaluate("document.querySelectorAll('main details:not([name])').forEach(each => { each.open = true })")
        errors += [f"{path}: {problem}" for problem in find_serious(page)]
        if not fits(page):
            errors.append(f"{path}: wider than the screen")
