"""Proposed phrasings at the desk: read, edited, accepted into the article's file, or dismissed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.render import render_plain
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.knowledge.phrasings import Phrasing, count_proposed, find_phrasing, list_proposed
from tests.desk.conftest import Person
from tests.scratch_articles import write

pytestmark = pytest.mark.usefixtures("kb")
RETURN = "orders/return"


@pytest.fixture
def ana(sign_in) -> Person:
    return sign_in("Ana Kovač", "editor")


@pytest.fixture
def marek(sign_in) -> Person:
    return sign_in("Marek Zieliński", "editor")


@pytest.fixture
def propose(store: Store):
    """A customer writes `text` and chooses the article from "did you mean"; returns what is kept of it."""

    def propose(text: str, article: str = RETURN, language: str = "en") -> Phrasing | None:
        choice = {"title": "That one", "kind": "choice", "intent": "choose_article", "article": article}
        conversation = create_conversation(store, "demo", language)
        message, _ = add_customer_message(store, conversation.id, "c1", text, render_plain(text))
        with store.write() as connection:
            draft = NewMessage(
                "bot", "Did you mean…", "", [choice], considered=[{"article": article, "confidence": 0.3}]
            )
            append_message(connection, conversation.id, draft, reply_to=message.seq)
        add_customer_message(store, conversation.id, "c2", "That one", "", choice)
        return next((p for p in list_proposed(store) if p.conversation_id == conversation.id), None)

    return propose


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def file_of(folder: Path, language: str = "en", article: str = RETURN) -> str:
    return (folder / language / f"{article}.md").read_text("utf-8")


def test_nothing_to_decide(ana: Person):
    page = text_of(ana.get("/desk/phrasings"))
    assert "Nothing to decide" in page and 'data-count="0">0</span></a>' in page


def test_the_page_groups_by_article_newest_first(ana: Person, propose):
    propose("boots too small")
    propose("card or cash?", "payment/methods")
    propose("premajhni čevlji", language="sl")
    for _ in range(3):
        newest = propose("send it back to you")
    page = text_of(ana.get("/desk/phrasings"))
    places = [
        page.index(text) for text in ("send it back to you", "premajhni čevlji", "boots too small", "card or cash?")
    ]
    assert places == sorted(places)
    assert page.count('<h2 id="group-') == 2
    assert 'href="/help/en/orders/return"' in page and "Return an item" in page and "Ways to pay" in page
    assert "3 times" in page and "Slovenian" in page and 'lang="sl"' in page
    assert f'href="/desk/conversations/{newest.conversation_id}?at=1#m1"' in page


def test_the_navigation_counts_them_on_every_page(ana: Person, propose):
    propose("boots too small")
    propose("send it back to you")
    for path in ("/desk/queue", "/desk/inbox", "/desk/phrasings", "/desk/assistant"):
        assert re.search(r'<span>Learning</span> <span class="count quiet" data-count="2">2<', text_of(ana.get(path)))


def test_accepting_writes_the_edited_words_into_the_file(ana: Person, propose, folder, store, kb):
    kept, before = propose("boots to small"), file_of(folder)
    response = ana.post(f"/desk/phrasings/{kept.id}/accept", text=" boots: too\r\nsmall 🥾 ")
    assert (response.status_code, response.headers["Location"]) == (303, "/desk/phrasings")
    last = "  - I want to return my order\n"
    assert file_of(folder) == before.replace(last, f"{last}  - 'boots: too small 🥾'\n")
    decided = find_phrasing(store, kept.id)
    assert (decided.status, decided.decided_by) == ("accepted", ana.agent.id)
    assert "Added to en/orders/return.md." in text_of(ana.get("/desk/phrasings"))
    kb.refresh()
    assert "boots: too small 🥾" in kb.article(RETURN, "en").questions


def test_dismissing_writes_nothing(ana: Person, propose, folder, store):
    kept, before = propose("asdf"), file_of(folder)
    assert ana.post(f"/desk/phrasings/{kept.id}/dismiss", text="").status_code == 303
    assert file_of(folder) == before and find_phrasing(store, kept.id).status == "dismissed"
    assert propose("asdf") is None and count_proposed(store) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "from 1 to 500 characters"),
        ("  \r\n ", "from 1 to 500 characters"),
        ("x" * 501, "this one 501"),
        ("How do I return BOOTS", "has this phrasing already"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_accepted_says_why_and_keeps_what_was_typed(ana: Person, propose, folder, store, text, problem):
    kept, before = propose("boots too small"), file_of(folder)
    response = ana.post(f"/desk/phrasings/{kept.id}/accept", text=text)
    assert response.status_code == 409
    assert problem in text_of(response) and f"{text.strip()}</textarea>" in text_of(response)
    assert file_of(folder) == before and find_phrasing(store, kept.id).status == "proposed"


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.unlink(), "taken away"),
        (lambda path: path.write_text("---\ntitle: [\n---\nx"), "broken; put that right first. en/orders/return.md:2"),
        (lambda path: path.chmod(0o444), "read-only"),
    ],
    ids=["missing", "broken", "read-only"],
)
@pytest.mark.slow
def test_a_file_that_cannot_be_written_says_why(ana: Person, propose, folder, store, spoil, problem):
    (folder / "sl" / "orders" / "return.md").unlink()
    kept = propose("boots too small")
    spoil(folder / "en" / "orders" / "return.md")
    response = ana.post(f"/desk/phrasings/{kept.id}/accept", text="boots too small")
    assert response.status_code == 409 and problem in text_of(response)
    assert find_phrasing(store, kept.id).status == "proposed"


def test_an_article_in_another_language_only_says_so(ana: Person, propose, folder, store):
    kept = propose("mogę zapłacić kartą?", "payment/methods", "pl")
    page = text_of(ana.get("/desk/phrasings"))
    assert "exists in another language only (English)" in page and ">Accept<" not in page and ">Dismiss<" in page
    response = ana.post(f"/desk/phrasings/{kept.id}/accept", text=kept.text)
    assert response.status_code == 409 and "the article exists only in en." in text_of(response)
    assert not (folder / "pl").exists() and find_phrasing(store, kept.id).status == "proposed"


def test_an_article_that_is_gone_can_still_be_dismissed(ana: Person, propose):
    kept = propose("old things", "orders/gone")
    assert "Not published any more" in text_of(ana.get("/desk/phrasings"))
    assert ana.post(f"/desk/phrasings/{kept.id}/accept", text="x").status_code == 409
    assert ana.post(f"/desk/phrasings/{kept.id}/dismiss").status_code == 303


def test_no_article_of_a_button_leads_out_of_the_folder(ana: Person, propose, folder, tmp_path):
    (tmp_path / "secret.md").write_text("---\ntitle: T\n---\nText.\n")
    for article in ("../../secret", "../secret", "/etc/hosts", "orders/../../../secret"):
        kept = propose("out of here", article)
        ana.get("/desk/phrasings")
        assert ana.post(f"/desk/phrasings/{kept.id}/accept", text="x").status_code == 409
    assert (tmp_path / "secret.md").read_text() == "---\ntitle: T\n---\nText.\n"


def test_what_was_taken_out_is_pointed_at(ana: Person, propose):
    propose("where is 123456, ana@posta.example")
    page = text_of(ana.get("/desk/phrasings"))
    assert "where is ⟨number⟩, ⟨e-mail⟩</textarea>" in page and "Something personal was taken out" in page
    assert "123456" not in page


def test_words_and_titles_are_never_markup(ana: Person, propose, folder, kb):
    write(folder, "en/orders/evil", "'<script>alert(1)</script>'", ["x"])
    kb.refresh()
    kept = propose("</textarea><script>alert(2)</script>", "orders/evil")
    assert "<script>alert" not in text_of(ana.get("/desk/phrasings"))
    failed = ana.post(f"/desk/phrasings/{kept.id}/accept", text="</textarea><script>alert(3)</script>" * 20)
    assert failed.status_code == 409 and "<script>alert" not in text_of(failed)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["accept", "dismiss"])
@pytest.mark.parametrize("second", ["accept", "dismiss"])
def test_the_second_to_decide_is_told(ana: Person, marek: Person, propose, folder, first, second):
    kept = propose("boots too small")
    assert ana.post(f"/desk/phrasings/{kept.id}/{first}", text="boots too small").status_code == 303
    after = file_of(folder)
    late = marek.post(f"/desk/phrasings/{kept.id}/{second}", text="boots too small")
    assert late.status_code == 409 and f"Somebody has {first}ed" in text_of(late)
    again = ana.post(f"/desk/phrasings/{kept.id}/{first}", text="boots too small")
    assert again.status_code == 303 and file_of(folder) == after


def test_accepting_and_dismissing_at_once_is_one_of_both(ana: Person, marek: Person, propose, folder, store):
    kept, token = propose("boots too small"), {}
    for person in (ana, marek):
        token[person.agent.id] = re.search(r'csrf_token" value="([^"]+)', person.get("/desk/queue").text)[1]

    def decide(number: int) -> int:
        person, what = (ana, "accept") if number % 2 else (marek, "dismiss")
        client = person.client.application.test_client()
        cookie = person.client.get_cookie("odziv_desk", path="/desk")
        client.set_cookie("odziv_desk", cookie.value, path="/desk")
        fields = {"csrf_token": token[person.agent.id], "text": "boots too small"}
        return client.post(f"/desk/phrasings/{kept.id}/{what}", data=fields).status_code

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(decide, range(8)))
    assert set(codes) == {303, 409}
    is_written = file_of(folder).count("boots too small")
    assert is_written == (find_phrasing(store, kept.id).status == "accepted")


@pytest.mark.slow
@pytest.mark.parametrize("number", ["0", "77", "99999999999999999999999", "-1", "x", "1.5"])
def test_no_such_phrasing(ana: Person, number):
    for what in ("accept", "dismiss"):
        assert ana.post(f"/desk/phrasings/{number}/{what}", text="x").status_code in (404, 405)


def test_nothing_without_a_token_or_signing_in(ana: Person, client, propose, store, folder):
    kept, before = propose("boots too small"), file_of(folder)
    for what in ("accept", "dismiss"):
        assert ana.client.post(f"/desk/phrasings/{kept.id}/{what}", data={"text": "x"}).status_code == 400
        assert client.post(f"/desk/phrasings/{kept.id}/{what}", data={"text": "x"}).status_code in (302, 303, 400, 401)
        assert ana.get(f"/desk/phrasings/{kept.id}/{what}").status_code in (404, 405)
    assert client.get("/desk/phrasings").status_code in (302, 303)
    assert file_of(folder) == before and find_phrasing(store, kept.id).status == "proposed"


def test_a_long_list_is_cut_and_says_so(ana: Person, propose, monkeypatch):
    monkeypatch.setattr("odziv.desk.knowledge.phrasings.list_proposed", lambda store: list_proposed(store, limit=1))
    propose("boots too small")
    propose("send it back to you")
    assert "And 1 older one, which" in text_of(ana.get("/desk/phrasings"))
