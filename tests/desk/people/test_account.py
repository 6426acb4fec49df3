"""Your account: one's own password and sessions, and nobody else's."""

from __future__ import annotations

import pytest

from odziv.chat.json import conversation_json
from odziv.desk.frame.limits import PER_DEVICE
from odziv.desk.frame.origins import name_device, shorten_address
from odziv.store.agents.accounts import list_people
from odziv.store.agents.agent import find_agent_by_email
from odziv.store.agents.passwords import find_reset, make_reset
from odziv.store.agents.sessions import SEEN_MS, list_sessions
from odziv.store.agents.shown_name import name_for_customers
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from tests.desk.conftest import PASSWORD, come_in

NEW = {"old": PASSWORD, "password": "another long password", "again": "another long password"}


def test_a_new_password_keeps_this_session_and_ends_the_others(app, ana, marek, store):
    other, link = come_in(app, ana.agent), make_reset(store, ana.agent.id)
    assert ana.post("/desk/account/password", **NEW).status_code == 303
    assert ana.get("/desk/queue").status_code == 200
    assert other.get("/desk/queue").status_code == 303
    assert marek.get("/desk/queue").status_code == 200
    assert find_reset(store, link) is None
    assert come_in(app, ana.agent, password=NEW["password"])


@pytest.mark.parametrize(
    "changed",
    [{"old": "wrong"}, {"old": ""}, {"again": "x"}, {"password": "short", "again": "short"}, {"old": "x" * 5000}],
)
def test_what_does_not_change_it(app, ana, store, changed):
    before = find_agent_by_email(store, ana.agent.email).password_hash
    answer = ana.post("/desk/account/password", **{**NEW, **changed})
    assert answer.status_code == 422 and "field-error" in answer.text and PASSWORD not in answer.text
    assert find_agent_by_email(store, ana.agent.email).password_hash == before


def test_guessing_the_old_password_is_slowed_down(ana):
    wrong = {**NEW, "old": "wrong"}
    answers = [ana.post("/desk/account/password", **wrong).status_code for _ in range(PER_DEVICE.amount + 1)]
    assert answers == [422] * PER_DEVICE.amount + [429]
    assert ana.post("/desk/account/password", **NEW).status_code == 429


def test_ones_own_name_is_changed_and_customers_read_it(ana, waiting, store):
    assert ana.post("/desk/account/name", name="  Ana Kranjc ").status_code == 303
    assert 'value="Ana Kranjc"' in ana.get("/desk/account").text
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    assert list_messages(store, waiting.id)[-1].text == "V pogovor se vključuje Ana."
    [entry] = list_entries(store, action="name_changed")
    assert (entry.agent_id, entry.object) == (ana.agent.id, f"agent:{ana.agent.id}")
    assert ana.post("/desk/account/name", name="Ana Kranjc").status_code == 303
    assert len(list_entries(store, action="name_changed")) == 1  # it was that already


def test_customers_read_another_name_where_one_is_chosen(ana, waiting, store, client):
    assert "Without one customers read “Ana”." in ana.get("/desk/account").text
    ana.post("/desk/account/name", name="Ana Kovač", shown_name=" Ana iz podpore ")
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    assert list_messages(store, waiting.id)[-1].text == "V pogovor se vključuje Ana iz podpore."
    assert conversation_json(find_conversation(store, waiting.id))["agent"]["name"] == "Ana iz podpore"
    assert "Ana Kovač" in ana.get(waiting.path).text  # colleagues read the whole name
    ana.post("/desk/account/name", name="Ana Kovač", shown_name="  ")
    assert conversation_json(find_conversation(store, waiting.id))["agent"]["name"] == "Ana"
    entries = list_entries(store, action="shown_name_changed")
    assert [entry.detail.get("after") for entry in entries] == [None, "Ana iz podpore"]


@pytest.mark.parametrize("name", ["Ana\nNovak", "\u202eavoN", "x" * 61, "\0"])
def test_what_is_no_name_for_customers_is_refused_beside_the_field(ana, store, name):
    answer = ana.post("/desk/account/name", name="Ana Kovač", shown_name=name)
    assert answer.status_code == 422 and "field-error" in answer.text
    assert find_agent_by_email(store, ana.agent.email).shown_name is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana Kovač", "Ana"),
        ("dr. Ana Kovač", "Ana"),
        ("mag. dr. Ana Marija Kovač", "Ana"),
        ("Kovač, Ana", "Ana"),
        ("Smreka", "Smreka"),
        ("dr.", "dr."),
        ("Anna-Maria Nowak", "Anna-Maria"),
    ],
)
def test_the_first_name_is_found(name, shown):
    assert name_for_customers(name, None) == shown
    assert name_for_customers(name, "Podpora") == "Podpora"


@pytest.mark.parametrize("name", ["", "   ", "Ana\nNovak", "\u202eavoN", "x" * 121, "\0"])
def test_what_is_no_name_is_refused_beside_the_field(ana, store, name):
    answer = ana.post("/desk/account/name", name=name)
    assert answer.status_code == 422 and "field-error" in answer.text
    assert find_agent_by_email(store, ana.agent.email).name == ana.agent.name


def test_a_name_is_no_markup(ana):
    assert ana.post("/desk/account/name", name="<b>Ana</b>").status_code == 303
    page = ana.get("/desk/account").text
    assert "<b>Ana</b>" not in page and "&lt;b&gt;Ana&lt;/b&gt;" in page


def test_sessions_are_listed_with_where_and_when(app, ana, store):
    come_in(app, ana.agent)
    page = ana.get("/desk/account").text
    assert page.count("last seen just now") == 2 and page.count("This one") == 1 and "from 127.0.0.0/24" in page
    assert "127.0.0.1" not in page


def test_one_session_is_ended_and_only_that(app, ana, store):
    [mine] = list_sessions(store, ana.agent.id)
    first, second = come_in(app, ana.agent), come_in(app, ana.agent)
    gone = next(s.id for s in list_sessions(store, ana.agent.id) if s.id not in {mine.id, _id_of(second, store)})
    assert ana.post(f"/desk/account/sessions/{gone}/end").status_code == 303
    assert [person.get("/desk/queue").status_code for person in (ana, first, second)] == [200, 303, 200]
    assert ana.post(f"/desk/account/sessions/{gone}/end").status_code == 404


def _id_of(person, store) -> str:
    """The session of this browser: the one its page doesn't offer to end."""
    page = person.get("/desk/account").text
    return next(s.id for s in list_sessions(store, person.agent.id) if s.id not in page)


def test_anothers_session_is_out_of_reach(ana, marek, boss, store):
    [session] = list_sessions(store, marek.agent.id)
    for who in (ana, boss):
        assert who.post(f"/desk/account/sessions/{session.id}/end").status_code == 404
        assert who.post("/desk/account/sessions/end-others", agent_id=str(marek.agent.id)).status_code == 303
    assert marek.get("/desk/queue").status_code == 200


@pytest.mark.parametrize("session_id", ["x", "0" * 64, "%00", "' OR 1=1 --", "x" * 3000])
def test_a_made_up_session_is_not_found(ana, session_id):
    assert ana.post(f"/desk/account/sessions/{session_id}/end").status_code == 404
    assert ana.get("/desk/queue").status_code == 200


def test_a_sessions_id_is_no_session(app, ana, store):
    [session] = list_sessions(store, ana.agent.id)
    thief = app.test_client()
    with thief.session_transaction(base_url="http://localhost/desk/") as cookie:
        cookie["_user_id"], cookie["_fresh"] = session.id, True
    assert thief.get("/desk/queue").status_code == 303


def test_everywhere_else_is_not_here(app, ana, marek):
    others = [come_in(app, ana.agent) for _ in range(3)]
    assert ana.post("/desk/account/sessions/end-others").status_code == 303
    assert "Signed out in 3 other places" in ana.get("/desk/account").text
    assert [other.get("/desk/queue").status_code for other in others] == [303] * 3
    assert marek.get("/desk/queue").status_code == 200


@pytest.mark.parametrize(
    "path", ["password", "sessions/end-others", "two-factor", "two-factor/off", "two-factor/codes"]
)
@pytest.mark.slow
def test_without_the_sessions_token_nothing_changes(app, ana, store, path):
    other, before = come_in(app, ana.agent), find_agent_by_email(store, ana.agent.email)
    assert ana.client.post(f"/desk/account/{path}", data=NEW).status_code == 400
    assert other.get("/desk/queue").status_code == 200 and find_agent_by_email(store, ana.agent.email) == before


def test_last_seen_is_renewed_once_a_minute(ana, store):
    def seen() -> int:
        return next(person.last_seen_at for person in list_people(store))

    first = seen()
    store.clock.now = first + SEEN_MS - 1
    ana.get("/desk/queue")
    assert seen() == first
    store.clock.now = first + SEEN_MS + 1
    ana.get("/desk/queue")
    assert seen() == first + SEEN_MS + 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("<script>alert(1)</script>" * 99, "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_device_is_made_of_known_names(header, name):
    assert name_device(header) == name


@pytest.mark.parametrize(
    ("address", "shortened"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("unix:", None),
        (None, None),
    ],
)
def test_an_address_is_shortened(address, shortened):
    assert shorten_address(address) == shortened
