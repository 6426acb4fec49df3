"""One conversation at the desk: reading, answering, noting, giving back."""

from __future__ import annotations

import pytest

from kb.render import render_plain
from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.chat.json import message_json
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message, list_messages
from tests.desk.conftest import hand_off


def text_of(response) -> str:
    return response.get_data(as_text=True)


def said(store, waiting, **options):
    return [(m.sender, m.text) for m in list_messages(store, waiting.id, **options)]


@pytest.mark.slow
def test_the_page_shows_everything_said_and_what_the_bot_considered(ana, waiting):
    page = text_of(ana.get(waiting.path))
    for shown in ("Rad bi govoril s človekom", "Počakajte, prosim.", "Vračilo izdelka", "62 %", '<rect width="62"'):
        assert shown in page
    assert 'href="/help/sl/orders/return"' in page
    assert 'href="/help/en/orders/refund-time"' in page
    assert 'lang="sl"' in page


@pytest.mark.parametrize(
    ("sender", "buttons", "came_of_it"),
    [("bot", [{"title": "Vračilo", "kind": "choice"}], ", asked back"), ("system", [], ", handed off")],
)
def test_it_says_what_came_of_the_articles_it_considered(ana, waiting, store, sender, buttons, came_of_it):
    considered = [{"article": "orders/return", "language": "sl", "title": "Vračilo", "confidence": 0.43}]
    draft = NewMessage(sender, "Hm.", "<p>Hm.</p>", buttons=buttons, considered=considered)
    with store.write() as connection:
        append_message(connection, waiting.id, draft)
    page = text_of(ana.get(waiting.path))
    assert f"Considered 1 article{came_of_it}" in page and "43 %" in page


def test_before_taking_there_is_no_reply_box_but_a_take_button(ana, waiting):
    page = text_of(ana.get(waiting.path))
    assert f"/desk/handoffs/{waiting.handoff}/claim" in page
    assert "kind-reply" not in page


def test_the_holder_answers_in_markdown(ana, taken, store):
    response = ana.post(f"{taken.path}/messages", text="Seveda, **takoj**.", kind="reply", client_id="1")
    assert (response.status_code, response.location) == (303, taken.path)
    message = list_messages(store, taken.id)[-1]
    assert (message.sender, message.agent_name) == ("agent", "Ana Kovač")
    assert "<strong>takoj</strong>" in message.html


def test_a_double_post_is_stored_once(ana, taken, store):
    for _ in range(2):
        assert ana.post(f"{taken.path}/messages", text="Enkrat", kind="reply", client_id="x").status_code == 303
    assert said(store, taken).count(("agent", "Enkrat")) == 1


def test_the_same_id_with_other_words_is_refused(ana, taken, store):
    ana.post(f"{taken.path}/messages", text="Prvo", kind="reply", client_id="x")
    assert ana.post(f"{taken.path}/messages", text="Drugo", kind="reply", client_id="x").status_code == 409
    assert ("agent", "Drugo") not in said(store, taken)


def test_a_customers_message_id_can_not_swallow_a_reply(ana, taken, store):
    add_customer_message(store, taken.id, f"a{ana.agent.id}-x", "Past", render_plain("Past"))
    assert ana.post(f"{taken.path}/messages", text="Odgovor", kind="reply", client_id="x").status_code == 303
    assert ("agent", "Odgovor") in said(store, taken)


def test_only_the_holder_can_answer(marek, taken, store):
    before = said(store, taken, internal=True)
    response = marek.post(f"{taken.path}/messages", text="Jaz pa tudi", kind="reply")
    assert response.status_code == 409
    assert "Ana Kovač has this conversation." in text_of(response)
    assert said(store, taken, internal=True) == before


def test_nobody_answers_what_nobody_took(ana, waiting, store):
    before = said(store, waiting)
    assert ana.post(f"{waiting.path}/messages", text="Živjo", kind="reply").status_code == 409
    assert said(store, waiting) == before


def test_a_note_is_for_agents_only(marek, ana, taken, store):
    assert marek.post(f"{taken.path}/messages", text="Stara stranka, **pozor**", kind="note").status_code == 303
    assert "Stara stranka" in text_of(ana.get(taken.path))
    assert "Internal note" in text_of(ana.get(taken.path))
    assert "Stara stranka" not in str([message_json(m) for m in list_messages(store, taken.id)])


def test_others_read_along_and_see_who_has_it(marek, taken):
    page = text_of(marek.get(taken.path))
    assert "<strong>Ana Kovač</strong> has this conversation." in page
    assert "kind-reply" not in page and "/release" not in page


@pytest.mark.parametrize(
    ("status", "notice"),
    [("bot", "predaja pogovor nazaj"), ("resolved", "Ta pogovor je zaključen.")],
)
def test_the_holder_gives_the_conversation_up(ana, taken, store, status, notice):
    assert ana.post(f"{taken.path}/release", status=status).location == "/desk/inbox"
    assert find_conversation(store, taken.id).status == status
    assert notice in said(store, taken)[-1][1]
    assert taken.id not in text_of(ana.get("/desk/list/inbox"))


def test_nobody_else_can_give_it_up(marek, taken, store):
    before = said(store, taken)
    response = marek.post(f"{taken.path}/release", status="resolved")
    assert response.status_code == 409 and "Ana Kovač has this conversation." in text_of(response)
    assert find_conversation(store, taken.id).status == "open" and said(store, taken) == before


@pytest.mark.parametrize("status", ["", "queued", "open", "deleted"])
def test_no_other_status_can_be_set(ana, taken, store, status):
    assert ana.post(f"{taken.path}/release", status=status).status_code == 400
    assert find_conversation(store, taken.id).status == "open"


def test_an_update_brings_what_is_new_and_nothing_else(ana, taken, store):
    last = list_messages(store, taken.id)[-1].seq
    add_customer_message(store, taken.id, "later", "Ste še tam?", render_plain("Ste še tam?"))
    update = text_of(ana.get(f"{taken.path}/log?after={last}&mode=holder"))
    assert "Ste še tam?" in update and update.count("data-seq=") == 1
    assert 'id="head"' in update and 'hx-swap-oob="true"' in update
    assert 'id="composer"' not in update  # it would take away what the agent is writing


def test_an_update_exchanges_the_reply_box_when_the_holder_changed(marek, taken):
    assert 'id="composer"' in text_of(marek.get(f"{taken.path}/log?after=0&mode=queued"))


def test_a_reply_by_htmx_answers_with_the_new_messages(ana, taken, store):
    last = list_messages(store, taken.id)[-1].seq
    response = ana.post_fragment(
        f"{taken.path}/messages", text="Tukaj", kind="reply", client_id="h", after=str(last), mode="holder"
    )
    assert response.status_code == 200
    assert text_of(response).count("data-seq=") == 1 and "<html" not in text_of(response)


def test_a_refusal_by_htmx_is_one_line(marek, taken):
    response = marek.post_fragment(f"{taken.path}/messages", text="x", kind="reply")
    assert response.status_code == 409 and "<html" not in text_of(response)


@pytest.mark.slow
@pytest.mark.parametrize("after", ["-1", "x", "9" * 40, "1e3", "²"])
def test_a_nonsense_number_means_from_the_start(ana, taken, after):
    response = ana.get(f"{taken.path}/log?after={after}")
    assert response.status_code == 200 and 'data-seq="1"' in text_of(response)


@pytest.mark.parametrize(("text", "status"), [("", 400), ("  \n ", 400), ("x" * (LONGEST_REPLY + 1), 422)])
def test_too_little_and_too_much_are_refused(ana, taken, store, text, status):
    before = said(store, taken)
    assert ana.post(f"{taken.path}/messages", text=text, kind="reply").status_code == status
    assert said(store, taken) == before


def test_the_longest_reply_fits_whatever_its_letters(ana, taken, store):
    assert ana.post(f"{taken.path}/messages", text="🏔" * LONGEST_REPLY, kind="reply").status_code == 303
    assert said(store, taken)[-1][1] == "🏔" * LONGEST_REPLY


def test_a_huge_body_is_refused(ana, taken, store):
    before = said(store, taken)
    response = ana.post(f"{taken.path}/messages", text="x" * 200_000, kind="reply")
    assert response.status_code == 413 and "too large" in text_of(response)
    assert said(store, taken) == before


def test_typing_reaches_the_customer_only_from_the_holder(app, ana, marek, taken):
    hub = app.extensions["odziv"].hub
    with hub.follow(taken.id) as customer:
        assert marek.post(f"{taken.path}/typing", typing="1").status_code == 204
        assert customer.take_typing() == {}
        assert ana.post(f"{taken.path}/typing", typing="1").status_code == 204
        assert customer.take_typing() == {"agent": True}


@pytest.mark.parametrize("path", ["", "/log", "/messages", "/release", "/typing"])
def test_an_unknown_conversation_is_not_found(ana, path):
    unknown = f"/desk/conversations/{'0' * 24}{path}"
    fields = {"text": "x", "kind": "note", "status": "bot"}
    response = ana.post(unknown, **fields) if path not in {"", "/log"} else ana.get(unknown)
    assert response.status_code == 404


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>[x](javascript:alert(3))"


def test_nothing_a_customer_writes_becomes_markup(ana, store):
    waiting = hand_off(store, HOSTILE, page="javascript:alert(4)//<b>")
    for path in ("/desk/queue", waiting.path):
        page = text_of(ana.get(path))
        assert "<img src=x" not in page and "<script>alert" not in page
        assert 'href="javascript:' not in page
    assert "javascript:alert(4)//&lt;b&gt;" in page


@pytest.mark.parametrize("page", ["data:text/html,x", "http://[", "//evil.example", '" onclick="x'])
def test_only_web_addresses_become_links(ana, store, page):
    shown = text_of(ana.get(hand_off(store, "x", page=page).path))
    assert shown.count('target="_blank" rel="noopener noreferrer"') == 0


def test_nothing_an_agent_is_called_or_writes_becomes_markup(sign_in, store, waiting):
    mallory = sign_in("Mal<script>alert(1)</script>")
    mallory.post(f"/desk/handoffs/{waiting.handoff}/claim")
    mallory.post(f"{waiting.path}/messages", text=HOSTILE, kind="reply")
    page = text_of(mallory.get(waiting.path))
    assert "<script>alert" not in page and "<img src=x" not in page and 'href="javascript:' not in page
    assert all("<script" not in m.html for m in list_messages(store, waiting.id))


def test_a_conversation_the_bot_has_can_be_read(ana, store):
    conversation = create_conversation(store, "demo", "hr")
    page = text_of(ana.get(f"/desk/conversations/{conversation.id}"))
    assert "The bot has this conversation." in page


def test_it_names_the_matter_that_no_article_answers(ana, waiting, store):
    missing = {"topic": "near/gift-wrapping", "name": "Zavijanje <daril>"}
    hit = {"article": "orders/return", "language": "sl", "title": "Vračilo", "confidence": 0.2, "missing": missing}
    with store.write() as connection:
        append_message(connection, waiting.id, NewMessage("bot", "Hm.", "<p>Hm.</p>", considered=[hit]))
    assert 'No article on “<span lang="sl">Zavijanje &lt;daril&gt;</span>”' in ana.get(waiting.path).text
