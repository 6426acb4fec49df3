"""Mentions: a name after an @ in a note is marked, counted for the one it names, and read when they look."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.cases.conversations.mentions import TAG
from odziv.store.agents.accounts import list_people
from odziv.store.agents.mentions import count_unread, list_mentions
from odziv.store.conversations.messages import list_messages
from odziv.store.schema import agents
from tests.desk.conftest import add_agent


def text_of(response) -> str:
    return response.get_data(as_text=True)


def note(person, waiting, text, kind="note"):
    assert person.post(f"{waiting.path}/messages", text=text, kind=kind).status_code == 303
    store = person.client.application.extensions["odziv"].store
    return list_messages(store, waiting.id, internal=True)[-1].html


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("@Marek Zieliński poglej", "@Marek Zieliński"),
        ("Prosim, @marek!", "@marek"),
        ("**@Marek Zieliński**: nujno", "@Marek Zieliński"),
        ("(@MAREK)", "@MAREK"),
    ],
)
@pytest.mark.slow
def test_a_named_colleague_is_marked_and_told(ana, marek, waiting, store, text, marked):
    assert f'<mark class="mention">{marked}</mark>' in note(ana, waiting, text)
    assert (count_unread(store, marek.agent.id), count_unread(store, ana.agent.id)) == (1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["piši na info@Marek.example", "@Marekova", "@@Marek", "Marek", "@ Marek", "@Nobody"])
def test_what_only_looks_like_a_mention_is_none(ana, marek, waiting, store, text):
    assert "<mark" not in note(ana, waiting, text) and count_unread(store, marek.agent.id) == 0


def test_a_first_name_that_two_have_names_nobody(ana, marek, waiting, store):
    second = add_agent(store, "Drugi")
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == second.id).values(name="marek Drugi"))
    assert "<mark" not in note(ana, waiting, "@Marek poglej")
    note(ana, waiting, "@Marek Drugi poglej")
    assert (count_unread(store, second.id), count_unread(store, marek.agent.id)) == (1, 0)


def test_a_reply_to_the_customer_mentions_nobody(ana, marek, taken, store):
    assert "<mark" not in note(ana, taken, "@Marek", kind="reply")
    assert count_unread(store, marek.agent.id) == 0


def test_nobody_mentions_themselves_or_somebody_who_is_out(ana, boss, waiting, store):
    gone = add_agent(store, "Gaja Out")
    boss.post(f"/desk/people/{gone.id}/state", state="disabled")
    note(ana, waiting, "@Ana @Gaja Out")
    assert count_unread(store, ana.agent.id) == count_unread(store, gone.id) == 0
    assert {p.name for p in list_people(store)} >= {"Gaja Out"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["<b>Zed</b>", 'Q"uote', "A&B Co", "[x](http://e)", "Re.gex (.*)+", "İİ ſ"])
def test_odd_names_break_nothing(ana, sign_in, waiting, store, name):
    agent = add_agent(store, name)
    html = note(ana, waiting, f"@{name} ſ @ſ <i>@{name}</i>")
    assert "<b>" not in html and "<i>" not in html and count_unread(store, agent.id) <= 1


def test_a_name_inside_a_link_leaves_the_link_whole(ana, marek, waiting):
    html = note(ana, waiting, '[x](https://e.example/@Marek "a > @Marek") @Marek')
    assert html.count("<mark") == 1 and 'href="https://e.example/@Marek"' in html
    assert TAG.split('<a title="a > b">t</a>')[1] == '<a title="a > b">'


def test_the_one_who_is_named_finds_the_note_and_has_read_it_once_they_look(ana, marek, waiting, store):
    note(ana, waiting, "@Marek **poglej**")
    assert 'id="count-mentions" data-count="1"' in text_of(marek.get("/desk/queue"))
    page = text_of(marek.get("/desk/mentions"))
    assert "<strong>poglej</strong>" in page and "New</span>" in page and f"{waiting.path}?at=" in page
    assert count_unread(store, marek.agent.id) == 1
    ana.get(waiting.path)
    assert count_unread(store, marek.agent.id) == 1
    marek.get(waiting.path)
    assert count_unread(store, marek.agent.id) == 0
    assert "New</span>" not in text_of(marek.get("/desk/mentions"))


def test_all_can_be_marked_as_read(ana, marek, waiting, store):
    note(ana, waiting, "@Marek")
    assert marek.post("/desk/mentions/read").status_code == 303
    assert count_unread(store, marek.agent.id) == 0 and len(list_mentions(store, marek.agent.id)) == 1


def test_a_note_that_comes_with_a_transfer_mentions_too(ana, marek, taken, store):
    ana.post(f"{taken.path}/transfer", to="queue", language="sl", note="@Marek, tvoje")
    assert count_unread(store, marek.agent.id) == 1


def test_colleagues_are_listed_without_oneself_and_without_who_is_out(ana, marek, boss, store):
    gone = add_agent(store, "Gaja Out")
    boss.post(f"/desk/people/{gone.id}/state", state="disabled")
    listed = ana.get("/desk/colleagues").get_json()
    assert [c["name"] for c in listed] == ["Marek Zieliński", "Špela Novak"]
    assert listed[1]["search"] == "spela novak"
