"""Several conversations at once in a browser: what is asked for counts down, is taken back, or happens; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.store.agents.agent import find_agent
from odziv.store.labels.labels import count_labelled
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.browser.team.test_desk_macros import settings, working  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_counted_down_taken_back_and_done(served, store, settings, working, viewport, scheme):  # noqa: F811
    look = f"{viewport['width']}-{scheme}"
    for number in range(27):
        hand_off(store, f"Kje je moj paket {number}?")
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    label = add_label(store, settings, find_agent(store, 1), NewLabel("Paket", "blue"))
    page.goto(f"{served.url}/desk/conversations")
    page.locator("[name=chosen]").first.check()
    shoot(page, f"several-{look}")
    check(page, "chosen")
    page.get_by_role("button", name="Label", exact=True).press("Enter")
    expect(page.locator("#several-state")).to_contain_text("Labelling 1 conversation in")
    shoot(page, f"several-waits-{look}")
    check(page, "waits")
    with page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/desk/conversations")):
        page.locator("#several-state").get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#several-state")).to_have_text("Taken back. Nothing was changed.")
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    assert count_labelled(store) == {}
    page.get_by_label("Also those on the next pages").check()
    page.get_by_role("button", name="Label", exact=True).press("Enter")
    expect(page.locator("#several-state")).to_contain_text("27 labelled.")
    expect(page.locator(".found-item .label").first).to_have_text("Paket")  # the list is a new one
    assert count_labelled(store) == {label.id: 27}
    shoot(page, f"several-done-{look}")
    check(page, "done")
