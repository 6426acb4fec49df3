"""Erasing a customer at the desk: what would go, then a receipt. Administrators alone."""

from __future__ import annotations

import re

import pytest

from odziv.cases.customer_data.erasing import Erasures
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.erasures import list_erasures
from tests.fixtures import set_contact


def add(store, **contact) -> str:
    """A conversation of Anna's, by name and address."""
    conversation_id = create_conversation(store, "demo", "en").id
    add_customer_message(store, conversation_id, "c1", "Where is it?", "")
    set_contact(store, conversation_id, email="anna@customer.example", **contact)
    return conversation_id


@pytest.fixture
def hers(store) -> list[str]:
    """Two that the site verified, and one in which her address was typed."""
    return [
        add(store, customer="a1", verified=True),
        add(store, customer="a1", verified=True),
        add(store, name="<b>Eve"),
    ]


def mark_on(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("ticked", "left"), [({}, [False, False, True]), ({"also_unsure": "1"}, [False] * 3)])
def test_shown_erased_and_receipted(store, settings, boss, hers, ticked, left):
    path = f"/desk/conversations/{hers[0]}/erase"
    plan = boss.get(path).text
    assert "2 conversations with" in plan and "In 1 more" in plan and all(each in plan for each in hers)
    assert "Nothing was erased yet" in boss.get("/desk/erasures").text
    assert boss.post(path, shown=mark_on(plan), **ticked).location == "/desk/erasures"
    assert "0 of" in boss.get("/desk/erasures").text and find_conversation(store, hers[0]) is not None
    assert Erasures(store, settings).work_off() == 1
    assert [find_conversation(store, each) is not None for each in hers] == left
    (erased,) = list_erasures(store)
    page = boss.get("/desk/erasures").text
    assert f"Receipt {erased.id}" in page and "Finished" in page and f"by {boss.agent.name}" in page
    assert "anna@" not in page and hers[0] not in page
    assert "Everything of a customer erased" in boss.get("/desk/audit").text


def test_nothing_goes_that_was_not_on_the_page(store, boss, hers):
    path = f"/desk/conversations/{hers[0]}/erase"
    mark = mark_on(boss.get(path).text)
    add(store, customer="a1", verified=True)
    for sent in (mark, "", "<script>"):
        assert boss.post(path, shown=sent).location == path
    assert "Nothing was erased" in boss.get(path).text and list_erasures(store) == []


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, store, hers, who):
    person = sign_in("Nik Hribar", who)
    path = f"/desk/conversations/{hers[0]}/erase"
    assert [person.get(each).status_code for each in (path, "/desk/erasures")] == [403, 403]
    assert person.post(path, shown="2-1-0").status_code == 403 and list_erasures(store) == []


def test_an_unknown_one_is_not_found(boss):
    path = f"/desk/conversations/{'0' * 24}/erase"
    assert (boss.get(path).status_code, boss.post(path).status_code) == (404, 404)
