"""The shipped articles with the library and the real encoder: what customers get for questions that avoid its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.vectors.encoder import load_encoder

pytestmark = pytest.mark.encoder
ARTICLES = Path(__file__).parents[2] / "kb" / "articles"


@pytest.fixture(scope="module")
def kb(tmp_path_factory) -> KnowledgeBase:
    return KnowledgeBase.open(
        ARTICLES, tmp_path_factory.mktemp("index"), load_encoder(), languages=["sl", "hr", "pl", "en"]
    )


@pytest.mark.parametrize(
    ("language", "text", "article"),
    [
        ("en", "the shoes are too tight, what's the last day they can go back", "orders/return"),
        ("sl", "čevlji me tiščijo, do kdaj jih lahko pošljem nazaj?", "orders/return"),
        ("hr", "cipele su mi uske, do kojeg dana ih mogu poslati natrag?", "orders/return"),
        ("sl", "koliko dni imam za vračilo", "orders/return"),
        ("en", "nobody was in when the van came, what now", "delivery/missed-delivery"),
        ("hr", "nisam bila doma kad je kurir zvonio", "delivery/missed-delivery"),
        ("pl", "nikogo nie było, jak kurier dzwonił do drzwi", "delivery/missed-delivery"),
    ],
)
def test_a_question_is_known_by_its_topic(kb, language, text, article):
    assert article in [hit.article for hit in kb.search(text, language)[:2]]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "a si lahko pri vas sposodim šotor za vikend"),
        ("hr", "iznajmljujete li kajake na dan?"),
        ("pl", "czy można u was wypożyczyć namiot na tydzień"),
        ("en", "do you rent out tents for a weekend"),
        ("sl", "iščete koga za delo v trgovini?"),
        ("hr", "tražite li radnike?"),
        ("pl", "szukacie pracowników?"),
        ("en", "are you hiring at the moment?"),
        ("sl", "mi lahko to zavijete kot darilo"),
        ("hr", "umatate li poklone?"),
        ("pl", "czy pakujecie na prezent?"),
        ("en", "could you gift wrap it please"),
    ],
)
def test_a_topic_without_an_article_is_answered_by_no_neighbour(kb, language, text):
    decision = kb.decide(text, language)
    assert decision.kind != "answer", decision.hits[0]


def test_a_known_topic_without_an_article_holds_back_a_sure_neighbour(kb):
    """Words of a topic that no shipped article has, beside those of one that is there."""
    decision = kb.decide("are you hiring at the moment?", "en")
    assert decision.hits[0].evidence["elsewhere"] >= 0.5 and decision.kind != "answer"


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("sl", "zavijete v darilni papir?", "Zavijanje daril"),
        ("hr", "dajete li studentski popust", "Popust za studente i učenike"),
        ("pl", "czy pakujecie na prezent?", "Pakowanie na prezent"),
        ("en", "do you gift wrap", "Gift wrapping"),
        ("en", "how do i see whats left on my gift card", "Gift card balance"),
    ],
)
def test_the_matter_without_an_article_is_known_by_its_name(kb, language, text, name):
    assert kb.decide(text, language).missing == name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hr", "Mogu li vratiti narudžbu?"),
        ("pl", "Czy mogę zwrócić zamówienie?"),
        ("en", "Can I return my order?"),
    ],
)
def test_whether_anything_can_be_returned_is_not_what_cannot(kb, language, text):
    assert kb.decide(text, language).hits[0].article == "orders/return"


def test_without_the_library_nothing_of_it_counts(tmp_path):
    kb = KnowledgeBase.open(ARTICLES, tmp_path, load_encoder(), languages=["en"], library="off")
    hit = kb.search("do you rent out tents for a weekend", "en")[0]
    assert hit.evidence["topic"] == hit.evidence["elsewhere"] == 0
