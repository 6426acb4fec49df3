"""Topics of the library that no article answers: never answered as sure from a neighbour, and known by their name."""

from dataclasses import replace

import pytest

from kb.hits import is_rather_elsewhere
from kb.knowledge import CLOSE, Decision, Hit, decision, is_missing
from kb.model.topics import TopicModel
from tests.fake_topics import ASKED, RETURN, WRAPPING, fake_topics
from tests.scratch_articles import write


@pytest.fixture
def topics(monkeypatch, encoder) -> TopicModel:
    """Two topics, opened as what was learnt."""
    model = fake_topics(encoder)
    monkeypatch.setattr("kb.knowledge.load_topics", lambda encoder: model)
    return model


def certain(kb, language="en", **limits):
    """Have everything count as sure, as far as its confidence goes."""
    kb.calibration[language] = replace(kb.calibration["en"], **({"answer_from": 0.0, "suggest_from": 0.0} | limits))


@pytest.mark.parametrize(("language", "name"), [("en", "Gift wrapping"), ("sl", "Zavijanje daril")])
def test_it_is_known_by_its_name_and_not_answered(topics, folder, open_kb, language, name):
    write(folder, "en/orders/return", "Return an item", ["send something back"], topics=f"[{RETURN}]")
    kb = open_kb(library=["returns"])
    certain(kb, language)
    decision = kb.decide(ASKED[WRAPPING], language)
    assert (decision.kind, decision.missing, decision.hits[0].elsewhere) == ("suggest", name, WRAPPING)
    certain(kb, language, answer_from=1.1)
    assert kb.decide(ASKED[WRAPPING], language).kind == "none"


@pytest.mark.parametrize(("status", "customers", "agents"), [("internal", WRAPPING, ""), ("published", "", "")])
def test_an_internal_article_answers_it_for_agents_only(topics, folder, open_kb, status, customers, agents):
    write(folder, "en/orders/return", "Return an item", ["send something back"], topics=f"[{RETURN}]")
    write(folder, "en/gifts/wrap", "Wrapping", ["wrap my gift"], status=status, topics=f"[{WRAPPING}]")
    kb = open_kb(library=["returns"])
    for include_internal, missing in ((False, customers), (True, agents)):
        decision = kb.decide(ASKED[WRAPPING], "en", include_internal=include_internal)
        assert (decision.hits[0].elsewhere if decision.missing else "") == missing


def test_a_language_without_names_is_asked_back_as_before(topics, folder, open_kb):
    write(folder, "en/orders/return", "Return an item", ["send something back"], topics=f"[{RETURN}]")
    kb = open_kb(languages=["en", "hr"], library=["returns"])
    certain(kb, "hr", answer_from=1.1)
    decision = kb.decide(ASKED[WRAPPING], "hr")
    assert (decision.kind, decision.missing) == ("suggest", "")


@pytest.mark.parametrize(
    ("head", "apart", "kind"),
    [
        ({"follow_ups": "[payment/methods]"}, 0.9 * CLOSE, "suggest"),
        ({"follow_ups": "[payment/methods]"}, 1.1 * CLOSE, "answer"),
        ({}, 0.0, "answer"),
    ],
)
def test_of_two_close_articles_that_lead_to_each_other_none_is_the_answer(folder, open_kb, head, apart, kind):
    write(folder, "en/payment/refund", "Refunds", ["when do I get my money"], **head)
    kb = open_kb()
    certain(kb)
    hits = tuple(
        Hit(
            name,
            "en",
            "",
            None,
            "",
            0.9,
            {"score": 0.5 - rank * apart, "elsewhere": 0.0, "unanswered": 0.0, "topic": 0.0},
        )
        for rank, name in enumerate(("payment/methods", "payment/refund"))
    )
    assert decision(kb._snapshot, hits, "en").kind == kind


def test_only_likely_choices_are_offered():
    hits = tuple(Hit(f"a/{n}", "en", "", None, "", share, {}) for n, share in enumerate((0.4, 0.11, 0.09, 0.4)))
    assert [hit.article for hit in Decision("suggest", "en", hits, 0.4).choices] == ["a/0", "a/1"]
    assert Decision("none", "en", (), 0.0).choices == ()


@pytest.mark.parametrize(
    ("elsewhere", "unanswered", "is_so", "is_named"),
    [
        (0.7, 0.7, True, True), (0.5, 0.5, True, False), (0.4, 0.6, False, False), (0.15, 0.7, True, False),
        (0.0, 0.0, False, False),
    ],
)  # fmt: skip
def test_a_question_rather_about_other_topics_is_not_answered(elsewhere, unanswered, is_so, is_named):
    hit = Hit("a/b", "en", "", None, "", 0.9, {"elsewhere": elsewhere, "unanswered": unanswered, "topic": 0.4})
    assert (is_rather_elsewhere(hit), is_missing(hit)) == (is_so, is_named)
