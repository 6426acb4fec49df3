"""Each question of a message gets its answer; the customer's own words never become markup."""

from dataclasses import replace

import pytest

from actions import several
from actions.replies import Replies, text_for
from actions.several import LONGEST_QUOTE, compose, decide_by_part, one_of_a_case, quote
from kb import Decision, Hit
from kb.render import render
from odziv.cases.bot_replies import read_reply

RETURN, LATE, REFUND = "orders/return", "orders/late-parcel", "orders/refund-time"


@pytest.fixture
def replies(kb):
    return Replies(kb, "https://help.example")


def decided(kb, kind, article_id, language="en", *, confidence=0.9, passage=0):
    article = kb.article(article_id, language)
    hit = Hit(article.id, article.language, article.title, None, article.passages[passage].text, confidence, {})
    return Decision(kind, language, (hit,), confidence)


def test_every_question_gets_its_answer_in_order_under_its_articles_title(kb, replies):
    questions = ["how do i send it bakc?", "And when is the money there?"]
    found = compose(replies, questions, [decided(kb, "answer", RETURN), decided(kb, "answer", REFUND)], "en")
    first = found["text"].index("**[Returning an item](https://help.example/help/en/orders/return)**")
    second = found["text"].index("**[When you get your money back](https://help.example/help/en/orders/refund-time)**")
    assert first < second and not any(question in found["text"] for question in questions)
    assert found["answer"]["article"] == RETURN and "handoff" not in found
    assert [button["kind"] for button in found["buttons"]] == ["helped", "human"]
    assert [each["article"] for each in found["considered"]] == [RETURN, REFUND]
    assert read_reply([{"custom": found}]).text == found["text"]


@pytest.mark.parametrize(
    ("language", "left"),
    [
        ("en", "I can't answer this reliably:"),
        ("sl", "Na to vam ne znam zanesljivo odgovoriti:"),
        ("pl", "Na to nie potrafię odpowiedzieć z całą pewnością:"),
    ],
)
def test_what_nothing_is_known_of_is_named_and_a_person_is_offered(kb, replies, language, left):
    decisions = [decided(kb, "answer", RETURN, language), Decision("none", language, (), 0.0)]
    found = compose(replies, ["how do I send it back?", "are you hiring?"], decisions, language)
    assert found["text"].endswith(f"{text_for('left_open', language)}\n\n- Are you hiring?")
    assert text_for("left_open", language) == left
    reply = read_reply([{"custom": found}])
    assert reply.handoff is None and [button["kind"] for button in reply.buttons] == ["helped", "human"]


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "Gift wrapping", "I'm afraid I don't have any information about “Gift wrapping”."),
        ("sl", "Zavijanje daril", "Žal nimam podatkov o temi »Zavijanje daril«."),
        ("hr", "Zamatanje", "Nažalost, o temi „Zamatanje” nemam podataka."),
        ("pl", "Pakowanie", "Niestety nie mam informacji na temat „Pakowanie”."),
    ],
)
def test_a_matter_without_an_article_is_named_instead_of_quoted(kb, replies, language, name, said):
    near = replace(decided(kb, "suggest", REFUND, language, confidence=0.4), missing=name)
    found = compose(replies, ["how?", "gift?"], [decided(kb, "answer", RETURN, language), near], language)
    assert said in found["text"] and "ift?" not in found["text"]
    assert text_for("left_open", language) not in found["text"]
    assert [answer["article"] for answer in found["considered"]] == [RETURN]
    assert [button["kind"] for button in found["buttons"]] == ["follow_up", "helped", "human"]


def test_what_is_likely_is_answered_and_what_is_less_so_is_offered(kb, replies):
    likely, faint = decided(kb, "suggest", REFUND, confidence=0.4), decided(kb, "suggest", LATE, confidence=0.3)
    rival = decided(kb, "suggest", REFUND, confidence=0.29).hits
    faint = replace(faint, hits=(*faint.hits, *rival))
    found = compose(replies, ["a?", "b?", "c?"], [decided(kb, "answer", RETURN), likely, faint], "en")
    assert "/help/en/orders/refund-time)" in found["text"] and found["text"].endswith("Did you mean one of these?")
    assert [(b["kind"], b.get("article")) for b in found["buttons"]] == [
        ("follow_up", LATE), ("helped", None), ("human", None),
    ]  # fmt: skip


def test_nothing_sure_is_no_reply_at_all(kb, replies):
    assert compose(replies, ["a?", "b?"], [decided(kb, "suggest", RETURN), decided(kb, "none", LATE)], "en") is None


def test_two_questions_to_one_article_show_both_passages_once(kb, replies):
    how, condition = (decided(kb, "answer", RETURN, passage=place) for place in (1, 2))
    found = compose(replies, ["how do I send it back?", "in what state?"], [how, condition], "en")
    assert found["text"].count("Fill in the form.") == found["text"].count("Unused and complete.") == 1
    assert "/help/en/orders/return)" not in found["text"] and found["answer"]["article"] == RETURN


@pytest.mark.parametrize(
    ("language", "told", "wanted"),
    [
        ("en", "you sent me the wrong colour", "want another"),
        ("sl", "dobil sem napačno barvo", "zamenjal bi"),
        ("hr", "dobio sam krivu boju", "zamijenio bih"),
        ("pl", "przyszedł zły kolor", "na inny"),
    ],
)
def test_of_two_ways_out_of_one_case_the_better_is_answered(kb, language, told, wanted):
    kb.shelf = {key: replace(each, topics=("returns/how-to-return",)) for key, each in kb.shelf.items()}
    article = Hit(RETURN, language, "", None, "", 0.9, {})
    weak = Decision("suggest", language, (replace(article, confidence=0.4),), 0.4)
    strong = Decision("answer", language, (article,), 0.9)
    assert one_of_a_case(kb, [told, wanted], [weak, strong], language) == [1]
    asked = {"en": "can I return it", "sl": "kako vrnem", "hr": "kako vratim", "pl": "jak zwrócić"}[language]
    assert one_of_a_case(kb, [asked, asked], [weak, strong], language) == [0, 1]


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


def whole(kb, confidence=0.4, kind="suggest", missing=""):
    """What is known of a message: it may be about sending something back, or about money."""
    return replace(
        decided(kb, kind, RETURN, confidence=confidence),
        hits=(*decided(kb, kind, RETURN, confidence=confidence).hits, *decided(kb, kind, REFUND, confidence=0.2).hits),
        question="too heavy to carry back? it's 24 kilos", missing=missing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([("answer", RETURN, 0.8), ("none", LATE, 0.1)], "answer"),
        ([("answer", RETURN, 0.8), ("answer", RETURN, 0.7)], "answer"),
        ([("answer", RETURN, 0.8), ("answer", LATE, 0.7)], "suggest"),  # two matters
        ([("answer", LATE, 0.9), ("none", RETURN, 0.2)], "suggest"),  # the whole is about something else
        ([("answer", RETURN, 0.55), ("none", LATE, 0.1)], "suggest"),  # not sure enough
        ([("suggest", RETURN, 0.45), ("none", LATE, 0.1)], "suggest"),
        ([], "suggest"),
    ],
)
def test_a_part_that_is_sure_of_what_the_whole_only_offers_answers_it(kb, monkeypatch, parts, kind):
    decisions = [decided(kb, own, article, confidence=confidence) for own, article, confidence in parts]
    monkeypatch.setattr(several, "decide_parts", lambda *_: decisions)
    found = decide_by_part(kb, whole(kb))
    assert found.kind == kind and found.hits[0].article == RETURN and len(found.hits) == 2
    assert found.confidence == found.hits[0].confidence == (parts[0][2] if kind == "answer" else 0.4)


def test_no_part_is_asked_where_the_whole_is_sure_is_nothing_or_rather_about_something_else(kb, monkeypatch):
    monkeypatch.setattr(several, "decide_parts", lambda *_: pytest.fail("asked"))
    for each in (whole(kb, 0.9, "answer"), whole(kb, 0.1, "none"), whole(kb, missing="Jobs"), whole(kb, 0.7)):
        assert decide_by_part(kb, each) is each


def test_one_question_is_not_looked_up_twice(kb, replies, monkeypatch):
    monkeypatch.setattr(several, "split_questions", lambda text, language, kb: [text])
    assert several.answer_several(kb, replies, "where is it?", "en") is None and not kb.asked
