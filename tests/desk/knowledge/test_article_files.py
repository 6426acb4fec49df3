"""Drafts as files: those there are, with their gaps; and the library's, where a knowledge base begins."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from odziv.store.audit import list_entries
from tests.desk.conftest import Person
from tests.desk.conversation.test_conversation import text_of
from tests.fake_encoder import FakeEncoder
from tests.scratch_articles import write


@pytest.fixture
def vera(sign_in) -> Person:
    return sign_in("Vera Novak", "editor")


@pytest.fixture
def empty(app, tmp_path) -> KnowledgeBase:
    kb = KnowledgeBase.open(tmp_path / "none", tmp_path / "index", FakeEncoder(), languages=["sl", "hr", "pl", "en"])
    app.extensions["odziv"].knowledge.kb = kb
    return kb


def test_who_has_nothing_is_led_to_the_first_drafts(vera, ana, empty):
    assert "Begin with drafts from the library" in text_of(vera.get("/desk/assistant"))
    page = text_of(ana.get("/desk/assistant"))
    assert "An editor can make drafts" in page and "/desk/draft-files" not in page
    assert "There are no articles yet" in text_of(vera.get("/desk/draft-files"))


def make(person: Person, *languages: str):
    from tests.desk.conftest import csrf_of

    sent = {"csrf_token": csrf_of(person.client), "languages": list(languages)}
    return person.client.post("/desk/draft-files/from-library", data=sent)


@pytest.mark.slow
def test_one_press_makes_them_in_the_languages_chosen_and_lists_them(vera, empty, store):
    assert make(vera, "sl", "en").status_code == 303
    assert len(list(empty.folder.rglob("*.md"))) == 60
    page = text_of(vera.get("/desk/draft-files"))
    assert "60 drafts written." in page and "Begin here" not in page
    assert "Kdaj dobite denar nazaj" in page and "sl/payment/refund-time.md" in page and "hr/" not in page
    assert "Where is my order?" in page and "[[an example of an order number]]" in page and "6 gaps" in page
    entry = list_entries(store, action="first_drafts_written")[0]
    assert entry.detail == {"articles": 60, "languages": "sl,en"}


@pytest.mark.slow
def test_a_second_press_changes_nothing(vera, empty, store):
    make(vera, "pl")
    path = empty.folder / "pl/returns/period.md"
    path.write_text(path.read_text("utf-8").replace("[[14 lub więcej]]", "30"), "utf-8")
    before = path.read_bytes()
    make(vera, "pl")
    assert path.read_bytes() == before
    assert "0 drafts written. 30 left out: there already." in text_of(vera.get("/desk/draft-files"))
    assert len(list_entries(store, action="first_drafts_written")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("languages", [(), ("xx",)])
def test_a_language_has_to_be_chosen(vera, empty, languages):
    answer = make(vera, *languages)
    assert answer.status_code == 400 and "choose at least one" in text_of(answer)
    assert not list(empty.folder.rglob("*.md"))


def test_what_can_not_be_written_is_said(vera, empty):
    empty.folder.mkdir(parents=True)
    (empty.folder / "hr").write_text("in the way")
    answer = make(vera, "hr")
    assert answer.status_code == 409 and "can’t be written" in text_of(answer)


def test_drafts_that_are_ready_say_so(vera, kb, folder):
    write(folder, "en/gifts/wrap", "Wrapping", status="draft")
    kb.refresh()
    page = text_of(vera.get("/desk/draft-files"))
    assert "No gaps" in page and "en/gifts/wrap.md" in page and "Drafts from the library" in page


def test_only_editors_make_them(ana, empty):
    assert make(ana, "en").status_code == 403 and not list(empty.folder.rglob("*.md"))
