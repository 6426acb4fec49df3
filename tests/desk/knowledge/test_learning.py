"""From an agent's answer to a phrasing or an article; and answers that are wrong."""

from __future__ import annotations

import re

import pytest

from odziv.store.audit import list_entries
from odziv.store.conversations.asked import list_typed
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message, list_messages
from odziv.store.knowledge.drafts import find_draft, list_drafts
from odziv.store.knowledge.flags import list_flags
from odziv.store.knowledge.phrasings import list_proposed
from tests.desk.conftest import hand_off
from tests.desk.conversation.test_conversation import HOSTILE, text_of
from tests.fixtures import set_contact

ASKED = "Ali zavijete tudi darila? Moj mail je miha@example.com, lp Miha"
ANSWER = "Seveda, Miha. Pokličite 041 234 567."
ARTICLE = {
    "language": "sl",
    "category": "orders",
    "title": "Darila",
    "question": "Ali zavijete darila?",
    "answer": "Da.",
}


@pytest.fixture
def reply(ana, store, kb):
    """Ana answered what the bot could not; the path of her message."""
    waiting = hand_off(store, ASKED)
    set_contact(store, waiting.id, name="Miha Kos")
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/messages", text=ANSWER, kind="reply")
    return f"{waiting.path}/messages/{list_messages(store, waiting.id)[-1].seq}"


@pytest.fixture
def vera(sign_in):
    return sign_in("Vera Novak", "editor")


def id_of(path):
    return path.split("/")[3]


def test_the_agents_reply_leads_there_with_everything_filled_in_but_personal_data(ana, reply):
    assert f'href="{reply}/learn"' in text_of(ana.get(f"/desk/conversations/{id_of(reply)}"))
    page = text_of(ana.get(f"{reply}/learn"))
    assert "Ali zavijete tudi darila? Moj mail je ⟨e-mail⟩, lp ⟨name⟩" in page
    assert "Seveda, ⟨name⟩. Pokličite ⟨number⟩." in page
    assert "miha@example.com" not in page.split('id="article-heading"')[1] and "041 234" not in page
    assert "Personal data was taken out" in page


def test_a_phrasing_is_proposed_to_the_editors(ana, vera, reply, store):
    page = text_of(ana.get(f"{reply}/learn?q=vrnem+izdelek"))
    assert 'value="orders/return"' in page
    fields = {"article": "orders/return", "text": "zavijanje daril 041 234 567"}
    assert ana.post(f"{reply}/phrasing", **fields).status_code == 303
    [phrasing] = list_proposed(store)
    assert (phrasing.article, phrasing.language, phrasing.text) == ("orders/return", "sl", "zavijanje daril ⟨number⟩")
    assert "zavijanje daril" in text_of(vera.get("/desk/phrasings"))
    ana.post(f"{reply}/phrasing", **fields)
    assert [p.count for p in list_proposed(store)] == [1]  # a second click


@pytest.mark.parametrize(
    ("article", "text", "status"),
    [
        ("orders/nothing", "x", 400),
        ("../../etc/passwd", "x", 400),
        ("", "x", 400),
        ("orders/return", "", 422),
        ("orders/return", "x" * 301, 422),
        ("orders/return", "041 234 567", 422),
    ],
)
@pytest.mark.slow
def test_a_phrasing_that_is_none_is_refused(ana, reply, store, article, text, status):
    assert ana.post(f"{reply}/phrasing", article=article, text=text).status_code == status
    assert list_proposed(store) == []


@pytest.mark.slow
def test_an_article_is_proposed_edited_and_accepted(ana, vera, reply, store, folder, kb):
    assert ana.post(f"{reply}/draft", **ARTICLE).status_code == 303
    ana.post(f"{reply}/draft", **ARTICLE)
    [draft] = list_drafts(store)
    assert 'value="darila"' in text_of(vera.get("/desk/drafts"))
    edited = {**ARTICLE, "question": "Ali zavijete darila?\nkoliko stane darilni papir", "answer": "Da, za 2 EUR."}
    assert vera.post(f"/desk/drafts/{draft.id}/save", **edited).status_code == 303
    assert find_draft(store, draft.id).answer == "Da, za 2 EUR."
    response = vera.post(f"/desk/drafts/{draft.id}/accept", **edited, slug="gift-wrap", status="published")
    assert response.status_code == 303
    written = (folder / "sl/orders/gift-wrap.md").read_text("utf-8")
    assert "koliko stane darilni papir" in written and written.endswith("---\nDa, za 2 EUR.\n")
    assert list_drafts(store) == [] and find_draft(store, draft.id).status == "accepted"
    kb.refresh()
    assert kb.article("orders/gift-wrap", "sl").title == "Darila"
    assert [e.detail["article"] for e in list_entries(store, action="draft_accepted")] == ["sl/orders/gift-wrap.md"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"slug": "../../../evil"}, 409),
        ({"slug": "return"}, 409),  # there is one
        ({"slug": ""}, 409),
        ({"category": "../x"}, 422),
        ({"language": "de"}, 400),
        ({"status": "king"}, 400),
        ({"answer": ""}, 422),
        ({"answer": "Pišite na ⟨e-mail⟩."}, 422),
        ({"question": "Kje je ⟨name⟩?"}, 422),
        ({"title": "x" * 201}, 422),
    ],
    ids=str,
)
@pytest.mark.slow
def test_what_is_no_article_is_refused_and_what_was_typed_stays(ana, vera, reply, store, folder, change, status):
    ana.post(f"{reply}/draft", **ARTICLE)
    [draft] = list_drafts(store)
    before = sorted(folder.rglob("*"))
    fields = {**ARTICLE, "answer": "Moj popravek.", "slug": "gift", "status": "published", **change}
    response = vera.post(f"/desk/drafts/{draft.id}/accept", **fields)
    assert response.status_code == status and 'role="alert"' in text_of(response)
    assert "answer" in change or "Moj popravek." in text_of(response)
    assert sorted(folder.rglob("*")) == before and len(list_drafts(store)) == 1


def test_a_dismissed_draft_is_gone_and_decided_once(ana, vera, reply, store, folder):
    ana.post(f"{reply}/draft", **ARTICLE)
    [draft] = list_drafts(store)
    assert vera.post(f"/desk/drafts/{draft.id}/dismiss").status_code == 303
    late = vera.post(f"/desk/drafts/{draft.id}/accept", **ARTICLE, slug="gift", status="published")
    assert late.status_code == 409 and not (folder / "sl/orders/gift.md").exists()


def test_only_editors_decide(ana, reply, store):
    ana.post(f"{reply}/draft", **ARTICLE)
    [draft] = list_drafts(store)
    for what in ("save", "accept", "dismiss"):
        assert ana.post(f"/desk/drafts/{draft.id}/{what}", **ARTICLE).status_code == 403
    assert ana.get("/desk/drafts").status_code == ana.get("/desk/flags").status_code == 403
    assert len(list_drafts(store)) == 1


def test_only_agents_replies_can_be_learned_from(ana, reply, store):
    path = reply.rsplit("/", 1)[0]
    for seq in ("1", "2", "999"):
        assert ana.get(f"{path}/{seq}/learn").status_code == 404
        assert ana.post(f"{path}/{seq}/draft", **ARTICLE).status_code == 404
    assert list_drafts(store) == []


def test_another_question_can_be_chosen(ana, reply, store):
    conversation, seq = id_of(reply), int(reply.rsplit("/", 1)[1])
    add_customer_message(store, conversation, "c7", "Pa papir?", "x")
    assert [each.text for each in list_typed(store, conversation, 99)] == ["Pa papir?", ASKED]
    assert [each.text for each in list_typed(store, conversation, seq)] == [ASKED]
    assert ana.get(f"{reply}/learn?asked=1&q=x").status_code == 200
    assert ana.get(f"{reply}/learn?asked=%00{'9' * 50}&q={'x' * 5000}").status_code == 200


def test_the_question_is_what_was_asked_and_not_the_thanks_after_it(ana, store, kb):
    waiting = hand_off(store, "Ali zavijete tudi darila?")
    for number, text in enumerate(("Rad bi govoril s človekom", "halo?", "hvala")):
        add_customer_message(store, waiting.id, f"d{number}", text, text)
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/messages", text=ANSWER, kind="reply")
    path = f"{waiting.path}/messages/{list_messages(store, waiting.id)[-1].seq}/learn"
    page = text_of(ana.get(path))
    assert re.search(r'<textarea id="words"[^>]*>Ali zavijete tudi darila\?</textarea>', page)
    assert re.search(r'aria-current="true">Ali zavijete', page)
    assert re.search(
        r'<textarea id="words"[^>]*>hvala</textarea>', text_of(ana.get(f"{path}?asked={seq_of(store, waiting)}"))
    )


def seq_of(store, waiting):
    """The number of the thanks."""
    return next(each.seq for each in list_messages(store, waiting.id) if each.text == "hvala")


def wrong_answer(store):
    waiting = hand_off(store, "Kje je paket?")
    answer = {"article": "orders/return", "language": "sl", "title": "Vračilo", "url": "/help/x", "confidence": 0.9}
    with store.write() as connection:
        seq = append_message(connection, waiting.id, NewMessage("bot", "Vrnite ga.", "Vrnite ga.", answer=answer)).seq
    return f"{waiting.path}/messages/{seq}"


def test_a_wrong_answer_is_flagged_listed_and_done(ana, vera, store, kb):
    path = wrong_answer(store)
    assert ana.post(f"{path}/flag", reason="Vprašal je, kje je.").status_code == 303
    ana.post(f"{path}/flag", reason="še enkrat")
    [flag] = list_flags(store)
    page = text_of(vera.get("/desk/flags"))
    for shown in (
        "Kje je paket?",
        "Vrnite ga.",
        "Vprašal je, kje je.",
        "90 % sure",
        f"/conversations/{id_of(path)}?at=",
    ):
        assert shown in page
    assert "Flagged as wrong by Ana" in text_of(ana.get(f"/desk/conversations/{id_of(path)}"))
    assert vera.post(f"/desk/flags/{flag.id}/done").status_code == 303
    assert list_flags(store) == [] and "Nothing is flagged" in text_of(vera.get("/desk/flags"))


def test_only_the_bots_messages_are_flagged(ana, store):
    path = wrong_answer(store).rsplit("/", 1)[0]
    assert ana.post(f"{path}/1/flag").status_code == 404
    assert ana.post(f"{path}/999/flag").status_code == 404
    assert ana.post(f"{path}/3/flag", reason="x" * 501).status_code == 422
    assert list_flags(store) == []


def test_nothing_said_or_typed_becomes_markup(ana, vera, store, kb):
    path = wrong_answer(store)
    waiting = hand_off(store, HOSTILE)
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/messages", text=HOSTILE, kind="reply")
    reply = f"{waiting.path}/messages/{list_messages(store, waiting.id)[-1].seq}"
    ana.post(f"{reply}/draft", **{**ARTICLE, "title": HOSTILE, "question": HOSTILE, "answer": HOSTILE})
    ana.post(f"{path}/flag", reason=HOSTILE)
    for page in (ana.get(f"{reply}/learn?q={HOSTILE}"), vera.get("/desk/drafts"), vera.get("/desk/flags")):
        assert page.status_code == 200
        assert "<img src=x" not in text_of(page) and "<script>alert" not in text_of(page)


def test_a_deleted_conversation_takes_its_drafts_and_flags_along(ana, reply, store):
    ana.post(f"{reply}/draft", **ARTICLE)
    path = wrong_answer(store)
    ana.post(f"{path}/flag")
    delete_conversation(store, id_of(reply))
    delete_conversation(store, id_of(path))
    assert list_drafts(store) == [] and list_flags(store) == []
