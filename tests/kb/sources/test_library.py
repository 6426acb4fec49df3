"""The library of topics: complete, readable for editors, and apart from the questions that it is measured with."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from kb.knowledge import load_topics
from kb.language.text import fold
from kb.model.pieces import Pieces, piece_names
from kb.model.topics import LEARNT, TopicModel, favoured, topics_of_articles
from kb.sources.library import LIBRARY, BadLibrary, Topic, read_library

LANGUAGES = ("sl", "hr", "pl", "en")
DATA = Path(__file__).parents[2] / "data"
MEASURED = ("questions", "further", "near/choose", "near/test", "passages", "rough", "replies/choose", "replies/test")
WORDING = "a/b:\n  name: B\n  about: What b is.\n  asked: [how b]\n"


@pytest.fixture(scope="module")
def library() -> dict[str, Topic]:
    return read_library()


def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


@pytest.mark.slow
def test_it_is_complete_in_four_languages(library):
    parts = Counter(topic.part for topic in library.values())
    assert len(library) >= 250 and parts["shop"] >= 130 and parts["near"] >= 70 and parts["company"] >= 50
    for topic in library.values():
        assert topic.near and topic.id not in topic.near
        for language in LANGUAGES:
            assert len(topic.words[language].asked) >= 30, f"{topic.id} in {language}"


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrasing_stands_twice(library, language):
    asked = Counter(
        " ".join(re.findall(r"\w+", text.lower())) for topic in library.values() for text in topic.words[language].asked
    )
    assert [text for text, times in asked.items() if times > 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_for_measuring_are_not_in_it(library, language):
    """Nor nearly: a phrasing and a question that share four words or more differ in more than every fifth."""
    measured = [
        asked["text"]
        for folder in MEASURED
        for line in (DATA / folder / f"{language}.jsonl").read_text("utf-8").splitlines()
        for row in [json.loads(line)]
        for asked in row.get("turns", [row])
        if "text" in asked
    ]
    known = [(words_of(text), text) for topic in library.values() for text in topic.words[language].asked]
    found = []
    for question in measured:
        ours = words_of(question)
        for theirs, text in known:
            shared = len(ours & theirs)
            if shared >= 4 and shared >= 0.8 * len(ours | theirs):
                found.append((question, text))
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_near_the_shop_are_no_articles_own_phrasings(language):
    known = [
        words_of(text)
        for path in (LIBRARY.parent / "articles" / language).rglob("*.md")
        for head in [yaml.safe_load(path.read_text("utf-8").split("---")[1])]
        for text in (head["title"], *head.get("questions", ()))
    ]
    for folder in ("near/choose", "near/test"):
        for line in (DATA / folder / f"{language}.jsonl").read_text("utf-8").splitlines():
            ours = words_of(json.loads(line)["text"])
            assert not any(len(ours & own) >= 4 and len(ours & own) >= 0.8 * len(ours | own) for own in known), line


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"topics.yml": "shop: {a/b: [a/none]}"}, "a/b names a/none"),
        ({"topics.yml": "shop: [a/b]"}, "topics.yml: shop"),
        ({"topics.yml": "shop: {A b: []}"}, "topics.yml: shop → A b"),
        ({"topics.yml": "shop: {a/b: []"}, "topics.yml: while parsing"),
        ({}, "topics.yml: "),
        ({"topics.yml": "shop: {a/c: []}", "en/a.yml": WORDING}, "en/a.yml: a/b is not in topics.yml"),
        (
            {"topics.yml": "shop: {a/b: []}", "en/a.yml": WORDING, "en/b.yml": WORDING},
            "en/b.yml: a/b stands in another",
        ),
        ({"topics.yml": "shop: {a/b: []}", "en/a.yml": "a/b: {name: B}"}, "en/a.yml: a/b → about"),
        ({"topics.yml": "shop: {a/b: []}", "en/a.yml": WORDING.replace("how b", "1")}, "en/a.yml: a/b → asked → 0"),
        ({"topics.yml": "shop: {a/b: []}", "en/a.yml": "- " * 5000}, "en/a.yml: "),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, files, told):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(BadLibrary) as refused:
        read_library(tmp_path)
    assert told in str(refused.value)


@pytest.mark.slow
def test_what_was_learnt_is_of_this_library(library):
    with np.load(LEARNT) as kept:
        assert tuple(kept["topics"]) == tuple(library)
        for language in LANGUAGES:
            assert f"mean-{language}" in kept.files
            assert kept[f"names-{language}"].tolist() == [topic.words[language].name for topic in library.values()]
    assert LEARNT.stat().st_size < 3_000_000


@pytest.fixture
def model() -> TopicModel:
    """Two topics: by the vector, or, where that says nothing, by the pieces of "račun"."""
    weights = np.array([[9.0, -9.0, 0.0], [-9.0, 9.0, 0.0], [-9.0, 9.0, 0.0], [0.0, 0.0, -9.0]], dtype=np.float32)
    known = piece_names("račun")
    pieces = Pieces(known, np.full((len(known), 1), 4, dtype=np.int8), 0.25)
    return TopicModel(("a/one", "a/two"), "fake/1", weights, {"en": np.zeros(2, dtype=np.float32)}, pieces)


def test_a_topic_is_told_from_a_vector(model):
    likelihood = model.likelihood(np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32), ["x", "y"], ["en", "xx"])
    assert likelihood.argmax(axis=1).tolist() == [0, 1] and likelihood.max() > 0.99
    assert model.likelihood(np.zeros((0, 2), dtype=np.float32), [], []).shape == (0, 2)
    assert np.isfinite(model.likelihood(np.zeros((1, 2), dtype=np.float32), [""], ["en"])).all()


def test_a_topic_is_told_from_letters_where_the_vector_says_nothing(model):
    nothing = np.zeros((2, 2), dtype=np.float32)
    known, unknown = model.likelihood(nothing, ["kej je racunn", "xyz"], ["en", "en"])
    assert known[1] > 0.99 and unknown[0] == unknown[1]


@pytest.mark.parametrize(
    ("language", "typed", "topic"),
    [
        ("sl", "kej me pride poštnina", "delivery/cost"), ("sl", "pošilka se ne premakne", "delivery/tracking-stuck"),
        ("sl", "rabm račun na firmo", "payment/company-invoice"), ("hr", "kolko me dojde postarina", "delivery/cost"),
        ("hr", "zaboravija san lozinku", "account/password"), ("pl", "butki za male", "returns/exchange-size"),
        ("pl", "zapomnialem haslo", "account/password"), ("en", "hw much is postage", "delivery/cost"),
        ("en", "forgot me pasword", "account/password"),
    ],
)  # fmt: skip
def test_dialect_and_typos_are_told_by_letters_alone(language, typed, topic):
    with np.load(LEARNT) as kept:
        encoder = str(kept["encoder"])
    learnt = TopicModel.load(encoder)
    says_nothing = learnt.means[language][None]
    likelihood = learnt.likelihood(says_nothing, [typed], [language])
    assert learnt.topics[int(likelihood.argmax())] == topic


def test_what_was_learnt_is_kept_for_its_encoder_alone(model, tmp_path):
    model = replace(model, names={"en": ("One", "Two"), "pl": ("Żółty", "")})
    model.save(tmp_path / "learnt.npz")
    again = TopicModel.load("fake/1", tmp_path / "learnt.npz")
    assert again.names == model.names
    assert again.topics == model.topics and np.allclose(again.weights, model.weights)
    asked = np.eye(2, dtype=np.float32), ["račun", "?"], ["en", "en"]
    assert np.allclose(again.likelihood(*asked), model.likelihood(*asked))
    assert TopicModel.load("fake/2", tmp_path / "learnt.npz") is None
    assert TopicModel.load("fake/1", tmp_path / "none.npz") is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"no archive at all"])
def test_a_damaged_file_says_what_to_do(content, tmp_path):
    (tmp_path / "learnt.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"learnt\.npz: cannot be read.*learn_topics"):
        TopicModel.load("fake/1", tmp_path / "learnt.npz")


def test_without_what_was_learnt_the_knowledge_base_serves_and_says_so(tmp_path, monkeypatch, caplog):
    (tmp_path / "learnt.npz").write_bytes(b"damaged")
    monkeypatch.setattr(TopicModel.load.__func__, "__defaults__", (tmp_path / "learnt.npz",))
    assert load_topics("fake/1") is None
    assert "learnt.npz: cannot be read" in caplog.text


def test_an_article_answers_the_topics_it_names_or_those_its_phrasings_are_about():
    likely = np.array([[0.8, 0.9, 0.0], [0.2, 0.1, 0.0]])  # topics × articles
    named = [frozenset(), frozenset({"a/two", "a/unknown"}), frozenset()]
    answers = topics_of_articles(named, likely, ("a/one", "a/two"), least=0.5)
    assert answers.T.tolist() == [[1, 0], [0, 1], [0, 0]]


def test_what_has_an_article_is_asked_about_more_often():
    likelihood = np.array([[0.4, 0.4], [0.0, 0.5], [0.0, 0.0]], dtype=np.float32)
    found = favoured(likelihood, np.array([True, False]), 2)
    assert np.allclose(found, [[0.8 / 1.4, 0.4 / 1.4], [0.0, 0.5], [0.0, 0.0]])
    assert np.allclose(favoured(likelihood, np.array([False, False]), 2), likelihood)


@pytest.mark.slow
def test_the_shipped_articles_name_topics_of_the_library(library):
    for path in (LIBRARY.parent / "articles").rglob("*.md"):
        named = re.search(r"^topics: \[([^\]]*)\]$", path.read_text("utf-8"), re.M)
        assert named and set(named[1].split(", ")) <= set(library), path
