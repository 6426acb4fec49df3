"""Macros above the box: listed, previewed as they would be here, run, and taken back."""

from __future__ import annotations

import re

import pytest

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.macros.catalogue import save_macro
from odziv.cases.macros.steps import Steps
from odziv.store.agents.saved_replies import add_saved_reply, delete_saved_reply
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.macros.scheduled_actions import list_scheduled_of
from tests.fixtures import set_contact

HELD = {"undo_seconds": 5}


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": settings.desk.model_copy(update=HELD)})


@pytest.fixture
def macro(store, settings, ana) -> int:
    reply = add_saved_reply(store, "hi", "Hello", {"sl": "Pozdravljeni, {{customer.name}}!"}, ana.agent.id)
    label = add_label(store, settings, ana.agent, NewLabel("VIP", "purple")).id
    steps = Steps(labels_on=(label,), reply=reply, end="resolve")
    return save_macro(store, settings, ana.agent, "Greet", steps, shared=False)


@pytest.fixture
def work(app, clock):
    """Does what is due by then."""

    def work(milliseconds: int = 5_000) -> None:
        clock.advance(milliseconds)
        app.extensions["odziv"].scheduled_actions.look()

    return work


def said(store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id, internal=True)]


def test_previewed_as_it_would_be_here_and_run_after_some_seconds(store, ana, taken, macro, work):
    set_contact(store, taken.id, name="Maja")
    assert f"{taken.path}/macros/{macro}" in ana.get(taken.path).text
    page = ana.get(f"{taken.path}/macros/{macro}").text
    assert "Puts the label VIP on." in page and "Pozdravljeni, Maja!" in page and "5 seconds after you press" in page
    before = said(store, taken.id)
    client_id = re.search(r'name="client_id" value="(\w+)"', page)[1]
    for _ in range(2):  # pressed twice in a hurry
        answer = ana.post_fragment(f"{taken.path}/macros/{macro}", client_id=client_id, seen="99")
        assert (answer.status_code, answer.text) == (204, "")
    assert said(store, taken.id) == before
    shown = ana.get(taken.path).text
    assert "Macro about to run" in shown and "“Pozdravljeni, Maja!” Puts the label VIP on." in shown
    work()
    assert "Pozdravljeni, Maja!" in said(store, taken.id)[len(before) :]
    assert find_conversation(store, taken.id).status == "resolved"


def test_taken_back_by_its_agent_alone(store, ana, marek, taken, macro, work):
    ana.post(f"{taken.path}/macros/{macro}", client_id="c1", seen="99")
    before = said(store, taken.id)
    [waiting] = list_scheduled_of(store, taken.id)
    undo = f"{taken.path}/scheduled/{waiting.batch}/undo"
    assert "Ana Kovač is running this macro" in marek.get(taken.path).text and undo not in marek.get(taken.path).text
    assert marek.post(undo).status_code == 409
    for _ in range(2):
        answer = ana.post_fragment(undo)
        assert answer.status_code == 200 and 'id="scheduled"' in answer.text and "about to run" not in answer.text
    work()
    assert said(store, taken.id) == before and find_conversation(store, taken.id).status == "open"
    assert ana.post(undo).location == taken.path


def test_where_it_cannot_be_run_the_preview_says_why_and_nothing_can_be_pressed(store, ana, waiting, macro):
    page = ana.get(f"{waiting.path}/macros/{macro}").text
    assert "It can’t be run now: Not sent: this conversation is waiting in the queue; take it first." in page
    assert "macro-run" not in page
    answer = ana.post_fragment(f"{waiting.path}/macros/{macro}", client_id="c1")
    assert answer.status_code == 409 and "take it first" in answer.text and list_scheduled_of(store, waiting.id) == []


def test_with_its_reply_gone_it_is_not_run(store, ana, taken, macro):
    delete_saved_reply(store, 1, 1, ana.agent.id)
    assert "its saved reply is deleted" in ana.get(f"{taken.path}/macros/{macro}").text
    assert ana.post(f"{taken.path}/macros/{macro}", client_id="c1").status_code == 409


def test_without_seconds_to_undo_it_is_done_at_once(store, settings, ana, taken, macro, sign_in):
    at_once = settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 0})})
    ana.client.application.extensions["odziv"].settings = at_once
    assert "It happens at once" in ana.get(f"{taken.path}/macros/{macro}").text
    assert ana.post(f"{taken.path}/macros/{macro}", client_id="c1", seen="99").location == taken.path
    assert find_conversation(store, taken.id).status == "resolved"


def test_a_list_for_browsers_without_a_script(ana, taken, macro):
    page = ana.get(f"{taken.path}/macros").text
    assert f"{taken.path}/macros/{macro}" in page and "Back to the conversation" in page


@pytest.mark.parametrize("client_id", ["", "x" * 49])
def test_a_press_has_an_id(ana, taken, macro, client_id):
    assert ana.post(f"{taken.path}/macros/{macro}", client_id=client_id).status_code == 400


def test_what_there_isn_t_is_not_found(store, settings, ana, marek, taken, macro):
    for path in (f"{taken.path}/macros/4711", f"/desk/conversations/nowhere/macros/{macro}"):
        assert ana.get(path).status_code == ana.post(path, client_id="c1").status_code == 404
    assert marek.get(f"{taken.path}/macros/{macro}").status_code == 404  # Ana's own
    assert ana.post(f"{taken.path}/scheduled/nothing/undo").status_code == 409
    stranger = ana.client.application.test_client()
    assert stranger.get(f"{taken.path}/macros/{macro}").location.startswith("/desk/sign-in")
