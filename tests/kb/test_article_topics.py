"""What an article answers, said or unsaid: proposed with how sure, accepted, denied; and topics of its sections."""

from __future__ import annotations

import pytest

from kb.snapshot import PHRASING, TOPIC
from kb.sources.editing import NotWritten
from tests.fake_topics import ASKED, RETURN, WRAPPING, fake_topics
from tests.scratch_articles import write


@pytest.fixture(autouse=True)
def topics(monkeypatch, encoder):
    monkeypatch.setattr("kb.knowledge.load_topics", lambda _: fake_topics(encoder))


@pytest.fixture
def wrap(folder):
    """An article that is asked for as the topic is, and names none."""
    return write(folder, "en/gifts/wrap", "Wrap it", [ASKED[WRAPPING], "can you wrap a gift"])


def proposed(kb) -> list[tuple[str, str]]:
    return [(each.article, each.topic) for each in kb.topics.proposals()]


def test_what_is_not_said_is_proposed_with_how_sure(wrap, open_kb):
    kb = open_kb(library=["returns"])
    found = {each.article: each for each in kb.topics.proposals()}
    assert found["gifts/wrap"].topic == WRAPPING and 0.3 <= found["gifts/wrap"].sure <= 1
    assert kb.topics.name(WRAPPING, "sl") == "Zavijanje daril" and kb.topics.name(WRAPPING, "pl") == WRAPPING
    assert kb.topics.is_answered(WRAPPING) and kb.topics.has(RETURN) and not kb.topics.has("a/b")


def test_accepted_it_is_in_the_head_at_once_gone_from_the_list_and_counts_still(wrap, open_kb):
    kb = open_kb(library=["returns"])
    assert kb.topics.accept("gifts/wrap", WRAPPING) == ["en/gifts/wrap.md"]
    assert ("gifts/wrap", WRAPPING) not in proposed(kb)  # before the watcher has seen it
    assert kb.refresh() and ("gifts/wrap", WRAPPING) not in proposed(kb)
    assert kb.article("gifts/wrap", "en").topics == (WRAPPING,) and kb.topics.is_answered(WRAPPING)


def test_denied_it_is_in_the_head_gone_from_the_list_and_does_not_count(wrap, open_kb):
    kb = open_kb(library=["returns"])
    assert kb.topics.deny("gifts/wrap", WRAPPING) == ["en/gifts/wrap.md"]
    assert ("gifts/wrap", WRAPPING) not in proposed(kb)
    assert kb.refresh() and ("gifts/wrap", WRAPPING) not in proposed(kb)
    assert not kb.topics.is_answered(WRAPPING)
    assert kb.decide(ASKED[WRAPPING], "en").hits[0].elsewhere == WRAPPING
    assert ("gifts/wrap", WRAPPING) not in proposed(open_kb(library=["returns"]))  # after a restart


def test_what_an_article_that_names_none_is_a_little_about_is_not_said_to_be_missing(folder, open_kb):
    asked = [ASKED[WRAPPING], "opening hours on Sunday", "where is the shop", "how late are you there"]
    write(folder, "en/shops/all", "Our shops", [*asked, "is there a car park"])
    kb = open_kb(library=["returns"])
    assert ("shops/all", WRAPPING) not in proposed(kb) and not kb.topics.is_answered(WRAPPING)
    assert kb.decide(ASKED[WRAPPING], "en").missing == ""
    write(folder, "en/shops/all", "Our shops", asked, topics=f"[{RETURN}]")
    assert kb.refresh() and kb.decide(ASKED[WRAPPING], "en").hits[0].elsewhere == WRAPPING


def test_an_internal_article_does_not_answer_customers(folder, open_kb):
    write(folder, "en/gifts/wrap", "Wrap it", [ASKED[WRAPPING]], status="internal", topics=f"[{WRAPPING}]")
    assert not open_kb(library=["returns"]).topics.is_answered(WRAPPING)


@pytest.mark.parametrize("library", ["off", ["payment"]])
def test_what_does_not_count_is_neither_proposed_nor_missed(wrap, open_kb, library):
    kb = open_kb(library=library)
    assert proposed(kb) == [] and not kb.topics.is_on and kb._snapshot.likely.shape[1] == len(kb._snapshot.ids)
    decision = kb.decide(ASKED[WRAPPING], "en")
    assert decision.missing == "" and decision.hits[0].evidence["topic"] == 0
    assert decision.hits[0].elsewhere == ""


def test_auto_leaves_articles_about_something_else_alone(folder, open_kb):
    for number in range(20):
        write(folder, f"en/other/page-{number}", f"Configure module {number}", [f"module {number} settings"])
    assert not open_kb().topics.is_on
    for number in range(20):
        write(folder, f"en/other/page-{number}", f"Configure module {number}", topics=f"[{RETURN}]")
    assert open_kb().topics.is_on


def test_a_section_with_the_topic_comes_before_one_without(folder, open_kb):
    body = "Opening.\n\n## First\nIt is a nice one.\n\n## Second\n{}Ask at the till.\n"
    for name, comment in (("plain", ""), ("named", f"<!-- topics: {WRAPPING} -->\n")):
        write(folder, f"en/gifts/{name}", "Presents", ["presents"], body.format(comment), topics=f"[{RETURN}]")
    kb = open_kb(library=["returns"])
    hits = {name: kb.hit_of(f"gifts/{name}", ASKED[WRAPPING], "en") for name in ("plain", "named")}
    assert (hits["plain"].heading, hits["named"].heading) == ("First", "Second")
    assert kb.topics.is_answered(WRAPPING)  # what a section names, its article answers


def test_a_section_with_an_unknown_topic_is_listed_and_serves(folder, open_kb):
    write(folder, "en/gifts/wrap", "Presents", body="## One\n<!-- topics: a/none -->\nText.", not_topics="[a/nix]")
    kb = open_kb(library=["returns"])
    assert {"a/none", "a/nix"} <= {part for problem in kb.problems for part in str(problem).replace(",", "").split()}
    assert kb.article("gifts/wrap", "en") and kb.hit_of("gifts/wrap", "presents", "en")


def test_what_can_not_be_written_is_refused(open_kb):
    with pytest.raises(NotWritten):
        open_kb(library=["returns"]).topics.accept("orders/nowhere", WRAPPING)


def test_a_companys_own_phrasings_weigh_more_than_the_library():
    assert PHRASING > TOPIC


def test_accepted_words_of_customers_grow_the_companys_own_copy_and_count_at_once(folder, open_kb):
    write(folder, "en/gifts/wrap", "Presents", ["presents"], topics=f"[{RETURN}]")
    kb = open_kb(library=["returns"])
    before = kb.hit_of("gifts/wrap", "pretty paper with a bow", "en").evidence["score"]
    kb.add_phrasing("gifts/wrap", "en", "pretty paper with a bow")
    assert kb.refresh()
    assert kb.hit_of("gifts/wrap", "pretty paper with a bow", "en").evidence["score"] > before + 0.1
