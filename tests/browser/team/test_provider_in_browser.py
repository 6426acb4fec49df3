"""Signing in at an identity provider in a real browser, from another site and back; axe on each page of it."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from odziv.desk.people import totp
from odziv.store.agents.agent import find_agent_by_email
from odziv.store.agents.second_factor import begin_second_factor, confirm_second_factor
from tests.browser.desk.test_desk import LOOKS, NAMES
from tests.chromium import find_serious, fits
from tests.desk.conftest import cheap_hashes  # noqa: F401 (fixtures)
from tests.desk.oidc.conftest import desk, provider, running  # noqa: F401 (fixtures)
from tests.desk.oidc.oidc_provider import DISCOVERY, saying

pytestmark = pytest.mark.browser


@pytest.fixture
def url(desk):  # noqa: F811
    """The desk, for the browser another site than the provider: so its cookies come back as they do in life."""
    server = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    server.daemon_threads = True
    url = f"http://localhost:{server.server_port}"
    server.app = app = desk(public_url=url, make_accounts=True, other_role="agent", second_factor="amr")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    app.extensions["odziv"].hub.close()
    server.shutdown()
    server.server_close()
    thread.join(10)


def look(page: Page) -> None:
    assert find_serious(page) == [] and fits(page)


def go_through(page: Page, url: str, wanted: str) -> None:
    page.goto(url + wanted)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Sign in with Smreka ID").click()
    page.get_by_placeholder("sub").fill("u-ana")
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_an_agent_signs_in_there_types_our_code_and_signs_out_of_both(url, provider, store, browser, viewport, scheme):  # noqa: F811
    context = browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    go_through(page, url, "/desk/account")
    expect(page).to_have_url(f"{url}/desk/account")
    expect(page.get_by_text("You have none here: Smreka ID tells us who you are.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Sign out", exact=True).locator("visible=true").first.click()
    expect(page).to_have_url(re.compile(f"^{provider.issuer}/oauth2/end_session"))

    agent, secret = find_agent_by_email(store, "ana@smreka.example"), totp.new_secret()
    begin_second_factor(store, agent.id, secret)
    confirm_second_factor(store, agent.id, secret, store.clock() // 30_000 - 2, ["one"])
    go_through(page, url, "/desk/inbox")
    code = page.get_by_label("Code from your app, or a recovery code")
    code.fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("That code isn’t right")
    look(page)
    code.fill(totp.code_at(secret, store.clock() // 30_000))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{url}/desk/inbox")
    context.close()


def test_a_provider_that_is_away_leaves_the_password(url, provider, browser):  # noqa: F811
    provider.bent[DISCOVERY] = saying(500, "{}")
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{url}/desk/sign-in")
    page.get_by_role("link", name="Sign in with Smreka ID").click()
    expect(page.get_by_role("alert")).to_contain_text("Smreka ID doesn’t answer just now")
    expect(page.get_by_label("Password")).to_be_visible()
    look(page)
    page.context.close()
