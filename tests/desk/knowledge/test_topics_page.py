"""The desk's page of topics: gaps by name, what is proposed, accepted and denied; and a new article about a gap."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.turns import finish_turn
from tests.desk.conftest import Person
from tests.desk.conversation.test_conversation import text_of
from tests.fake_encoder import FakeEncoder
from tests.fake_topics import ASKED, RETURN, WRAPPING, fake_topics
from tests.fixtures import take_turn
from tests.quick_applications import learnt_once
from tests.scratch_articles import write


@pytest.fixture
def kb(app, folder, tmp_path, monkeypatch):
    """Articles of which one seems to answer the topic of returning, and says so nowhere; none answers wrapping."""
    monkeypatch.setattr("kb.knowledge.load_topics", lambda _: fake_topics(FakeEncoder()))
    for language in ("sl", "en"):
        write(folder, f"{language}/orders/back", "Giving it back", [ASKED[RETURN]])
    with learnt_once():
        kb = KnowledgeBase.open(
            folder, tmp_path / "index", FakeEncoder(), languages=["sl", "en", "pl"], library=["returns"]
        )
        app.extensions["odziv"].knowledge.kb = kb
        yield kb


@pytest.fixture
def vera(sign_in, kb) -> Person:
    return sign_in("Vera Novak", "editor")


def ask(store, text: str, language: str = "en", topic: str = WRAPPING) -> str:
    """A customer asks what no article answers."""
    conversation = create_conversation(store, "demo", language)
    add_customer_message(store, conversation.id, f"c-{conversation.id}", text, text)
    considered = [{"article": "orders/back", "missing": {"topic": topic, "name": "x"}}]
    assert finish_turn(store, take_turn(store), NewMessage("bot", "Nothing.", "", considered=considered))
    return conversation.id


@pytest.mark.slow
def test_gaps_stand_there_by_name_with_how_many_asked_and_what(vera, store):
    ask(store, "ali zavijete darila, 041 234 567", "sl")
    conversation = ask(store, "can you <b>wrap</b> it")
    page = text_of(vera.get("/desk/topics"))
    assert "Gift wrapping" in page and WRAPPING in page and "2 questions" in page
    assert "can you &lt;b&gt;wrap&lt;/b&gt; it" in page and "041 234" not in page and "⟨number⟩" in page
    assert f"/desk/conversations/{conversation}" in page
    assert "English 1" in page and "Slovenian 1" in page
    assert f"topic={WRAPPING.replace('/', '%2F')}" in page or f"topic={WRAPPING}" in page


def test_a_gap_that_has_an_article_or_no_name_any_more_is_none(vera, store, folder, kb):
    ask(store, "how do I return boots", topic=RETURN)
    ask(store, "what", topic="near/gone")
    assert "Nothing so far" in text_of(vera.get("/desk/topics"))


def test_a_draft_about_it_is_named(vera, store, folder, kb):
    ask(store, "can you wrap it")
    write(folder, "en/gifts/wrap", "Wrapping", status="draft", topics=f"[{WRAPPING}]")
    kb.refresh()
    page = text_of(vera.get("/desk/topics"))
    assert "A draft is waiting" in page and "en/gifts/wrap.md" in page and "Write an article" not in page


def test_one_press_accepts_into_every_language(vera, store, folder, kb):
    page = text_of(vera.get("/desk/topics"))
    assert "Giving it back" in page and "Returns" in page and "% sure" in page
    answer = vera.post("/desk/topics/accept", article="orders/back", topic=RETURN)
    assert answer.status_code == 303
    page = text_of(vera.get("/desk/topics"))
    assert "Written to sl/orders/back.md, en/orders/back.md." in page and "Giving it back" not in page
    assert all(f"- {RETURN}\n" in (folder / name / "orders/back.md").read_text("utf-8") for name in ("sl", "en"))
    entry = list_entries(store, action="topic_accepted")[0]
    assert (entry.agent_id, entry.object, entry.detail) == (vera.agent.id, "article:orders/back", {"topic": RETURN})
    vera.post("/desk/topics/accept", article="orders/back", topic=RETURN)  # a second click
    assert "That was done already." in text_of(vera.get("/desk/topics"))
    assert len(list_entries(store, action="topic_accepted")) == 1


def test_one_press_denies_for_good(vera, store, folder, kb):
    assert vera.post("/desk/topics/deny", article="orders/back", topic=RETURN).status_code == 303
    assert f"not_topics:\n  - {RETURN}\n" in (folder / "sl/orders/back.md").read_text("utf-8")
    kb.refresh()
    assert "Giving it back" not in text_of(vera.get("/desk/topics"))
    assert [entry.detail for entry in list_entries(store, action="topic_denied")] == [{"topic": RETURN}]


def test_what_can_not_be_written_is_said_and_nothing_is_noted(vera, store, folder):
    (folder / "en/orders/back.md").write_text("broken")
    answer = vera.post("/desk/topics/accept", article="orders/back", topic=RETURN)
    assert answer.status_code == 409 and "put that right first" in text_of(answer)
    assert RETURN not in (folder / "sl/orders/back.md").read_text("utf-8")
    assert list_entries(store, action="topic_accepted") == []
    assert vera.post("/desk/topics/accept", article="orders/back", topic="a/b").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/desk/topics", "/desk/draft-files", f"/desk/articles/new?topic={WRAPPING}"])
def test_only_editors(ana, kb, path):
    assert ana.get(path).status_code == 403


def test_a_new_article_begins_with_the_topic_and_the_customers_words(vera, store):
    ask(store, "can you wrap it, I am Miha, 041 234 567")
    ask(store, "ali zavijete darila", "sl")
    page = text_of(vera.get(f"/desk/articles/new?topic={WRAPPING}&language=en"))
    assert 'value="Gift wrapping"' in page and 'name="topic" value="returns/wrapping"' in page
    assert "can you wrap it, I am Miha, ⟨number⟩" in page and "ali zavijete" not in page
    assert 'value="gift-wrapping"' in page and 'value="returns"' in page
    assert 'value="Zavijanje daril"' in text_of(vera.get(f"/desk/articles/new?topic={WRAPPING}&language=sl"))
    assert vera.get("/desk/articles/new?topic=a/none").status_code == 404


def article(**changes: str) -> dict[str, str]:
    fields = {"topic": WRAPPING, "language": "en", "category": "gifts", "slug": "wrap", "title": "Gift wrapping",
              "question": "can you wrap it", "answer": "Yes, for 3 EUR.", "status": "published"}  # fmt: skip
    return fields | changes


@pytest.mark.slow
def test_written_it_names_the_topic_and_closes_the_gap(vera, store, folder, kb):
    ask(store, "can you wrap it")
    assert vera.post("/desk/articles/new", **article()).status_code == 303
    assert f"topics:\n- {WRAPPING}\n" in (folder / "en/gifts/wrap.md").read_text("utf-8")
    kb.refresh()
    page = text_of(vera.get("/desk/topics"))
    assert "Written to en/gifts/wrap.md, published." in page and "Nothing so far" in page
    assert [entry.detail for entry in list_entries(store, action="article_written")] == [{"file": "en/gifts/wrap.md"}]


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"answer": "It costs [[how much]]."}, 409, "gap to fill in"),
        ({"question": "wrap it ⟨number⟩"}, 422, "Something personal"),
        ({"category": "No good"}, 422, "category"),
        ({"topic": "a/none"}, 400, "no topic a/none"),
        ({"status": "live"}, 400, "whether to publish"),
    ],
)
@pytest.mark.slow
def test_what_is_no_good_comes_back_as_it_was_typed(vera, folder, changes, status, told):
    answer = vera.post("/desk/articles/new", **article(**changes))
    page = text_of(answer)
    assert answer.status_code == status and told in page and "Gift wrapping" in page
    assert next(iter(changes.values())) in page
    assert not (folder / "en/gifts").exists()


def test_with_a_gap_it_can_be_a_draft(vera, folder):
    assert (
        vera.post("/desk/articles/new", **article(answer="It costs [[how much]].", status="draft")).status_code == 303
    )
    assert (folder / "en/gifts/wrap.md").is_file()
