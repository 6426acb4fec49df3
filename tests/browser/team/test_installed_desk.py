"""The desk as an app: its worker, the page without a network, and notifications, as Chromium has them."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from odziv.store.agents.agent import find_agent
from odziv.store.push.subscriptions import list_subscriptions
from odziv.store.schema import sessions
from tests.browser.desk.test_desk import LOOKS, NAMES, served  # noqa: F401 (fixtures)
from tests.chromium import check, shoot
from tests.desk.conftest import PASSWORD, app, cheap_hashes, hand_off  # noqa: F401 (fixtures)
from tests.push.push_browser import PushBrowser

pytestmark = pytest.mark.browser
# Chromium without a window has no push service of its maker: what it would give a page is given here.
GIVE_SUBSCRIPTION = """(keys) => {
    const made = { endpoint: keys.endpoint, toJSON: () => ({ endpoint: keys.endpoint, keys }),
        unsubscribe: async () => sessionStorage.removeItem("made") };
    PushManager.prototype.getSubscription = async () => sessionStorage.getItem("made") ? made : null;
    PushManager.prototype.subscribe = async () => { sessionStorage.setItem("made", "1"); return made; };
    Object.defineProperty(Notification, "permission", { get: () => sessionStorage.getItem("granted") ?? "default" });
    Notification.requestPermission = async () => { sessionStorage.setItem("granted", "granted"); return "granted"; };
}"""


def sign_in(served, name: str, **options) -> Page:  # noqa: F811
    return served.sign_in(name, **options, service_workers="allow")


def wait_for_worker(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_turned_on_listed_and_off(served, store, viewport, scheme):  # noqa: F811
    page = sign_in(served, "Ana Kovač", viewport=viewport, color_scheme=scheme)
    browser = PushBrowser("https://push.example/ana")
    keys = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    page.context.add_init_script(f"({GIVE_SUBSCRIPTION})({json.dumps(keys)})")
    page.goto(f"{served.url}/desk/account")
    switch = page.get_by_role("switch", name="Notify me in this browser")
    expect(switch).not_to_be_checked()
    switch.press("Space")
    expect(page.get_by_role("list", name="Where you are notified").get_by_role("listitem")).to_have_count(1)
    expect(switch).to_be_checked()
    page.locator("#alerts-panel").scroll_into_view_if_needed()
    shoot(page, f"push-{viewport['width']}-{scheme}")
    check(page, "on")
    page.get_by_role("button", name="Send one to try").press("Enter")
    expect(page.locator("#push-problem")).to_contain_text("on its way")
    assert len(list_subscriptions(store, 1)) == 1
    # Taken from the list, there or elsewhere: the browser hears of it with this page, or with another within an hour.
    with page.expect_response("**/desk/push") as answered:
        page.get_by_role("list", name="Where you are notified").get_by_role("button", name="Turn off").press("Enter")
    assert answered.value.json() == {"on": False}
    assert "wanted" not in parse_qs(answered.value.request.post_data)
    expect(page.get_by_text("No notifications go there any more.")).to_be_visible()
    expect(page.get_by_role("switch", name="Notify me in this browser")).not_to_be_checked()
    assert page.evaluate("sessionStorage.getItem('made')") is None


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=NAMES)
def test_without_a_network_it_says_so_and_goes_on_after(served, viewport, scheme):  # noqa: F811
    page = sign_in(served, "Ana Kovač", viewport=viewport, color_scheme=scheme)
    wait_for_worker(page)
    expect_kept(page)
    page.context.set_offline(True)
    page.goto(f"{served.url}/desk/queue")
    expect(page.get_by_role("heading", name="The desk can’t be reached")).to_be_visible()
    shoot(page, f"offline-{viewport['width']}-{scheme}")
    check(page, "offline")
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").press("Enter")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def expect_kept(page: Page) -> None:
    """The offline page is in its cache, and no other page."""
    page.evaluate(
        """async () => { while (!await caches.match(new URL("offline", location.href))) {
            await new Promise((soon) => setTimeout(soon, 50)); } }"""
    )
    kept = page.evaluate(
        "caches.open('odziv-desk-offline').then(async (kept) => (await kept.keys()).map((k) => k.url))"
    )
    assert all("/desk/static/" in url or url.endswith("/desk/offline") for url in kept)


def test_it_can_be_installed(served):  # noqa: F811
    page = sign_in(served, "Ana Kovač")
    wait_for_worker(page)
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == [] and json.loads(manifest["data"])["short_name"] == "Odziv"
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in found if error["errorId"] != "in-incognito"] == []


def test_what_arrives_is_shown_unless_the_desk_is_in_front(served, store):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = sign_in(served, "Ana Kovač")
    wait_for_worker(page)
    worker = page.context.service_workers[0]
    told = {"title": "A customer is waiting", "body": "Asked for", "tag": "odziv-handoff", "path": waiting.path[6:]}
    # As a browser tells its worker. Chromium without a window grants no notifications and has no badges, and ends a
    # worker that asks for one: what would be shown is kept.
    deliver = """async ([told, focused]) => {
        Object.defineProperty(navigator, "setAppBadge", { value: async () => {}, configurable: true });
        const shown = [];
        ServiceWorkerRegistration.prototype.showNotification = async (title, options) => {
            shown.push([title, options.body, options.tag, options.data.path]); };
        self.clients.matchAll = async () => [{ focused, url: location.href }];
        const event = new PushEvent("push", { data: JSON.stringify(told) });
        let done; event.waitUntil = (promise) => { done = promise; };
        self.dispatchEvent(event);
        await done;
        return shown;
    }"""
    assert worker.evaluate(deliver, [told, True]) == []
    assert worker.evaluate(deliver, [told, False]) == [[told["title"], told["body"], told["tag"], told["path"]]]
    assert worker.evaluate(deliver, [{}, False]) == [[served.url.removeprefix("http://"), "", "odziv", ""]]
    assert worker.evaluate(deliver, [{"tag": "odziv-try", "title": "This"}, True])[0][0] == "This"


def test_a_press_opens_the_conversation_and_nothing_outside_the_desk(served, store):  # noqa: F811
    waiting = hand_off(store, "Kje je moj paket?")
    page = sign_in(served, "Ana Kovač")
    wait_for_worker(page)
    worker = page.context.service_workers[0]
    press = """async (path) => {
        const did = [];
        const open = [{ url: self.registration.scope + "queue", focus: async () => did.push("focus"),
            navigate: async (href) => did.push(href) }];
        self.clients.matchAll = async () => open;
        const event = new ExtendableEvent("notificationclick");
        event.notification = { close: () => did.push("close"), data: { path } };
        let done; event.waitUntil = (promise) => { done = promise; };
        self.dispatchEvent(event);
        await done;
        return did;
    }"""
    assert worker.evaluate(press, waiting.path[6:]) == ["close", "focus", served.url + waiting.path]
    assert worker.evaluate(press, "") == ["close", "focus"]
    for outside in ("https://evil.example/", "//evil.example/", "../api/v1/config", "/"):
        assert worker.evaluate(press, outside) == ["close"]


def test_signing_out_ends_it(served, store):  # noqa: F811
    page = sign_in(served, "Ana Kovač")
    browser = PushBrowser("https://push.example/ana")
    keys = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    page.context.add_init_script(f"({GIVE_SUBSCRIPTION})({json.dumps(keys)})")
    page.goto(f"{served.url}/desk/account")
    page.get_by_role("switch", name="Notify me in this browser").press("Space")
    expect(page.get_by_role("list", name="Where you are notified")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).first.press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert list_subscriptions(store, find_agent(store, 1).id) == []


def test_a_new_session_confirms_it_at_once(served, store):  # noqa: F811
    page = sign_in(served, "Ana Kovač")
    browser = PushBrowser("https://push.example/ana")
    keys = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    page.context.add_init_script(f"({GIVE_SUBSCRIPTION})({json.dumps(keys)})")
    page.goto(f"{served.url}/desk/account")
    page.get_by_role("switch", name="Notify me in this browser").press("Space")
    expect(page.get_by_role("list", name="Where you are notified")).to_be_visible()
    with store.write() as connection:  # it has run out, as it does after hours
        connection.execute(delete(sessions))
    page.goto(f"{served.url}/desk/sign-in")
    page.get_by_label("E-mail address").fill("ana@smreka.example")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_response("**/desk/push") as answered:
        page.get_by_role("button", name="Sign in").click()
    assert answered.value.json()["on"] is True
    assert len(list_subscriptions(store, 1)) == 1
    page.get_by_role("button", name="Sign out", exact=True).first.press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert list_subscriptions(store, 1) == []
