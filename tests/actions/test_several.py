"""Each question of a message gets its answer; the customer's own words never become markup."""

import pytest

from actions import several
from actions.replies import Replies
from actions.several import LONGEST_QUOTE, compose, quote
from kb import Decision, Hit
from kb.render import render
from odziv.cases.bot_replies import read_reply

RETURN, LATE, REFUND = "orders/return", "orders/late-parcel", "orders/refund-time"


@pytest.fixture
def replies(kb):
    return Replies(kb, "https://help.example")


def decided(kb, kind, article_id, language="en"):
    article = kb.article(article_id, language)
    hit = Hit(article.id, article.language, article.title, None, article.passages[0].text, 0.9, {})
    return Decision(kind, language, (hit,), 0.9)


def test_every_question_gets_its_answer_in_order(kb, replies):
    questions = ["How do I send it back?", "And when is the money there?"]
    found = compose(replies, questions, [decided(kb, "answer", RETURN), decided(kb, "answer", REFUND)], "en")
    first, second = found["text"].index(questions[0]), found["text"].index(questions[1])
    assert first < found["text"].index("/help/en/orders/return)") < second
    assert second < found["text"].index("/help/en/orders/refund-time)")
    assert found["answer"]["article"] == RETURN and "handoff" not in found
    assert [button["kind"] for button in found["buttons"]] == ["helped", "human"]
    assert [each["article"] for each in found["considered"]] == [RETURN, REFUND]
    assert read_reply([{"custom": found}]).text == found["text"]


@pytest.mark.parametrize("kind", ["suggest", "none"])
def test_what_has_no_answer_is_named_and_goes_to_a_person(kb, replies, kind):
    decisions = [decided(kb, "answer", RETURN), decided(kb, kind, LATE)]
    found = compose(replies, ["how do I send it back?", "are you hiring?"], decisions, "en")
    assert found["text"].endswith("This I can't answer reliably:\n\n- Are you hiring?")
    reply = read_reply([{"custom": found}])
    assert reply.handoff == "low_confidence" and reply.answer["article"] == RETURN and not reply.buttons


def test_nothing_sure_is_no_reply_at_all(kb, replies):
    assert compose(replies, ["a?", "b?"], [decided(kb, "suggest", RETURN), decided(kb, "none", LATE)], "en") is None


def test_the_same_article_answers_once(kb, replies):
    decisions = [decided(kb, "answer", RETURN)] * 2
    assert compose(replies, ["how do I send it back?", "returning?"], decisions, "en") is None
    found = compose(replies, ["a?", "b?", "c?"], [*decisions, decided(kb, "answer", REFUND)], "en")
    assert found["text"].count("/help/en/orders/return)") == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "**[x](javascript:alert(1))**",
        "<img src=x onerror=alert(1)>",
        "# big\n- list",
        "`code` | table ~~s~~",
        "![p](http://x)",
    ],
)
def test_a_customers_words_are_shown_as_they_are(hostile):
    html = render(f"**{quote(hostile)}**", "en")
    assert "<a" not in html and "<img" not in html and "<code" not in html and "<li" not in html


def test_a_long_question_is_cut_between_words():
    found = quote("please " * 60)
    assert len(found) <= LONGEST_QUOTE + 2 and found.endswith("please …") and found.startswith("Please please")


def test_one_question_is_not_looked_up_twice(kb, replies, monkeypatch):
    monkeypatch.setattr(several, "split_questions", lambda text, language, kb: [text])
    assert several.answer_several(kb, replies, "where is it?", "en") is None and not kb.asked
