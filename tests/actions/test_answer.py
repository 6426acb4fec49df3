from __future__ import annotations

import pytest

from actions.answer import answer_directly
from tests.actions.conftest import make_article


def kinds(payload):
    return [button["kind"] for button in payload["buttons"]]


def test_a_sure_answer_comes_with_its_article_follow_ups_and_a_way_to_a_person(run, kb):
    done = run("action_answer", "question_sl")
    assert kb.asked == [("Kako vrnem jakno?", "sl")]
    assert done.payload["answer"] == {
        "article": "orders/return",
        "language": "sl",
        "title": "Kako vrnete izdelek",
        "url": "https://help.example/help/sl/orders/return",
        "confidence": 0.9,
    }
    assert done.payload["buttons"] == [
        {"title": "Kdaj dobite denar nazaj", "kind": "follow_up", "intent": "choose_article",
         "article": "orders/refund-time"},
        {"title": "To mi je pomagalo", "kind": "helped", "intent": "feedback_positive"},
        {"title": "Želim govoriti s človekom", "kind": "human", "intent": "request_human"},
    ]  # fmt: skip
    assert [each["article"] for each in done.payload["considered"]] == ["orders/return", "orders/refund-time"]
    assert done.slots == {"article": None, "unanswered": 0, "expects": None, "handoff_reason": None}
    assert "handoff" not in done.payload and done.follow_up is None


def test_a_short_article_is_shown_whole_with_links_that_work_anywhere(run):
    text = run("action_answer", "question_sl").payload["text"]
    assert text.startswith("You have 14 days, see [the exceptions](https://help.example/help/sl/orders/return-exc")
    assert "**How**\n\nFill in the form." in text and "#" not in text


def test_of_a_long_article_the_opening_and_the_passage_that_matches(run, kb):
    body = "Opening.\n\n## Middle\n" + "word " * 119 + "\n\n## More\n" + "word " * 40 + "\n\n## End\nThe end matters.\n"
    kb.shelf["orders/return", "sl"] = make_article("orders/return", "sl", body)
    text = run("action_answer", "question_sl").payload["text"]
    assert text.startswith("Opening.\n\n**End**\n\nThe end matters.\n\nCeloten članek: [Kako vrnete izdelek](https://")


def test_of_a_very_long_article_the_opening_too(run, kb):
    body = "A word. " * 59 + "\n\n## End\n" + "it matters " * 50
    kb.shelf["orders/return", "sl"] = make_article("orders/return", "sl", body)
    text = run("action_answer", "question_sl").payload["text"]
    assert text.startswith("A word. A word.") and text.count("A word.") == 25 and text.count("it matters") == 50


def test_an_answer_in_another_language_says_so(run, kb):
    kb.found = ("shops/hours",)
    done = run("action_answer", "question_sl")
    assert done.payload["text"].startswith("To imam samo v poljščini:\n\n")
    assert done.payload["answer"]["language"] == "pl"
    assert done.payload["buttons"][-1]["title"] == "Želim govoriti s človekom"


def test_an_article_that_asks_for_a_person_offers_one_first(run, kb):
    kb.found = ("orders/late-parcel",)
    done = run("action_answer", "question_slash_en")
    assert kinds(done.payload)[0] == "human" and kinds(done.payload).count("human") == 1
    assert done.payload["buttons"][0]["article"] == "orders/late-parcel"
    assert done.payload["text"].endswith("Would you like someone from our team to look into it?")
    assert (done.slots["expects"], done.slots["handoff_reason"]) == ("person", "article")


def test_a_leading_slash_is_part_of_the_question(run, kb):
    run("action_answer", "question_slash_en")
    assert kb.asked == [("/greet how do I return it", "en")]


@pytest.mark.parametrize("kind", ["suggest", "none"])
def test_not_sure_means_asking_back(run, kb, kind):
    kb.kind = kind
    done = run("action_answer", "question_sl")
    assert done.follow_up == "action_ask_back" and not done.payloads


def test_a_chosen_article_is_given_without_asking_the_knowledge_base_again(run, kb):
    done = run("action_answer", "chosen_pl")
    assert not kb.asked
    assert done.payload["answer"]["article"] == "orders/return" and done.payload["answer"]["confidence"] == 1.0
    assert done.slots["article"] is None and done.slots["unanswered"] == 0


def test_a_chosen_article_that_is_gone_leads_to_a_question_back(run):
    done = run("action_answer", "chosen_gone_en")
    assert done.follow_up == "action_ask_back" and not done.payloads


def test_an_article_taken_away_between_deciding_and_answering_is_no_error(run, kb, monkeypatch):
    decision = kb.decide("x", "sl")
    monkeypatch.setattr(kb, "decide", lambda text, language: decision)
    monkeypatch.setattr(kb, "article", lambda article_id, language: None)
    assert run("action_answer", "question_sl").follow_up == "action_ask_back"


def test_without_rasa_the_same_answer_or_none(kb, run):
    assert answer_directly(kb, "Kako vrnem jakno?", "sl", public_url="https://help.example") == (
        run("action_answer", "question_sl").payload
    )
    kb.kind = "suggest"
    assert answer_directly(kb, "Kako vrnem jakno?", "sl") is None
    assert answer_directly(kb, "", "sl", article="orders/return")["answer"]["url"] == "/help/sl/orders/return"
    assert answer_directly(kb, "", "sl", article="orders/no-such") is None
