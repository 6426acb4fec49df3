"""Which of a customer's messages says what they want to know."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from odziv.cases.learning.matter import LEAST_CONFIDENCE, find_matter
from odziv.store.conversations.asked import Asked


def written(*texts: str | tuple[str, str]) -> list[Asked]:
    """Messages in the order they were written, each with what the bot took it for where that is given."""
    pairs = [(each, None) if isinstance(each, str) else each for each in texts]
    return [Asked(seq, text, False, taken) for seq, (text, taken) in enumerate(pairs, 1)][::-1]


class Articles:
    """Answers what has one of its words with a likelihood; notes what it was asked."""

    def __init__(self, **words: float) -> None:
        self.words, self.asked = words, []

    def __call__(self, text: str):
        self.asked.append(text)
        return [SimpleNamespace(article=word, confidence=sure) for word, sure in self.words.items() if word in text]


def matter_of(asked, language, search=None):
    found = find_matter(asked, language, search or Articles())
    return found and found.asked.text


@pytest.mark.parametrize(
    ("language", "question", "after"),
    [
        ("sl", "Kako vrnem šotor?", ["Rad bi govoril s človekom", "halo?", "da", "hvala", "SM-10234"]),
        ("hr", "Kako vraćam šator?", ["Spojite me s čovjekom", "halo?", "da", "hvala", "SM-10234"]),
        ("pl", "Jak mogę zwrócić namiot?", ["Połącz mnie z człowiekiem", "halo?", "tak", "dziękuję", "SM-10234"]),
        ("en", "How do I return a tent?", ["please connect me to a person", "hello?", "yes", "thanks", "SM-10234"]),
    ],
)
def test_what_only_calls_thanks_agrees_or_gives_a_number_is_passed_over(language, question, after):
    for text in after:
        assert matter_of(written(question, text), language) == question, text
    assert matter_of(written(question, *after), language) == question


@pytest.mark.parametrize(
    ("language", "wish"),
    [
        ("sl", "svetovalca bi"),
        ("hr", "zovi šefa"),
        ("pl", "dawaj kierownika"),
        ("en", "give me somebody real"),
    ],
)
def test_what_the_bot_took_for_a_wish_is_one_whatever_its_words(language, wish):
    assert matter_of(written(("?", "talk"), (wish, "wish")), language) is None


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("sl", "Povežite me s človekom, palica mi je počila med hojo.", "palica mi je počila med hojo."),
        ("hr", "Spojite me s operaterom, puknuo mi je štap na planini.", "puknuo mi je štap na planini."),
        ("pl", "Połącz mnie z konsultantem, pękł mi kijek podczas marszu.", "pękł mi kijek podczas marszu."),
        ("en", "Put me through to a person, my pole snapped on the trail.", "my pole snapped on the trail."),
    ],
)
def test_what_is_told_beside_the_wish_is_the_matter(language, text, rest):
    search = Articles(**{rest.split()[0]: 0.6})
    found = find_matter(written("Kje ste?", (text, "wish")), language, search)
    assert found.asked.text == text and len(found.hits) == 1
    assert search.asked == [rest]


def test_the_newest_question_counts_though_no_article_has_it():
    asked = written(("Kako vrnem šotor?", "question"), ("Ali imate vodnike za Triglav?", "question"), "hvala")
    found = find_matter(asked, "sl", Articles(šotor=0.9))
    assert (found.asked.seq, found.hits) == (2, ())
    told = written("Kako vrnem šotor?", "Kupljen kuhalnik pušča gorivo na stiku cevi.")
    assert find_matter(told, "sl", Articles(šotor=0.9)).asked.seq == 2


def test_a_few_words_count_where_an_article_has_them_and_else_what_was_asked_before():
    asked = written("Kako vrnem šotor?", "darilni bon")
    assert find_matter(asked, "sl", Articles(bon=0.3, šotor=0.9)).asked.seq == 2
    assert find_matter(asked, "sl", Articles(bon=0.29, šotor=0.9)).asked.seq == 1
    assert find_matter(asked, "sl", Articles(šotor=0.9)).asked.seq == 1
    assert matter_of(written("živjo", "darilni bon"), "sl") == "darilni bon"


def test_what_leans_on_the_question_before_is_looked_up_with_it():
    search = Articles(šotor=0.9)
    found = find_matter(written("Kako vrnem šotor?", "hvala", "in koliko to stane?"), "sl", search)
    assert found.asked.seq == 3 and search.asked == ["Kako vrnem šotor? in koliko to stane?"]


def test_nothing_below_a_likelihood_worth_reading_is_found():
    at, below = LEAST_CONFIDENCE, LEAST_CONFIDENCE - 0.01
    found = find_matter(written("How do I return a tent?"), "en", Articles(return_=1, tent=at, How=below))
    assert [hit.article for hit in found.hits] == ["tent"]


def test_what_the_bot_took_for_talk_is_none():
    assert matter_of(written(("adijo, lep dan še naprej", "talk")), "sl") is None
    assert matter_of(written(("Kako vrnem?", "question"), ("adijo, lep dan še naprej", "talk")), "sl") == "Kako vrnem?"


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en", "de"])
@pytest.mark.parametrize("text", ["", "\0", "\u202e", "ß" * 500, "🏔🏔", "?" * 2000, "' OR 1=1 --", "<b>x</b>"])
def test_odd_messages_are_a_matter_or_none(language, text):
    assert matter_of(written(text), language) in (text, None)


def test_nobody_who_wrote_nothing_has_a_matter():
    assert find_matter([], "sl", Articles()) is None
