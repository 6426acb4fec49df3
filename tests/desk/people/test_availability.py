"""Available and away, capacity, "Take next" by skills, and the page "Agents"."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.settings import Desk
from odziv.store.agents.availability import find_availability, is_available, set_skills
from odziv.store.handoffs.handoff import list_inbox, list_queue
from odziv.store.schema import agents
from tests.desk.conftest import build_app, hand_off


def text_of(response) -> str:
    return response.get_data(as_text=True)


@pytest.fixture
def admin(sign_in, store):
    person = sign_in("Vera Novak")
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == person.agent.id).values(role="admin"))
    return person


def test_the_switch_goes_both_ways_and_back_to_the_page(ana, store, waiting):
    assert 'aria-checked="true"' in text_of(ana.get("/desk/queue"))
    assert ana.post("/desk/availability", available="0", next=waiting.path).location == waiting.path
    assert not is_available(store, ana.agent.id)
    assert 'aria-checked="false"' in text_of(ana.get("/desk/queue"))
    ana.post("/desk/availability", available="1")
    assert is_available(store, ana.agent.id)


def test_on_a_page_that_answers_a_form_the_switch_leads_to_the_queue(ana, marek, taken):
    refused = marek.post(f"/desk/handoffs/{taken.handoff}/claim")
    assert 'name="next" value=""' in text_of(refused)


@pytest.mark.parametrize("value", ["", "2", "yes"])
def test_there_is_no_third_state(ana, store, value):
    assert ana.post("/desk/availability", available=value).status_code == 400
    assert is_available(store, ana.agent.id)


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "/desk/\\evil.example", "/api/v1", ""])
def test_the_switch_leads_to_no_other_site(ana, page):
    assert ana.post("/desk/availability", available="1", next=page).location == "/desk/queue"


def test_a_page_that_is_open_is_a_sign_of_life_for_agents_only(ana, client, store):
    store.clock.advance(3_600_000)
    assert ana.get("/desk/alive").status_code == 204
    assert find_availability(store, ana.agent.id).seen_at == store.clock()
    assert client.get("/desk/alive").status_code == 303


def test_every_page_of_the_desk_shows_signs_of_life_and_doors_don_t(ana, client):
    assert "presence.js" in text_of(ana.get("/desk/queue"))
    assert "presence.js" not in text_of(client.get("/desk/sign-in"))


def test_taking_over_capacity_works_with_a_notice(ana, store):
    set_skills(store, ana.agent.id, capacity=1, languages=[], topics=[])
    first, second = hand_off(store, "Prva"), hand_off(store, "Druga")
    ana.post(f"/desk/handoffs/{first.handoff}/claim")
    assert "your capacity" not in text_of(ana.get(first.path))
    ana.post(f"/desk/handoffs/{second.handoff}/claim")
    assert "You have 2 open conversations now; your capacity is 1." in text_of(ana.get(second.path))
    assert len(list_inbox(store, ana.agent.id)) == 2


def test_take_next_goes_by_language_and_leaves_the_rest_to_colleagues(ana, marek, store):
    set_skills(store, ana.agent.id, capacity=None, languages=["sl"], topics=[])
    set_skills(store, marek.agent.id, capacity=None, languages=["pl"], topics=[])
    polish, slovenian = hand_off(store, "Dzień dobry", "pl"), hand_off(store, "Dober dan")
    assert ana.post("/desk/next").location == slovenian.path
    assert ana.post("/desk/next").location == "/desk/queue"
    assert "are for colleagues who are here" in text_of(ana.get("/desk/queue"))
    assert [h.conversation_id for h in list_queue(store)] == [polish.id]
    marek.post("/desk/sign-out")
    assert ana.post("/desk/next").location == polish.path


def test_only_administrators_see_and_change_the_page(ana, admin, client, store):
    assert "/desk/agents/skills" in text_of(admin.get("/desk/people"))
    assert "/desk/agents/skills" not in text_of(ana.get("/desk/account"))
    assert ana.get("/desk/agents/skills").status_code == 403
    assert ana.post(f"/desk/agents/{ana.agent.id}/skills", capacity="9").status_code == 403
    assert admin.post(f"/desk/agents/{10**30}/skills", capacity="9").status_code == 404
    assert client.get("/desk/agents/skills").status_code == 303
    assert find_availability(store, ana.agent.id).capacity is None


def test_an_administrator_sets_what_an_agent_takes(ana, admin, store):
    path = f"/desk/agents/{ana.agent.id}/skills"
    fields = {"capacity": "3", "languages": ["pl", "sl"], "topics": ["delivery"]}
    assert admin.post(path, **fields).location == f"/desk/agents/skills#agent-{ana.agent.id}"
    found = find_availability(store, ana.agent.id)
    assert (found.capacity, found.languages, found.topics) == (3, ("sl", "pl"), ("delivery",))
    page = text_of(admin.get("/desk/agents/skills"))
    assert "Saved: Ana Kovač." in page and "Available, 0 open" in page
    admin.post(path)
    found = find_availability(store, ana.agent.id)
    assert (found.capacity, found.languages, found.topics) == (None, (), ())


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        *(({"capacity": value}, "capacity") for value in ("0", "101", "-1", "1.5", "x", "٣", "1" * 5000)),
        ({"languages": "xx"}, "language “xx”"),
        ({"languages": ["sl", "<script>"]}, "language “&lt;script&gt;”"),
        ({"topics": "nothing"}, "topic “nothing”"),
    ],
)
@pytest.mark.slow
def test_what_can_t_be_used_names_the_field_and_changes_nothing(ana, admin, store, fields, word):
    response = admin.post(f"/desk/agents/{ana.agent.id}/skills", **fields)
    assert response.status_code == 422 and word in text_of(response)
    found = find_availability(store, ana.agent.id)
    assert (found.capacity, found.languages, found.topics) == (None, (), ())


def test_nobody_s_skills_can_t_be_set(admin):
    for nobody in (4711, 10**30):
        assert admin.post(f"/desk/agents/{nobody}/skills", capacity="3").status_code == 404


def test_without_a_token_nothing_is_saved(ana, admin, store):
    path = f"/desk/agents/{ana.agent.id}/skills"
    assert admin.client.post(path, data={"capacity": "3"}).status_code == 400
    assert find_availability(store, ana.agent.id).capacity is None


def test_a_topic_whose_articles_are_gone_can_be_kept_or_taken_off(ana, admin, store):
    set_skills(store, ana.agent.id, capacity=None, languages=[], topics=["tents"])
    assert 'value="tents" checked' in text_of(admin.get("/desk/agents/skills"))
    assert admin.post(f"/desk/agents/{ana.agent.id}/skills", topics="tents").status_code == 303
    assert admin.post(f"/desk/agents/{ana.agent.id}/skills").status_code == 303
    assert admin.post(f"/desk/agents/{ana.agent.id}/skills", topics="tents").status_code == 422


def test_config_ymls_defaults_are_shown(store, settings, admin):
    desk = Desk(agent_capacity=4, agent_languages=("pl",), agent_topics=("tents",))
    app = build_app(store, settings.model_copy(update={"desk": desk}))
    admin.client.application = app
    page = text_of(admin.get("/desk/agents/skills"))
    assert "None chosen, so: Polish." in page and "None chosen, so: Tents." in page and 'placeholder="4"' in page
