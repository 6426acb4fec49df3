"""What editors decide of proposed phrasings and articles, as verbs: written into the folder, dismissed, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb import KnowledgeBase
from odziv.cases.conversations.propose import propose_article
from odziv.cases.learning.drafts import accept_draft, dismiss_draft, save_draft
from odziv.cases.learning.phrasings import accept_phrasing, dismiss_phrasing
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.audit import list_entries
from odziv.store.knowledge.drafts import find_draft, list_drafts
from odziv.store.knowledge.phrasings import find_phrasing, list_proposed, propose_words
from tests.fake_encoder import FakeEncoder
from tests.quick_applications import learnt_once
from tests.scratch_articles import ARTICLES, write

FIELDS = {"language": "en", "category": "orders", "title": "Late", "question": "Where is it?", "answer": "On its way."}
FILE = {"slug": "late", "status": "published"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "articles"
    for name, (title, questions, body) in ARTICLES.items():
        write(root, name, title, questions, body)
    return root


@pytest.fixture
def kb(folder: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    with learnt_once():
        yield KnowledgeBase.open(folder, tmp_path / "index", FakeEncoder(), languages=["sl", "en", "pl"])


@pytest.fixture
def phrasing(store: Store, waiting: str) -> int:
    """The number of a proposed phrasing of orders/return."""
    propose_words(store, waiting, 1, "orders/return", "en", "boots too small")
    return list_proposed(store)[0].id


@pytest.fixture
def draft(store: Store, ana, waiting: str) -> int:
    """The number of a proposed article."""
    propose_article(store, ana, waiting, 1, FIELDS)
    return list_drafts(store)[0].id


def refusal(verb, *args, **options) -> Refused:
    with pytest.raises(Refused) as refused:
        verb(*args, **options)
    return refused.value


@pytest.mark.slow
def test_accepted_words_stand_in_the_file(store, kb, ana, phrasing, folder):
    assert accept_phrasing(store, kb, ana, phrasing, "boots: too small") == "en/orders/return.md"
    assert "boots: too small" in (folder / "en/orders/return.md").read_text("utf-8")
    assert find_phrasing(store, phrasing).status == "accepted"
    assert [entry.agent_id for entry in list_entries(store, action="phrasing_accepted")] == [ana.id]


def test_a_second_click_changes_nothing_and_is_no_refusal(store, kb, ana, phrasing, folder):
    accept_phrasing(store, kb, ana, phrasing, "boots too small")
    written = (folder / "en/orders/return.md").read_bytes()
    assert accept_phrasing(store, kb, ana, phrasing, "others") is None
    assert (folder / "en/orders/return.md").read_bytes() == written


def test_dismissed_words_are_written_nowhere(store, kb, ana, phrasing, folder):
    before = (folder / "en/orders/return.md").read_bytes()
    assert dismiss_phrasing(store, ana, phrasing) and not dismiss_phrasing(store, ana, phrasing)
    refused = refusal(accept_phrasing, store, kb, ana, phrasing, "boots too small")
    assert (refused.kind, refused.problem) == (Kind.CONFLICT, "Somebody has dismissed this already.")
    assert (folder / "en/orders/return.md").read_bytes() == before


def test_a_colleague_is_told_who_was_quicker(store, kb, ana, marek, phrasing):
    accept_phrasing(store, kb, ana, phrasing, "boots too small")
    for refused in (
        refusal(accept_phrasing, store, kb, marek, phrasing, "x"),
        refusal(dismiss_phrasing, store, marek, phrasing),
    ):
        assert (refused.kind, refused.problem) == (Kind.CONFLICT, "Somebody has accepted this already.")


@pytest.mark.parametrize("text", ["", " \r\n", "x" * 501, "How do I return BOOTS"])
def test_words_that_cannot_be_written_stay_proposed(store, kb, ana, phrasing, text):
    assert refusal(accept_phrasing, store, kb, ana, phrasing, text).kind is Kind.CONFLICT
    assert find_phrasing(store, phrasing).status == "proposed"


def test_no_such_proposal(store, settings, kb, ana):
    assert refusal(accept_phrasing, store, kb, ana, 77, "x").kind is Kind.NOT_FOUND
    assert refusal(dismiss_phrasing, store, ana, 77).kind is Kind.NOT_FOUND
    assert refusal(save_draft, store, settings, 77, FIELDS).kind is Kind.NOT_FOUND
    assert refusal(accept_draft, store, settings, kb, ana, 77, FIELDS, **FILE).kind is Kind.NOT_FOUND
    assert refusal(dismiss_draft, store, ana, 77).kind is Kind.NOT_FOUND


def test_of_several_at_once_one_decides(store, kb, ana, marek, phrasing, folder):
    def decide(number: int) -> str:
        try:
            if number % 2:
                accept_phrasing(store, kb, ana, phrasing, "boots too small")
                return "accepted"
            dismiss_phrasing(store, marek, phrasing)
        except Refused:
            return "refused"
        return "dismissed"

    with ThreadPoolExecutor(8) as threads:
        outcomes = set(threads.map(decide, range(8)))
    status = find_phrasing(store, phrasing).status
    assert outcomes == {status, "refused"}
    assert (folder / "en/orders/return.md").read_text("utf-8").count("boots too small") == (status == "accepted")


def test_changes_are_kept_without_deciding(store, settings, draft):
    save_draft(store, settings, draft, FIELDS | {"title": "  Late\n parcel "})
    kept = find_draft(store, draft)
    assert (kept.title, kept.status) == ("Late parcel", "proposed")


def test_an_accepted_article_is_a_file(store, settings, kb, ana, draft, folder):
    assert accept_draft(store, settings, kb, ana, draft, FIELDS, **FILE) == "en/orders/late.md"
    assert (folder / "en/orders/late.md").read_text("utf-8").endswith("---\nOn its way.\n")
    assert find_draft(store, draft).status == "accepted" and list_drafts(store) == []
    again = refusal(accept_draft, store, settings, kb, ana, draft, FIELDS, **FILE)
    assert (again.kind, again.problem) == (Kind.CONFLICT, "Somebody has accepted this already.")
    assert refusal(save_draft, store, settings, draft, FIELDS).kind is Kind.CONFLICT


@pytest.mark.parametrize(
    ("fields", "file", "kind"),
    [
        ({"language": "xx"}, {}, Kind.INVALID),
        ({"title": ""}, {}, Kind.UNFIT),
        ({"answer": "Write to ⟨e-mail⟩."}, {}, Kind.UNFIT),
        ({}, {"status": "king"}, Kind.INVALID),
        ({}, {"status": ""}, Kind.INVALID),
        ({}, {"slug": "../../evil"}, Kind.CONFLICT),
        ({}, {"slug": "return"}, Kind.CONFLICT),  # there is one
    ],
    ids=str,
)
@pytest.mark.slow
def test_what_is_no_article_stays_proposed(store, settings, kb, ana, draft, folder, fields, file, kind):
    before = sorted(folder.rglob("*"))
    assert refusal(accept_draft, store, settings, kb, ana, draft, FIELDS | fields, **FILE | file).kind is kind
    assert sorted(folder.rglob("*")) == before and find_draft(store, draft).status == "proposed"


def test_a_dismissed_article_is_written_nowhere(store, settings, kb, ana, draft, folder):
    dismiss_draft(store, ana, draft)
    assert refusal(accept_draft, store, settings, kb, ana, draft, FIELDS, **FILE).kind is Kind.CONFLICT
    assert refusal(dismiss_draft, store, ana, draft).kind is Kind.CONFLICT
    assert not (folder / "en/orders/late.md").exists()
