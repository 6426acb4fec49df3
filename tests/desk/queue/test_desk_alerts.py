"""What a page may notify its agent of: whom they could take, and who wrote to them. Never what was written."""

from __future__ import annotations

from odziv.store.agents.availability import set_available, set_skills
from odziv.store.conversations.messages import add_customer_message
from tests.desk.conftest import hand_off


def news_of(person) -> dict:
    answer = person.get("/desk/news")
    assert answer.status_code == 200
    return answer.get_json()


def test_a_new_handoff_is_told_in_words_without_the_customers(ana, store):
    waiting = hand_off(store, "Moja skrivnost", reason="complaint")
    told = news_of(ana)
    assert told == {
        "handoffs": [{"id": waiting.handoff, "words": "Complaint, Slovenian", "url": waiting.path}],
        "messages": [],
        "mentions": [],
    }
    assert "skrivnost" not in str(told)


def test_whoever_is_away_or_lacks_the_language_is_not_told(ana, marek, store):
    waiting = hand_off(store, "Kje je moj paket?")
    set_skills(store, marek.agent.id, capacity=None, languages=["pl"], topics=[])
    assert [h["id"] for h in news_of(ana)["handoffs"]] == [waiting.handoff]
    assert news_of(marek)["handoffs"] == []
    set_available(store, ana.agent.id, False)
    assert news_of(ana)["handoffs"] == []


def test_customers_messages_are_told_to_who_has_them(ana, marek, taken, store):
    before = news_of(ana)["messages"]
    add_customer_message(store, taken.id, "c9", "Halo?", "")
    after = news_of(ana)["messages"]
    assert [m["conversation"] for m in after] == [taken.id] and after[0]["url"] == taken.path
    assert after[0]["seq"] > before[0]["seq"]
    assert news_of(marek)["messages"] == []
    ana.post_fragment(f"{taken.path}/messages", text="Tu sem.", kind="reply")
    assert news_of(ana)["messages"] == after


def test_it_is_for_those_who_are_signed_in(app):
    assert app.test_client().get("/desk/news").status_code == 303


def test_what_was_taken_over_is_told_to_who_had_it_until_they_look(ana, boss, taken):
    boss.post(f"{taken.path}/take-over")
    [told] = news_of(ana)["mentions"]
    assert told["url"] == taken.path and news_of(boss)["mentions"] == []
    ana.get(taken.path)
    assert news_of(ana)["mentions"] == []
