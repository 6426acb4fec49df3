"""The desk in an agent's own language in a real browser: chosen on the account page, said by its scripts; and axe.

The catalogue is one made for this, with each message in brackets.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from odziv.desk.frame import language
from tests.browser.desk.test_desk import PHONE, WIDE, served  # noqa: F401 (fixtures)
from tests.browser.every_page import day  # noqa: F401 (fixtures)
from tests.chromium import find_serious, fits
from tests.desk.conftest import PASSWORD, app, cheap_hashes, folder, kb  # noqa: F401 (fixtures)
from tests.texts.desk_catalogues import in_brackets, offer, write_catalogue

pytestmark = pytest.mark.browser


@pytest.fixture
def bracketed(monkeypatch, tmp_path) -> None:
    write_catalogue(monkeypatch, tmp_path, "sl", in_brackets())
    offer(monkeypatch, "sl")
    monkeypatch.setattr(language, "texts_of_scripts", language.catalogues.texts_of_scripts)
    for name in ("_script", "_version"):
        monkeypatch.setattr(language, name, getattr(language, name).__wrapped__)


def sign_in(served, day, viewport: dict, locale: str) -> Page:  # noqa: F811
    page = served.browser.new_context(viewport=viewport, locale=locale).new_page()
    page.goto(f"{served.url}/desk/sign-in")
    page.locator("#email").fill(day.me.email)
    page.locator("#password").fill(PASSWORD)
    page.locator(".door-card button[type=submit]").click()
    expect(page.locator("#list-heading")).to_be_visible()
    page.wait_for_load_state("load")
    return page


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_agent_chooses_and_the_scripts_follow(served, store, day, bracketed, viewport):  # noqa: F811
    page, errors = sign_in(served, day, viewport, "en-GB"), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{served.url}/desk/account")
    page.get_by_label("The desk’s language").select_option("sl")
    page.get_by_role("button", name="Change language").click()
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    expect(page.locator(".flash")).to_have_text("⟦Saved: this is how the desk speaks to you now.⟧")
    page.goto(f"{served.url}/desk/queue")
    waits = page.locator("time[data-since]").first
    expect(waits).to_have_text(re.compile("⟦.+⟧"))
    page.goto(f"{served.url}/desk/conversations/{day.mine}")
    page.wait_for_load_state("load")
    page.keyboard.press("Control+K")
    expect(page.locator("#palette .palette-kind").first).to_have_text(re.compile("^⟦.+⟧$"))
    page.locator("#palette-words").fill("abc")
    expect(page.locator("#palette-list li").last).to_contain_text("⟦Find “abc” in all conversations⟧")
    page.keyboard.press("Escape")
    assert errors == [] and find_serious(page) == [] and fits(page)


def test_days_and_months_are_those_of_the_language(served, store, day, bracketed):  # noqa: F811
    page = sign_in(served, day, WIDE, "sl-SI")
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    page.goto(f"{served.url}/desk/audit")
    page.wait_for_load_state("load")
    moment = page.locator("td.when time").first
    expect(moment).not_to_have_attribute("data-clock", re.compile(".*"))
    assert moment.get_attribute("title").startswith(
        page.evaluate("new Date(document.querySelector('td.when time').dateTime).toLocaleString('sl')")
    )
