"""The page "Team": for administrators, with what each has, and a way to a note for them."""

from __future__ import annotations

import pytest

from tests.desk.conftest import hand_off


def test_who_has_what_and_who_waits(store, ana, boss, taken):
    other = hand_off(store, "Kje je moj paket?", reason="complaint")
    page = boss.get("/desk/team").text
    assert "Ana Kovač" in page and "1 waits for an answer, longest" in page and "1 of 6" in page
    assert "Complaint" in page and f"/desk/conversations/{other.id}" in page and "1 waiting" in page
    part = boss.get("/desk/team", **{"HX-Request": "true"}).text
    assert "Ana Kovač" in part and "<html" not in part


def test_whispering_begins_a_note_that_mentions_the_agent(store, ana, boss, taken):
    link = f"/desk/conversations/{taken.id}?mention={ana.agent.id}"
    assert link in boss.get("/desk/team").text
    page = boss.get(link).text
    assert "\n@Ana Kovač </textarea>" in page and 'name="kind" value="note"' in page
    boss.post(f"{taken.path}/messages", text="@Ana Kovač ponudi popust", kind="note", client_id="c1")
    assert "ponudi popust" in ana.get("/desk/mentions").text


def test_who_has_it_begins_no_reply_so(ana, marek, taken):
    assert "@Marek" not in ana.get(f"{taken.path}?mention={marek.agent.id}").text


@pytest.mark.parametrize("mention", ["0", "4711", "x", "-1", "9" * 30])
def test_whom_there_isn_t_is_not_mentioned(boss, taken, mention):
    answer = boss.get(f"{taken.path}?mention={mention}")
    assert answer.status_code == 200 and "\n@" not in answer.text


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused_and_hear_nothing_of_it(sign_in, who, waiting):
    person = sign_in("Nik Hribar", who)
    assert person.get("/desk/team").status_code == 403 and "/desk/team" not in person.get("/desk/queue").text
    assert "team" not in person.get("/desk/state?team=1").get_json()["marks"]


def test_the_stream_tells_the_page_alone(store, ana, boss, taken):
    page = boss.get("/desk/team").text
    told = boss.get("/desk/state?team=1").get_json()["marks"]["team"]
    assert f'data-team="{told}"' in page and "/desk/events?team=1" in page
    ana.post(f"{taken.path}/messages", text="Dober dan", kind="reply", client_id="c1")
    assert boss.get("/desk/state?team=1").get_json()["marks"]["team"] != told
    assert "team" not in boss.get("/desk/state").get_json()["marks"]
    assert "data-team" not in boss.get("/desk/report").text
