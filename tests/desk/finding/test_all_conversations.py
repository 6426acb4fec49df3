"""The page of all conversations: states, filters, words, pages, saved views; and who may what."""

from __future__ import annotations

import re

import pytest

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.conversations.ratings import rate_conversation
from odziv.store.conversations.spam import mark_spam
from odziv.store.handoffs.handoff import claim, release
from odziv.store.handoffs.snoozes import snooze
from odziv.store.schema import saved_views
from odziv.store.search.views import find_view, list_views
from tests.desk.conftest import hand_off
from tests.fixtures import set_contact

PATH = "/desk/conversations"
NOT_SPAM = {"bot", "waiting", "open", "snoozed", "resolved"}


def shown(person, query: str = "") -> list[str]:
    """The conversations of the list, in their order, by the beginning of their number."""
    response = person.get(f"{PATH}?{query}")
    assert response.status_code == 200
    return re.findall(r'class="found-link" href="/desk/conversations/([0-9a-f]{6})', response.text)


def short(*waiting) -> list[str]:
    return [getattr(one, "id", one)[:6] for one in waiting]


@pytest.fixture
def all_states(store, ana) -> dict[str, str]:
    """One conversation in each state, by the state; the newest last."""
    found = {}
    for state in ("resolved", "spam", "snoozed", "open", "waiting"):
        store.clock.advance(60_000)
        waiting = hand_off(store, f"Sem {state}")
        found[state] = waiting.id
        if state == "spam":
            mark_spam(store, waiting.id, ana.agent.id, internal_entry("spam"))
        elif state != "waiting":
            claim(store, waiting.handoff, ana.agent.id, system_notice("joined", "sl", name="Ana"))
        if state == "snoozed":
            snooze(store, waiting.id, ana.agent.id, store.clock() + 9_000_000, internal_entry("zzz"))
        if state == "resolved":
            release(store, waiting.id, ana.agent.id, "resolved", system_notice("resolved", "sl"))
    store.clock.advance(60_000)
    with_bot = create_conversation(store, "other", "en", channel="mail")
    add_customer_message(store, with_bot.id, "c", "I am with the bot", "")
    create_conversation(store, "demo", "en")  # nothing was written in it
    return {**found, "bot": with_bot.id}


@pytest.mark.parametrize("state", ["open", "waiting", "snoozed", "bot", "resolved", "spam"])
def test_each_state_alone(ana, all_states, state):
    assert shown(ana, f"state={state}") == short(all_states[state])


def test_all_but_spam_newest_first_and_several_states(ana, all_states):
    expected = [all_states[state] for state in ("bot", "waiting", "open", "snoozed", "resolved")]
    assert shown(ana) == short(*expected)
    assert shown(ana, "order=quiet") == short(*expected[::-1])
    assert shown(ana, "order=oldest") == short(*expected[::-1])
    assert shown(ana, "state=spam&state=open") == short(all_states["open"], all_states["spam"])
    assert "5 conversations" in ana.get(PATH).text


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("site=other", {"bot"}), ("site=nowhere", set()), ("language=en", {"bot"}), ("channel=mail", {"bot"}),
        ("agent=me", {"open", "snoozed", "resolved"}), ("agent=999", set()), ("agent=x", NOT_SPAM),
        ("reason=complaint", set()), ("reason=requested", {"waiting", "open", "snoozed", "resolved"}),
        ("topic=orders", {"waiting", "open", "snoozed", "resolved"}), ("topic=nothing", set()),
        ("rating=5", set()), ("article=orders/return", set()), ("customer=nobody", set()),
        ("since=2001-01-01", NOT_SPAM), ("until=2001-01-01", set()),
        ("since=2199-01-01", set()), ("since=yesterday&until=99999-99-99", NOT_SPAM),
        ("state=nonsense&order=nonsense&kind=nonsense&after=nonsense", NOT_SPAM),
    ],
)  # fmt: skip
def test_each_filter(ana, all_states, query, states):
    assert set(shown(ana, query)) == set(short(*(all_states[state] for state in states)))


def test_by_rating_article_and_customer(store, ana, all_states):
    rate_conversation(store, all_states["resolved"], "bot", 2, None, draft_note=lambda *_: internal_entry("2 of 5."))
    set_contact(store, all_states["open"], name="Nina Škrjanc")
    answer = {"article": "orders/return", "language": "sl", "title": "Vračilo"}
    with store.write() as connection:
        append_message(connection, all_states["bot"], NewMessage("bot", "Tako.", "", answer=answer))
    assert shown(ana, "rating=2") == short(all_states["resolved"])
    assert shown(ana, "article=orders/return") == short(all_states["bot"])
    assert shown(ana, "customer=skrj") == short(all_states["open"])


def test_words_are_found_with_the_same_filters_and_marked_in_their_sentence(ana, all_states):
    page = ana.get(f"{PATH}?q=SEM&state=open").text
    assert "<mark>Sem</mark> open" in page and page.count('class="found-link"') == 1
    assert shown(ana, "q=sem") == short(*(all_states[state] for state in ("waiting", "open", "snoozed", "resolved")))
    assert shown(ana, "q=resovled") == short(all_states["resolved"])
    assert "Similar words" in ana.get(f"{PATH}?q=resovled").text


def test_what_customers_write_stays_text(store, ana):
    hand_off(store, "<script>alert(1)</script> & <mark>x</mark>")
    page = ana.get(f"{PATH}?q=alert").text
    assert "&lt;script&gt;<mark>alert</mark>(1)" in page and "<script>alert" not in page


@pytest.mark.parametrize("q", ["a" * 10_000, '"AND NEAR * " (', "%00", "%F0%9F%98%80", "%25", "%ED%A0%80", "x' OR 1=1"])
def test_hostile_words(ana, waiting, q):
    response = ana.get(f"{PATH}?q={q}&customer={q}&article={q}&site={q}&agent={q}&since={q}&after={q}")
    assert response.status_code == 200


def test_a_script_gets_the_list_alone(ana, waiting):
    part = ana.get(f"{PATH}?q=rad", **{"HX-Request": "true"}).text
    assert "<html" not in part and "<mark>Rad</mark>" in part


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "q=paket", "order=oldest", "reason=requested", "q=paket&language=sl"])
def test_pages_follow_each_other(store, ana, query):
    for number in range(60):
        store.clock.advance(1000)
        hand_off(store, f"Paket {number}")
    seen, path = [], f"{PATH}?{query}"
    while path:
        page = ana.get(path).text
        seen += re.findall(r'class="found-link" href="/desk/conversations/([0-9a-f]{6})', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == 60 == len(set(seen))


def test_the_deleted_are_not_found(ana, boss, waiting):
    assert shown(ana, "q=rad") == short(waiting)
    assert boss.post(f"{waiting.path}/delete").status_code == 303
    assert shown(ana, "q=rad") == [] == shown(ana)


def test_nobody_finds_anything_without_signing_in(client, waiting):
    assert client.get(f"{PATH}?q=rad").status_code == 303


def test_a_view_is_saved_from_the_address_and_shown_by_its_name(store, ana, marek, all_states):
    filters = "state=open&state=bogus&language=sl&after=1~a&evil=1&order=newest"
    response = ana.post("/desk/views", name="  Moji   odprti ", filters=filters)
    assert response.location == f"{PATH}?state=open&language=sl&order=newest"
    page = ana.get(response.location).text
    assert "<h1>Moji odprti</h1>" in page
    assert shown(ana, "state=open&language=sl&order=newest") == short(all_states["open"])
    assert "Moji odprti" not in marek.get(PATH).text


def test_shared_views_are_everybodys_and_changed_by_owner_and_administrators(store, ana, marek, boss):
    ana.post("/desk/views", name="Pritožbe", filters="reason=complaint", shared="1")
    [view] = list_views(store, marek.agent.id)
    assert "Pritožbe" in marek.get(PATH).text
    path = f"/desk/views/{view.id}"
    assert marek.post(path, name="x", filters="").status_code == 403 == marek.post(f"{path}/delete").status_code
    assert boss.post(path, name="Reklamacije", filters="reason=complaint", shared="1").status_code == 303
    assert find_view(store, view.id).name == "Reklamacije" and find_view(store, view.id).agent_id == ana.agent.id
    ana.post(path, name="Reklamacije", filters="reason=complaint")
    assert list_views(store, marek.agent.id) == []
    for stranger in (marek, boss):
        assert stranger.post(f"{path}/delete").status_code == 404
    assert ana.post(f"{path}/delete").status_code == 303 and find_view(store, view.id) is None
    assert ana.post(f"{path}/delete").status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\u200b", "a\0b"])
def test_a_view_needs_a_name(store, ana, name):
    assert ana.post("/desk/views", name=name, filters="q=a").status_code in (303, 422)
    assert all(view.name.strip() and "\0" not in view.name for view in list_views(store, ana.agent.id))


def test_no_more_than_fifty_views(store, ana):
    with store.write() as connection:
        row = {"agent_id": ana.agent.id, "name": "n", "query": "", "shared": False, "created_at": 1}
        connection.execute(saved_views.insert(), [row] * 50)
    response = ana.post("/desk/views", name="One more", filters="")
    assert response.status_code == 422 and "50 views already" in response.text
