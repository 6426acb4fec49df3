"""Taking over, and several at once, in a browser with two agents: told at once, done by keyboard; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from odziv.texts.notices import notice
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import app, cheap_hashes, hand_off  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_a_colleague_hears_at_once_that_it_was_taken_over(served, store, viewport, scheme):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    look = {"viewport": viewport, "color_scheme": scheme}
    ana, vera = served.sign_in("Ana Kovač", **look), served.sign_in("Vera Novak", "admin", **look)
    ana.locator(f"#take-{waiting.handoff}").click()
    expect(ana.locator("#foot")).to_have_attribute("data-mode", "holder")
    vera.goto(served.url + waiting.path)
    expect(vera.locator("#banner")).to_contain_text("Ana Kovač has this conversation")
    shoot(vera, f"take-over-{viewport['width']}-{scheme}")
    check(vera, "beside")
    vera.get_by_role("button", name="Take over").press("Enter")
    expect(vera.locator("#head .status")).to_have_text("With you")
    expect(ana.locator("#banner")).to_contain_text("Vera Novak has this conversation. You are reading along.")
    expect(ana.locator("#log")).to_contain_text("Vera Novak took this over from Ana Kovač.")
    expect(ana.locator("#log")).to_contain_text(notice("joined", "sl", name="Vera"))
    check(ana, "lost")
    shoot(ana, f"taken-over-{viewport['width']}-{scheme}")


def test_given_by_an_administrator_it_is_counted_in_the_others_rail(served, store):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    ana, vera = served.sign_in("Ana Kovač"), served.sign_in("Vera Novak", "admin")
    vera.goto(served.url + waiting.path)
    vera.get_by_text("Assign to…").press("Enter")
    shoot(vera, "assign")
    check(vera, "assign")
    vera.locator("#assign").get_by_role("button", name="Assign").press("Enter")
    expect(vera.locator("#alerts")).to_contain_text("Ana Kovač has it now.")
    expect(ana.locator("#count-mentions")).to_have_text("1")
    expect(ana.locator("#count-inbox")).to_have_text("1")
    ana.locator("#count-mentions").click()
    expect(ana.locator(".mention-item")).to_contain_text("Vera Novak gave this to Ana Kovač.")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS[:2], ids=NAMES[:2])
def test_several_are_chosen_by_keyboard_and_taken(served, store, viewport, scheme):  # noqa: F811
    for number in range(4):
        hand_off(store, f"Vprašanje {number}")
    served.sign_in("Ana Kovač")
    page = served.sign_in("Vera Novak", "admin", viewport=viewport, color_scheme=scheme)
    page.goto(f"{served.url}/desk/conversations?state=waiting")
    boxes = page.locator("[name=chosen]")
    expect(page.get_by_role("button", name="Take")).to_be_hidden()
    check(page, "none chosen")
    boxes.nth(0).press("Space")
    page.keyboard.press("Tab")  # the conversation's link
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#chosen-count")).to_have_text("2 chosen")
    shoot(page, f"several-{viewport['width']}-{scheme}")
    check(page, "two chosen")
    page.get_by_role("button", name="Take").press("Enter")
    expect(page.locator(".flash")).to_have_text("2 taken.")
    expect(page.locator(".found-item")).to_have_count(2)
    expect(page.locator("#choose-all")).to_be_visible()  # the script is at work
    page.locator("#choose-all").press("Space")
    expect(page.locator("#chosen-count")).to_have_text("2 chosen")
    page.get_by_role("button", name="Assign").press("Enter")
    expect(page.locator(".flash")).to_have_text("2 given.")


def test_what_was_chosen_stays_so_when_the_list_is_fetched_anew(served, store):  # noqa: F811
    """A slow answer used to put the whole list anew: what somebody had ticked meanwhile was not, and the focus gone."""
    for text in ("Moja palica", "Moj nahrbtnik"):
        hand_off(store, text)
    page = served.sign_in("Vera Novak", "admin")
    page.goto(f"{served.url}/desk/conversations")
    held: list[Route] = []
    page.route("**/desk/conversations?*", lambda route: held.append(route))  # a bare append has no arguments to count
    page.get_by_role("searchbox").fill("palica")
    expect(page.locator("#found")).to_have_attribute("aria-busy", "true")
    wanted = page.locator(".found-item", has_text="palica").locator("[name=chosen]")
    wanted.focus()
    wanted.press("Space")
    held[0].continue_()
    expect(page.locator(".found-item")).to_have_count(1)
    expect(wanted).to_be_checked()
    expect(wanted).to_be_focused()
    expect(page.locator("#chosen-count")).to_have_text("1 chosen")


def test_what_is_found_while_typing_can_be_chosen_too(served, store):  # noqa: F811
    for text in ("Moja palica", "Moj nahrbtnik"):
        hand_off(store, text)
    page = served.sign_in("Vera Novak", "admin")
    page.goto(f"{served.url}/desk/conversations")
    page.get_by_role("searchbox").press_sequentially("palica")
    expect(page.locator(".found-item")).to_have_count(1)
    page.locator("#choose-all").check()
    expect(page.locator("#chosen-count")).to_have_text("1 chosen")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".flash")).to_contain_text("0 resolved. Not resolved: ")
    expect(page.get_by_role("searchbox")).to_have_value("palica")
