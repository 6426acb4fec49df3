"""Who is written to when something waits too long while nobody is there, and the switch for it."""

# ruff: noqa: F811 (fixtures that come from another module are arguments here)

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.cases.overdue import list_overdue, list_to_tell
from odziv.cases.queue_monitor import GRACE_MS, QueueMonitor
from odziv.cases.routing import load_team
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import find_availability, renew_presence, set_skills, set_wants_mail
from odziv.store.audit import list_entries
from odziv.store.schema import deliveries, notifications
from odziv.store.webhooks.subscriptions import add_webhook
from tests.desk.queue.test_targets import at, came, settings, store  # noqa: F401 (business hours)


@pytest.fixture
def both(store, ana, marek):
    """Both want mail, and neither is there."""
    for person in (ana, marek):
        set_wants_mail(store, person.agent.id, True)
    return ana.agent, marek.agent


@pytest.fixture
def handoff(store, both):
    handoff = came(store, "2026-11-23 09:00")
    store.clock.now = at("2026-11-23 12:00")
    return handoff


def test_it_is_off_until_somebody_turns_it_on(store, ana, settings):
    assert find_availability(store, ana.agent.id).wants_mail is False
    page = ana.get("/desk/account").get_data(as_text=True)
    assert "E-mail when something waits too long" in page and "sends no e-mail yet" in page
    assert ana.post("/desk/account/overdue-mail", wanted="1").status_code == 303
    assert find_availability(store, ana.agent.id).wants_mail is True
    ana.post("/desk/account/overdue-mail", wanted="1")
    ana.post("/desk/account/overdue-mail", wanted="<script>")
    assert find_availability(store, ana.agent.id).wants_mail is False
    entries = list_entries(store, action="overdue_mail_changed")
    assert [(e.agent_id, e.detail) for e in entries] == [(ana.agent.id, {"now": "off"}), (ana.agent.id, {"now": "on"})]


def test_nobody_outside_switches_it(client, store, ana):
    assert client.post("/desk/account/overdue-mail", data={"wanted": "1"}).status_code in {302, 303, 400}
    assert find_availability(store, ana.agent.id).wants_mail is False


def test_who_wants_it_is_away_and_can_take_it(store, settings, both, handoff):
    ana, marek = both
    assert list_to_tell(load_team(store, settings), handoff) == [ana.id, marek.id]
    set_skills(store, marek.id, capacity=None, languages=["pl"], topics=[])
    assert list_to_tell(load_team(store, settings), handoff) == [ana.id]
    set_skills(store, marek.id, capacity=None, languages=["sl"], topics=[])
    set_disabled(store, ana.id, True)
    assert list_to_tell(load_team(store, settings), handoff) == [marek.id]
    renew_presence(store, marek.id)
    assert list_to_tell(load_team(store, settings), handoff) == []


def test_the_monitor_tells_agents_and_programs_once(store, settings, both, handoff):
    store.mail_domain = "smreka.example"
    webhook_id, _ = add_webhook(store, "https://shop.example/hook", ["conversation.waiting_too_long"])
    monitor = QueueMonitor(store, settings)
    monitor._began -= GRACE_MS
    for _ in range(3):
        monitor.look_after_absence()
    with store.read() as connection:
        written = connection.execute(select(notifications.c.agent_id, notifications.c.conversation_id)).all()
        [body] = connection.execute(select(deliveries.c.body)).scalars()
    assert sorted(written) == sorted((agent.id, handoff.conversation_id) for agent in both)
    assert '"type":"conversation.waiting_too_long"' in body and f'"id":{handoff.id}' in body and "Halo?" not in body


def test_somebody_in_danger_is_told_of_at_once_whatever_the_hour(store, settings):  # noqa: F811
    came(store, "2026-11-22 03:00")  # a Sunday
    sad = came(store, "2026-11-22 03:00", reason="danger")
    store.clock = lambda: at("2026-11-22 03:01")
    assert [h.id for h in list_overdue(store, settings)] == [sad.id]
