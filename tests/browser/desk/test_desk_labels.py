"""Labels in a browser: made by an administrator, put on by an agent, filtered by; by keyboard, and axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from odziv.cases.labels.catalogue import COLOURS, NewLabel, add_label
from odziv.cases.labels.marking import put_label
from odziv.store.agents.agent import find_agent
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_made_put_on_and_filtered_by(served, store, viewport, scheme):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    vera = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    vera.goto(f"{served.url}/desk/labels")
    for name, colour in (("Vračila", "teal"), ("VIP", "purple")):
        form = vera.locator("form", has=vera.get_by_label("Website"))
        form.get_by_label("Name").fill(name)
        form.get_by_label("Colour").select_option(colour)
        form.get_by_label("Proposed for the category").select_option("orders" if name == "Vračila" else "")
        form.get_by_role("button", name="Add").press("Enter")
        expect(vera.locator(".label-form")).to_have_count(1 if name == "Vračila" else 2)
    shoot(vera, f"labels-{viewport['width']}-{scheme}")
    check(vera, "list")
    vera.goto(served.url + waiting.path)
    vera.get_by_role("button", name="+ Vračila").press("Enter")
    expect(vera.locator("#head .labels")).to_contain_text("Vračila")
    vera.locator("#log").press("l")
    shoot(vera, f"labelling-{viewport['width']}-{scheme}")
    check(vera, "menu")
    vera.get_by_role("button", name="VIP", exact=True).press("Enter")
    expect(vera.locator("#head .label")).to_have_text(["VIP", "Vračila"])
    vera.goto(f"{served.url}/desk/queue")
    expect(vera.locator(".card .label")).to_have_text(["VIP", "Vračila"])
    check(vera, "queue")
    vera.goto(f"{served.url}/desk/conversations")
    vera.locator("#filters > summary").click()
    vera.get_by_label("Label", exact=True).select_option(label="VIP")
    expect(vera).to_have_url(re.compile(r"[?&]label=\d"))
    expect(vera.locator(".found-item .label")).to_have_text(["VIP", "Vračila"])
    vera.locator("[name=chosen]").check()
    vera.locator(".several-bar").scroll_into_view_if_needed()
    shoot(vera, f"labels-found-{viewport['width']}-{scheme}")
    check(vera, "found")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read_wherever_it_stands(served, store, settings, scheme):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = served.sign_in("Vera Novak", "admin", color_scheme=scheme)
    vera = find_agent(store, 1)
    for colour in COLOURS:
        put_label(store, vera, waiting.id, add_label(store, settings, vera, NewLabel(colour.capitalize(), colour)).id)
    page.goto(served.url + waiting.path)
    page.locator("#labels > summary").click()
    expect(page.locator("#labels button[aria-pressed=true]")).to_have_count(len(COLOURS))
    shoot(page, f"label-colours-{scheme}")
    check(page, scheme)
    page.goto(f"{served.url}/desk/queue")
    page.locator(".card").hover()
    check(page, "card")
