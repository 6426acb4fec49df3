import numpy as np
import pytest

from kb.language.evidence import (
    COMMON,
    MOST_COMMON,
    MOST_NAME,
    MOST_OTHER,
    ROWS,
    Evidence,
    load_evidence,
    parts_of,
    read_common,
    telling_words,
)
from kb.language.learn import ROOT, make_rows, read_texts, regress

LANGUAGES = ("sl", "hr", "pl", "en")


def test_numbers_links_and_addresses_tell_nothing():
    assert (
        telling_words("SM-2024-00123 jan@paczka.example https://a.example/b www.paczka.pl smreka.example 3P {name}")
        == []
    )


def test_a_name_tells_little_and_a_common_word_much():
    assert telling_words("Kje je moj Marmot tungsten?") == [
        ("kje", MOST_COMMON),
        ("je", MOST_COMMON),
        ("moj", MOST_COMMON),
        ("marmot", MOST_NAME),
        ("tungsten", MOST_OTHER),
    ]


def test_capitals_throughout_are_no_names():
    assert ("paczka", MOST_OTHER) not in telling_words("GDZIE JEST MOJA PACZKA ZAMÓWIONA")[:3]
    assert ("zamówiona", MOST_OTHER) in telling_words("GDZIE JEST MOJA PACZKA ZAMÓWIONA")


def test_no_single_word_tells_more_than_it_may():
    weights = load_evidence().weigh("Vraćanjem")
    assert max(weights.values()) - min(weights.values()) <= MOST_OTHER


def test_no_words_say_nothing():
    assert load_evidence().weigh("12 345 🙂") == dict.fromkeys(load_evidence().languages, 0.0)


def test_what_is_saved_weighs_the_same_when_it_is_read(tmp_path):
    weights = np.random.default_rng(1).normal(size=(ROWS, 2)).astype(np.float32)
    evidence = Evidence(("sl", "hr"), weights)
    evidence.save(tmp_path / "learnt.npz")
    read = Evidence.load(tmp_path / "learnt.npz")
    assert read.languages == ("sl", "hr")
    assert read.weigh("kje je")["sl"] == pytest.approx(evidence.weigh("kje je")["sl"], abs=0.5)


def test_what_is_shipped_is_of_all_languages_and_small():
    assert load_evidence().languages == LANGUAGES == tuple(read_common())
    assert COMMON.with_name("learnt.npz").stat().st_size < 300_000


def test_a_word_is_its_letters_and_itself():
    assert len(parts_of("kje")) == 5 + 4 + 3 + 2 + 1 + 1
    assert parts_of("kje") == parts_of("kje") != parts_of("gdje")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_learnt_from_what_tests_ask(language):
    learnt = set(read_texts(language))
    assert len(learnt) > 10_000
    asked = (ROOT / "tests" / "data" / "questions" / f"{language}.jsonl").read_text("utf-8")
    assert not [text for text in learnt if len(text) > 25 and f'"{text}"' in asked]


@pytest.mark.slow
def test_each_text_is_learnt_whole_and_in_part():
    rows = make_rows(["sl"])
    whole, part = next(rows)[0], next(rows)[0]
    assert whole and 0 < len(part) <= 5


def test_the_regression_finds_what_sets_two_apart():
    from scipy.sparse import csr_matrix

    counts = csr_matrix(np.array([[1.0, 0.0], [0.0, 1.0]] * 20))
    weights = regress(counts, np.array([0, 1] * 20), np.ones(40), 2)
    assert weights[0, 0] > weights[0, 1] and weights[1, 1] > weights[1, 0]
