"""Several questions about one thing that a customer tells: answered from what its article leads to."""

from types import SimpleNamespace

import pytest

from actions import several
from actions.context import led_on
from actions.several import decide_in_order
from kb import Decision, Hit

RETURN, COST, POSTAGE, EXCHANGE = "orders/return", "orders/return-cost", "delivery/cost", "orders/exchange"
ASKED = [
    ("en", ["want to return shoes", "who pays the postage"]),
    ("sl", ["rad bi vrnil čevlje", "kdo plača poštnino"]),
    ("hr", ["htio bih vratiti cipele", "tko plaća poštarinu"]),
    ("pl", ["chcę zwrócić buty", "kto płaci za przesyłkę"]),
]


class Shelf:
    """The article on returns leads to what a return costs and to exchanges; `says` is each one's confidence."""

    def __init__(self, *says):
        self.says = dict(says)

    def article(self, article_id, language):
        topics = {RETURN: ("returns/how-to-return",), EXCHANGE: ("returns/exchange-size",)}.get(article_id, ())
        return SimpleNamespace(topics=topics, follow_ups=(COST, EXCHANGE) if article_id == RETURN else ())

    def hit_of(self, article_id, text, language):
        return Hit(article_id, language, article_id, None, text, self.says.get(article_id, 0.02), {})

    def decide_all(self, texts, language):
        return [decided(language, (RETURN, 0.8)), decided(language, *self.says.items())]


def decided(language, *hits):
    found = tuple(Hit(article, language, article, None, "", confidence, {}) for article, confidence in hits)
    return Decision("answer" if hits[0][1] >= 0.5 else "suggest", language, found, found[0].confidence)


@pytest.mark.parametrize(("language", "questions"), ASKED)
def test_who_pays_is_asked_about_the_return_that_was_told(language, questions):
    kb = Shelf((POSTAGE, 0.6), (COST, 0.2))
    assert [each.hits[0].article for each in decide_in_order(kb, questions, language)] == [RETURN, COST]


@pytest.mark.parametrize(("language", "questions"), ASKED)
def test_a_question_about_something_else_stays_so(language, questions):
    kb = Shelf((POSTAGE, 0.95), (COST, 0.2))
    assert [each.hits[0].article for each in decide_in_order(kb, questions, language)] == [RETURN, POSTAGE]


def test_another_way_out_is_not_given_beside_the_one_that_was_asked_for():
    kb = Shelf((POSTAGE, 0.3), (EXCHANGE, 0.28))
    assert [each.hits[0].article for each in decide_in_order(kb, ["a", "b"], "en")] == [RETURN, RETURN]


def test_two_questions_of_no_case_lead_only_to_what_an_article_leads_to():
    alone = decided("en", (POSTAGE, 0.3), (COST, 0.25))
    found = led_on(Shelf((POSTAGE, 0.3), (COST, 0.25)), "how much", alone, RETURN, "en")
    assert (found.kind, found.hits[0].article) == ("answer", COST)
    assert [hit.article for hit in found.hits] == [COST, POSTAGE]


def test_pieces_of_a_matter_that_no_article_is_sure_of_are_asked_one_by_one(monkeypatch):
    kb = Shelf((POSTAGE, 0.3), (COST, 0.25))
    kb.decide = lambda text, language: decided(language, (RETURN, 0.4))
    monkeypatch.setattr(several, "asking_pieces", lambda text, language: ["how long have I got", "who pays"])
    monkeypatch.setattr(several, "split_questions", lambda text, language, kb: [text])
    given = SimpleNamespace(answer=lambda decision: payload(decision.hits[0].article))
    found = several.answer_several(kb, given, "I want to return it, how long have I got and who pays", "en")
    assert found["text"].count("(/)") == 2 and found["text"].endswith(f"\n\n{COST}")
    kb.decide = lambda text, language: decided(language, (RETURN, 0.6))
    assert several.answer_several(kb, given, "how do I return it and who pays", "en") is None


def payload(article):
    answer = {"article": article, "title": article, "url": "/"}
    return {"text": article, "answer": answer, "considered": [], "buttons": []}
