"""What the desk says of the assistant: figures in words, and what needs attention."""

from __future__ import annotations

import re

import pytest

from bot.train import note_outcome
from kb import KnowledgeBase
from kb.model.confidence import CAREFUL, Calibration
from tests.desk.conftest import Person
from tests.fake_encoder import FakeEncoder
from tests.scratch_articles import write

SURE = Calibration(12.0, -6.0, 0.713, 0.224, precision=0.934, coverage=0.781, questions=412, near_precision=0.841)


@pytest.fixture
def kb(app, folder, tmp_path) -> KnowledgeBase:
    options = {"languages": ["sl", "en"], "answer_precision": {"en": 0.92}}
    kb = app.extensions["odziv"].knowledge.kb = KnowledgeBase.open(folder, tmp_path / "index", FakeEncoder(), **options)
    kb._snapshot.calibration = {"sl": CAREFUL, "en": SURE}
    return kb


def page_of(person: Person) -> str:
    response = person.get("/desk/assistant")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def test_each_language_in_words(ana: Person, kb):
    page = page_of(ana)
    for part in (
        "Of 100 answers given as sure, about 93 are right (92 are asked for), where a fifth of the questions",
        "Of 100, about 84 are right where a third are about your business and in no article",
        "Of 100 questions that an article answers, about 78 get a sure answer.",
        "Worked out from 412 phrasings. Sure means a confidence of 0.71 or more",
        "There is too little data to say how often an answer is right (too few phrasings: 3, and it takes 40).",
        "The assistant is careful here",
        "None: every file is in use.",
    ):
        assert part in page
    assert page.count('class="language-card') == 2 and page.count('class="language-card is-careful"') == 1
    assert re.search(r"<dt>Articles</dt><dd>5</dd>", page) and "<dt>Languages</dt><dd>2</dd>" in page


def test_problems_with_line_and_reason(ana: Person, kb, folder):
    write(folder, "en/a/broken", "Title", status="'<b>live'")
    write(folder, "en/a/loose", "Loose", follow_ups="[orders/nowhere]")
    (folder / "en" / "a" / "<i>x.md").write_text("x")
    kb.refresh()
    page = page_of(ana)
    assert "en/a/broken.md, line 3" in page and "must be one of draft, internal, published" in page
    assert "names orders/nowhere" in page and page.count("Set aside<") == 3 and page.count("In use<") == 1
    assert "<i>x" not in page and "<b>live" not in page


def test_a_failed_training_is_on_every_page_and_its_reason_here(ana: Person, kb, settings):
    assert "could not be trained" not in page_of(ana)
    (settings.var / "rasa").mkdir()
    note_outcome(settings.var, "YamlException: <b>line 3")
    assert "training failed" in ana.get("/desk/queue").get_data(as_text=True)
    page = page_of(ana)
    assert "The assistant could not be trained" in page and "YamlException: &lt;b&gt;line 3" in page


def test_when_it_was_last_changed(ana: Person, kb):
    kb.refreshed_at = 1_700_000_000.0
    assert 'datetime="2023-11-14T22:13:20Z"' in page_of(ana)


def test_only_for_those_who_are_signed_in(client):
    assert client.get("/desk/assistant").status_code in (302, 303)


def test_a_folder_of_articles_that_is_away_is_told(app, ana: Person, kb, folder):
    knowledge = app.extensions["odziv"].knowledge
    assert "folder is" not in page_of(ana)
    folder.rename(folder.with_name("aside"))
    kb.refresh()
    knowledge.away = kb.away
    page = page_of(ana)
    assert "The articles’ folder is not all there." in page and "is not there; 5 files serve" in page
    assert '<span class="sr">, the articles’ folder is away</span>' in ana.get("/desk/queue").get_data(as_text=True)
