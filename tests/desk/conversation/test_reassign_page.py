"""Take over and Assign to…, above a conversation: who sees them, what a press does, and what a forged one does."""

from __future__ import annotations

import re

import pytest

from odziv.settings import Desk
from odziv.store.agents.mentions import count_unread
from odziv.store.conversations.conversation import find_conversation
from odziv.store.handoffs.handoff import list_queue

OFFERED = re.compile(r'action="[^"]*/(take-over|assign)"')


def offered(person, waiting) -> list[str]:
    return OFFERED.findall(person.get(waiting.path).text)


def test_an_administrator_takes_over_and_reads_that_they_have_it(store, ana, boss, taken):
    assert offered(boss, taken) == ["take-over"]  # nobody else is there to be given it
    assert boss.post(f"{taken.path}/take-over").location == taken.path
    assert "With you" in boss.get(taken.path).text
    assert find_conversation(store, taken.id).agent_id == boss.agent.id
    assert "You are reading along" in ana.get(taken.path).text
    assert offered(boss, taken) == offered(ana, taken) == []


def test_the_colleague_finds_it_under_mentions(store, ana, boss, taken):
    boss.post(f"{taken.path}/take-over")
    page = ana.get("/desk/mentions").text
    assert "Špela Novak took this over from Ana Kovač." in page and 'class="badge good">New' in page
    ana.get(taken.path)
    assert count_unread(store, ana.agent.id) == 0


def test_an_administrator_gives_it_to_a_colleague_who_is_there(store, ana, marek, boss, taken):
    page = boss.get(taken.path).text
    assert f'value="{marek.agent.id}"' in page and f'value="{ana.agent.id}"' not in page  # who has it already
    assert boss.post(f"{taken.path}/assign", to=str(marek.agent.id)).status_code == 303
    assert find_conversation(store, taken.id).agent_id == marek.agent.id
    assert "Marek Zieliński has it now." in boss.get(taken.path).text


def test_what_waits_is_given_without_being_taken_first(store, ana, boss, waiting):
    assert offered(boss, waiting) == ["assign"]
    boss.post(f"{waiting.path}/assign", to=str(ana.agent.id))
    assert find_conversation(store, waiting.id).agent_id == ana.agent.id and list_queue(store) == []


def test_others_see_no_button_and_a_press_of_their_own_changes_nothing(store, ana, marek, taken):
    assert offered(marek, taken) == []
    for path, fields in (("take-over", {}), ("assign", {"to": str(marek.agent.id)})):
        answer = marek.post(f"{taken.path}/{path}", **fields)
        assert answer.status_code == 403 and "Only an administrator may" in answer.text
    assert find_conversation(store, taken.id).agent_id == ana.agent.id


def test_where_the_setting_says_so_everybody_does(app, store, ana, marek, taken):
    services = app.extensions["odziv"]
    services.settings = services.settings.model_copy(update={"desk": Desk(take_over="everyone")})
    assert offered(marek, taken) == ["take-over"]
    assert marek.post(f"{taken.path}/take-over").status_code == 303
    assert find_conversation(store, taken.id).agent_id == marek.agent.id


@pytest.mark.parametrize("to", ["", "-1", "9" * 40, "queue", "<script>", "\u0661"])
def test_an_impossible_colleague_is_refused(store, ana, boss, taken, to):
    answer = boss.post(f"{taken.path}/assign", to=to)
    assert answer.status_code == 409 and "<script>" not in answer.text
    assert find_conversation(store, taken.id).agent_id == ana.agent.id


def test_unknown_conversations_are_not_found_and_the_token_is_asked_for(boss, taken):
    assert boss.post("/desk/conversations/nowhere/take-over").status_code == 404
    assert boss.client.post(f"{taken.path}/take-over").status_code == 400


def test_a_page_that_stays_open_hears_whose_it_is_now(ana, marek, boss, taken):
    boss.post(f"{taken.path}/assign", to=str(marek.agent.id))
    news = boss.get(f"{taken.path}/log?after=2&mode=open").text
    assert 'id="banner" hx-swap-oob="true"' in news and "<strong>Marek Zieliński</strong> has this conversation" in news
