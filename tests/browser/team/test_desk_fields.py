"""Fields in a browser: made by an administrator, filled in beside a conversation, asked for at resolving; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.conversation import find_conversation
from odziv.store.fields.values import list_values
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_made_filled_in_and_asked_for(served, store, viewport, scheme):  # noqa: F811
    look, waiting = f"{viewport['width']}-{scheme}", hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/fields")
    for name, about, kind in (("Plan", "customer", "choice"), ("Naročilo", "conversation", "number")):
        form = page.locator("form", has=page.get_by_label("Website"))
        form.get_by_label("Name").fill(name)
        form.get_by_label("About").select_option(about)
        form.get_by_label("Kind").select_option(kind)
        form.get_by_label("Choices (where one is chosen)").fill("Gold\nSilver" if kind == "choice" else "")
        form.get_by_label("Needed to resolve").set_checked(kind == "number")
        form.get_by_role("button", name="Add").press("Enter")
        expect(page.locator(".label-form")).to_have_count(1 if kind == "choice" else 2)
    shoot(page, f"fields-{look}")
    check(page, "list")

    page.goto(served.url + waiting.path)
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator("#foot[data-mode=holder]")).to_be_visible()
    page.locator("#log").press("Shift+E")
    expect(page.locator("#alerts")).to_contain_text("please fill in “Naročilo” first")
    if not page.locator("#fields-form").is_visible():
        page.locator("#customer > summary").click()
    page.get_by_label("Naročilo").fill("veliko")
    page.locator("#fields-form").get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#alerts")).to_contain_text("“Naročilo” has to be a number")
    shoot(page, f"fields-refused-{look}")
    check(page, "refused")
    page.get_by_label("Naročilo").fill("4711")
    page.get_by_label("Plan").select_option("Gold")
    page.locator("#fields-form").get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#fields")).to_contain_text("Saved.")
    assert sorted(list_values(store, waiting.id).values()) == ["4711", "Gold"]
    shoot(page, f"fields-filled-{look}")
    check(page, "filled")
    page.goto(f"{served.url}/desk/conversations?q=gold")
    expect(page.locator(".found-item mark")).to_have_text("Gold")
    page.goto(served.url + waiting.path)
    page.locator("#log").press("Shift+E")
    expect(page.locator(".flash")).to_have_text("Resolved.")
    assert find_conversation(store, waiting.id).status == "resolved"
