"""Exports at the desk: begun, watched, cancelled and downloaded by administrators, and by nobody else."""

from __future__ import annotations

import json

import pytest

from odziv.cases.customer_data.desk_exports import Exports
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.exports import list_exports
from tests.fixtures import set_contact

FRAGMENT = {"HX-Request": "true"}


def add(store, text: str = "Where is it?", **contact) -> str:
    conversation_id = create_conversation(store, "demo", "en").id
    add_customer_message(store, conversation_id, "c1", text, "")
    set_contact(store, conversation_id, email="anna@customer.example", **contact)
    return conversation_id


@pytest.fixture
def hers(store) -> list[str]:
    """One that the site verified, and one in which her address was typed."""
    return [add(store, customer="a1", verified=True), add(store, name="<b>Eve")]


@pytest.fixture
def work(store, settings):
    return lambda: Exports(store, settings).work_off()


def test_begun_watched_and_downloaded(store, boss, hers, work):
    assert "Nothing was exported yet" in boss.get("/desk/exports").text
    assert boss.post("/desk/exports", site="demo", since="", until="").location == "/desk/exports"
    page = boss.get("/desk/exports").text
    assert "It has been begun" in page and "Waits to be begun" in page and 'data-busy="1"' in page
    assert work() == 1
    page = boss.get("/desk/exports").text
    assert "2 conversations" in page and 'data-busy="0"' in page and f"by {boss.agent.name}" in page
    [export] = list_exports(store)
    answer = boss.client.get(f"/desk/exports/{export.id}/file", buffered=True)
    assert {json.loads(line)["id"] for line in answer.text.splitlines()} == set(hers)
    told = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "Content-Security-Policy")}
    assert told == {
        "Content-Type": "application/x-ndjson", "Cache-Control": "no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=odziv-conversations-20")
    audit = boss.get("/desk/audit").text
    assert all(words in audit for words in ("Export begun", "Exported", "Export downloaded"))


def test_a_customers(store, boss, hers, work):
    path = f"/desk/conversations/{hers[0]}/export"
    assert path in boss.get(f"/desk/conversations/{hers[0]}").text
    plan = boss.get(path).text
    assert "1 conversation with" in plan and "In 1 more" in plan and all(each in plan for each in hers)
    assert boss.post(path).location == "/desk/exports"
    assert boss.post(path, also_unsure="1").location == "/desk/exports"
    assert work() == 2
    assert sorted(export.count for export in list_exports(store)) == [1, 2]
    page = boss.get("/desk/exports").text
    assert "Everything of a customer" in page and "anna@" not in page and "<b>Eve" not in page
    answer = boss.client.get(f"/desk/exports/{list_exports(store)[0].id}/file", buffered=True)
    assert answer.data.startswith(b"PK") and answer.headers["Content-Type"] == "application/zip"


def test_cancelled_or_deleted(store, boss, hers, work):
    for _ in range(2):
        boss.post("/desk/exports")
    [first, second] = list_exports(store)
    assert boss.post(f"/desk/exports/{first.id}/cancel").location == "/desk/exports"
    assert work() == 1 and "Delete the file" in boss.get("/desk/exports").text
    boss.post(f"/desk/exports/{second.id}/cancel")
    assert [export.status for export in list_exports(store)] == ["cancelled"] * 2
    assert boss.get(f"/desk/exports/{second.id}/file").status_code == 404
    assert boss.post(f"/desk/exports/{second.id}/cancel").status_code == 409


def test_the_list_alone_for_a_script(store, boss, hers):
    boss.post("/desk/exports")
    part = boss.client.get("/desk/exports", headers=FRAGMENT).text
    assert "Waits to be begun" in part and "<html" not in part and "csrf_token" in part


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"site": "nobody"}, "no such website"),
        ({"since": "yesterday"}, "That is no day"),
        ({"since": "2026-02-30"}, "That is no day"),
        ({"until": "99999-01-01"}, "That is no day"),
        ({"since": "2026-02-02", "until": "2026-02-02"}, "after the first one"),
    ],
)
def test_what_can_not_be_is_refused(store, boss, fields, problem):
    answer = boss.post("/desk/exports", **fields)
    assert answer.status_code in (400, 422) and problem in answer.text and list_exports(store) == []


def test_days_are_those_of_utc(store, boss, hers, work):
    boss.post("/desk/exports", since="2026-01-01", until="2026-02-01")
    [export] = list_exports(store)
    assert (export.wanted["since"], export.wanted["until"]) == (1767225600000, 1769904000000)
    assert "begun from 1 January 2026 and before 1 February 2026" in boss.get("/desk/exports").text


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, boss, store, hers, work, who):
    boss.post("/desk/exports")
    work()
    [export] = list_exports(store)
    person = sign_in("Nik Hribar", who)
    paths = ("/desk/exports", f"/desk/exports/{export.id}/file", f"/desk/conversations/{hers[0]}/export")
    assert [person.get(path).status_code for path in paths] == [403] * 3
    sent = ("/desk/exports", f"/desk/exports/{export.id}/cancel", f"/desk/conversations/{hers[0]}/export")
    assert [person.post(path).status_code for path in sent] == [403] * 3
    assert "/export" not in person.get(f"/desk/conversations/{hers[0]}").text
    assert [each.status for each in list_exports(store)] == ["ready"]


def test_an_unknown_one_is_not_found(boss):
    path = f"/desk/conversations/{'0' * 24}/export"
    assert (boss.get(path).status_code, boss.post(path).status_code) == (404, 404)
    assert boss.get(f"/desk/exports/{'0' * 32}/file").status_code == 404
    assert boss.get("/desk/exports/..%2F..%2Fodziv.sqlite/file").status_code == 404
