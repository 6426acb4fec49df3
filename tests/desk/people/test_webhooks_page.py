"""Webhooks as administrators see them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation
from odziv.store.schema import deliveries, webhooks
from odziv.store.webhooks.deliveries import Attempt, finish_delivery, take_delivery
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook, list_deliveries, list_webhooks

URL = "https://1.1.1.1/hook?key=a"


def post(person, path: str, **fields):
    from tests.desk.conftest import csrf_of

    return person.client.post(path, data={"csrf_token": csrf_of(person.client), **fields})


@pytest.fixture
def hook(store) -> str:
    return f"/desk/webhooks/{add_webhook(store, URL, EVENTS)[0]}"


def fail_one(store) -> None:
    finish_delivery(store, take_delivery(store, (), 1), Attempt(500, "<b>oh</b>", "It answered 500."), None)


def test_a_webhook_is_added_and_its_secret_shown_once(boss, store):
    page = post(boss, "/desk/webhooks", url=URL, events=["message.created", "conversation.rated"]).text
    secret = re.search(r'value="(whsec_[^"]+)"', page)[1]
    [webhook] = list_webhooks(store)
    assert (webhook.url, webhook.events) == (URL, ("message.created", "conversation.rated"))
    assert secret not in boss.get("/desk/webhooks").text
    assert list_entries(store, action="webhook_added")[0].agent_id == boss.agent.id
    assert URL not in str(list_entries(store))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://1.1.1.1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost:5005/",
        "https://a@1.1.1.1/",
        "https://nobody.invalid/",
        "https://1.1.1.1/" + "x" * 3000,
        "javascript:alert(1)",
        '"><script>alert(1)</script>',
    ],
)
@pytest.mark.slow
def test_addresses_that_may_not_be_used_are_refused_with_a_reason(boss, store, url):
    answer = post(boss, "/desk/webhooks", url=url, events=["message.created"])
    assert answer.status_code == 422 and 'role="alert"' in answer.text and "<script>alert" not in answer.text
    assert list_webhooks(store) == []


@pytest.mark.slow
@pytest.mark.parametrize("events", [[], ["conversation.eaten"], ["webhook.test"], ["message.created", ""]])
def test_events_that_are_none_are_refused(boss, store, events):
    assert post(boss, "/desk/webhooks", url=URL, events=events).status_code == 422
    assert list_webhooks(store) == []


def test_there_is_an_end_to_how_many(boss, store, monkeypatch):
    monkeypatch.setattr("odziv.desk.people.webhooks.MOST_WEBHOOKS", 1)
    add_webhook(store, URL, EVENTS)
    assert post(boss, "/desk/webhooks", url=URL, events=["message.created"]).status_code == 422


def test_deliveries_are_listed_with_what_came_back_and_sent_again(boss, store, hook):
    create_conversation(store, "demo", "sl")
    fail_one(store)
    page = boss.get(hook).text
    assert "It answered 500." in page and "&lt;b&gt;oh&lt;/b&gt;" in page and "Given up" in page
    assert "conversation.created" in boss.get(f"{hook}?failed=1").text
    [delivery] = list_deliveries(store, int(hook.rsplit("/", 1)[1]))
    assert post(boss, f"{hook}/deliveries/{delivery.id}/resend").status_code == 303
    assert take_delivery(store, (), 1).event_id == delivery.event_id
    assert post(boss, f"{hook}/deliveries/{delivery.id + 1}/resend").status_code == 409


def test_a_test_is_sent(boss, store, hook):
    assert post(boss, f"{hook}/test").status_code == 303
    assert '"type":"webhook.test"' in take_delivery(store, (), 1).body


def test_pages_of_deliveries(boss, store, hook, monkeypatch):
    monkeypatch.setattr("odziv.desk.people.webhooks.PAGE_SIZE", 2)
    for _ in range(3):
        create_conversation(store, "demo", "sl")
    older = re.search(r"\?before=\d+", boss.get(hook).text)[0]
    assert boss.get(hook + older).text.count("conversation.created</strong>") == 1
    assert boss.get(f"{hook}?before=9e9").status_code == 200


def test_one_that_was_switched_off_is_seen_on_every_page_until_it_is_on(boss, ana, store, hook):
    assert "switched off" not in boss.get("/desk/queue").text
    with store.write() as connection:
        connection.execute(update(webhooks).values(enabled=False, off_reason="failing"))
    assert "a webhook was switched off" in boss.get("/desk/queue").text
    assert "a webhook was switched off" not in ana.get("/desk/queue").text
    assert 'role="alert"' in boss.get(hook).text and "1 off" in boss.get("/desk/audit").text
    assert post(boss, f"{hook}/test").status_code == 409
    assert post(boss, f"{hook}/state", state="on").status_code == 303
    assert "a webhook was switched off" not in boss.get("/desk/queue").text


def test_switched_off_and_removed_by_hand(boss, store, hook):
    create_conversation(store, "demo", "sl")
    assert post(boss, f"{hook}/state", state="king").status_code == 422
    assert post(boss, f"{hook}/state", state="off").status_code == 303
    assert "a webhook was switched off" not in boss.get("/desk/queue").text and take_delivery(store, (), 1) is None
    assert post(boss, f"{hook}/remove").status_code == 303
    with store.read() as connection:
        assert connection.execute(deliveries.select()).all() == []
    for path in (hook, "/desk/webhooks/999", "/desk/webhooks/99999999999999999999999"):
        assert boss.get(path).status_code == 404
