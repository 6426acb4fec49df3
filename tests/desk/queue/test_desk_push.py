"""Notifications while the desk is closed: turned on, confirmed and off, by whom it may be; and the desk as an app."""

from __future__ import annotations

import re

import pytest

from odziv.desk.queue.push import PER_MINUTE
from odziv.store.agents.agent import set_disabled
from odziv.store.audit import list_entries
from odziv.store.push.pushes import take_push
from odziv.store.push.subscriptions import MOST_OF_ONE, list_subscriptions
from tests.desk.conftest import PASSWORD, build_app, come_in
from tests.push.push_browser import PushBrowser


def fields(browser: PushBrowser, **more: str) -> dict[str, str]:
    return {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth, **more}


def turn_on(person, endpoint: str = "https://push.example/ana"):
    return person.post_fragment("/desk/push", **fields(PushBrowser(endpoint), wanted="1"))


def devices(store, person) -> list[str | None]:
    return [one.device for one in list_subscriptions(store, person.agent.id)]


def test_turned_on_listed_tried_and_turned_off(ana, store):
    ana.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 15; Mobile) Gecko/1 Firefox/150.0"
    assert turn_on(ana).json["on"] is True
    page = ana.get("/desk/account").get_data(as_text=True)
    assert "Firefox on Android" in page and "push.example" not in page
    assert ana.post_fragment("/desk/push/try", endpoint="https://push.example/ana").status_code == 204
    assert take_push(store, 1000).tag == "try"
    assert ana.post_fragment("/desk/push/off", endpoint="https://push.example/ana").status_code == 204
    assert list_subscriptions(store, ana.agent.id) == []
    assert ana.post_fragment("/desk/push/try", endpoint="https://push.example/ana").status_code == 404
    assert [entry.action for entry in list_entries(store) if entry.action.startswith("push")] == ["push_off", "push_on"]


def test_a_browser_is_only_confirmed_where_it_is_on(ana, marek, store):
    browser = PushBrowser("https://push.example/shared")
    assert ana.post_fragment("/desk/push", **fields(browser)).json == {"on": False}
    ana.post_fragment("/desk/push", **fields(browser, wanted="1"))
    assert ana.post_fragment("/desk/push", **fields(browser)).json["on"] is True
    assert marek.post_fragment("/desk/push", **fields(browser)).json == {"on": False}
    # And whoever turns it on at a browser that another used, has it alone.
    assert marek.post_fragment("/desk/push", **fields(browser, wanted="1")).json["on"] is True
    assert list_subscriptions(store, ana.agent.id) == [] and len(devices(store, marek)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/a"},
        {"endpoint": "https://user:password@push.example/a"},
        {"endpoint": "https://push.example/a#b"},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://push.example/a b"},
        {"endpoint": "https://push.example/č"},
        {"endpoint": "https://push.example:99999/"},
        {"endpoint": "https://push.example/" + "a" * 2000},
        {"endpoint": ""},
        {"p256dh": ""},
        {"p256dh": "AAAA"},
        {"p256dh": "B" + "A" * 86},  # of the right length, and no point of the curve
        {"p256dh": "č" * 87},
        {"p256dh": "A" * 5000},
        {"auth": ""},
        {"auth": "AAAA"},
        {"auth": "%" * 22},
        {"auth": "A" * 5000},
    ],
    ids=lambda wrong: "-".join(f"{name}:{value[:30]}" for name, value in wrong.items()),
)
def test_what_is_no_browser_is_refused(ana, store, wrong):
    answer = ana.post_fragment("/desk/push", **{**fields(PushBrowser("https://push.example/a"), wanted="1"), **wrong})
    assert answer.status_code == 422 and "another browser" in answer.get_data(as_text=True)
    assert list_subscriptions(store, ana.agent.id) == []


def test_with_one_too_many_the_oldest_goes(ana, store):
    for number in range(MOST_OF_ONE + 1):
        store.clock.advance(60_000)
        assert turn_on(ana, f"https://push.example/{number}").status_code == 200
    assert len(devices(store, ana)) == MOST_OF_ONE
    assert ana.post_fragment("/desk/push/try", endpoint="https://push.example/0").status_code == 404


def test_so_many_in_a_minute_and_no_more(ana):
    answers = [turn_on(ana).status_code for _ in range(PER_MINUTE + 1)]
    assert answers == [200] * PER_MINUTE + [429]


def test_signing_out_ends_it_there_and_nowhere_else(app, ana, store):
    other = come_in(app, ana.agent)
    turn_on(ana, "https://push.example/here")
    turn_on(other, "https://push.example/there")
    ana.post("/desk/sign-out")
    assert len(devices(store, ana)) == 1
    again = come_in(app, ana.agent)
    again.post("/desk/account/sessions/end-others")
    assert devices(store, ana) == []


def test_a_new_password_ends_it_everywhere_else(app, ana, store):
    turn_on(come_in(app, ana.agent), "https://push.example/there")
    turn_on(ana, "https://push.example/here")
    new = "a longer, better password"
    assert ana.post("/desk/account/password", old=PASSWORD, password=new, again=new).status_code == 303
    assert ana.post_fragment("/desk/push/try", endpoint="https://push.example/here").status_code == 204
    assert len(devices(store, ana)) == 1


def test_a_disabled_account_is_told_of_nothing(ana, store):
    turn_on(ana)
    set_disabled(store, ana.agent.id, True)
    assert devices(store, ana) == []


def test_another_agents_browser_can_be_neither_tried_nor_removed(ana, marek, store):
    number = turn_on(ana).json["id"]
    assert marek.post(f"/desk/push/{number}/remove").status_code == 404
    assert marek.post_fragment("/desk/push/off", endpoint="https://push.example/ana").status_code == 204
    assert len(devices(store, ana)) == 1
    assert ana.post(f"/desk/push/{number}/remove").status_code == 303
    assert devices(store, ana) == []


def test_it_takes_a_session_and_its_token(client, ana):
    nobody = client.post("/desk/push", data=fields(PushBrowser("https://push.example/a"), wanted="1"))
    assert nobody.status_code in {303, 400}
    assert ana.client.post("/desk/push", data=fields(PushBrowser("https://push.example/a"))).status_code == 400


def test_turned_off_in_the_settings_there_is_no_sign_of_it(store, settings, sign_in):
    ana = sign_in("Ana Kovač")
    off = settings.model_copy(update={"desk": settings.desk.model_copy(update={"push": False})})
    person = come_in(build_app(store, off), ana.agent)
    assert turn_on(person).json == {"on": False}
    page = person.get("/desk/account").get_data(as_text=True)
    assert "While the desk is closed" not in page and 'data-key=""' in page


def test_the_desk_can_be_installed(client):
    answer = client.get("/desk/desk.webmanifest")
    manifest = answer.get_json(force=True)
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/desk/queue", "/desk/", "standalone")
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as image:
            width = int.from_bytes(image.data[16:20], "big")
            assert image.status_code == 200 and f"{width}x{width}" == icon["sizes"]
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code in {200, 303}


def test_the_worker_works_for_the_desk_alone_and_keeps_no_page_of_it(client):
    answer = client.get("/desk/worker.js")
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-store"
    assert "Service-Worker-Allowed" not in answer.headers
    pictures = re.findall(r'"(/desk/static/[^"]+\.png)"', answer.text)
    assert len(pictures) == 2
    for path in pictures:
        with client.get(path) as picture:
            assert picture.status_code == 200 and picture.mimetype == "image/png"
    page = client.get("/desk/offline").get_data(as_text=True)
    assert "can’t be reached" in page and "<script" not in page and "csrf_token" not in page


def test_the_page_without_a_network_uses_up_no_message(app, store):  # noqa: F811
    """The service worker fetches it by itself, also between a sign-out and the page that says so."""
    client = app.test_client()
    with client.session_transaction("/desk/sign-out") as session:
        session["_flashes"] = [("message", "You are signed out.")]
    assert "You are signed out." not in client.get("/desk/offline").get_data(as_text=True)
    assert "You are signed out." in client.get("/desk/sign-in").get_data(as_text=True)
