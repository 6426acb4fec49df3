"""Reopen, above a resolved conversation: whoever presses first has it, and what was said of it."""

from __future__ import annotations

import pytest

from odziv.store.conversations.conversation import find_conversation


@pytest.fixture
def resolved(ana, taken):
    assert ana.post(f"{taken.path}/release", status="resolved").status_code == 303
    return taken


def test_reopened_by_whoever_presses_first(store, ana, marek, resolved):
    assert "Reopen" in marek.get(resolved.path).text
    assert marek.post(f"{resolved.path}/reopen").location == resolved.path
    conversation = find_conversation(store, resolved.id)
    assert (conversation.status, conversation.agent_id) == ("open", marek.agent.id)
    late = ana.post(f"{resolved.path}/reopen")
    assert late.status_code == 409 and "Marek Zieliński has this conversation" in late.text
    page = marek.get(resolved.path).text
    assert (
        "With you" in page and "Reopened by an agent" in page and "reopen" not in page.split("Reopened by an agent")[1]
    )


def test_only_what_is_resolved_has_the_button(ana, waiting):
    assert "/reopen" not in ana.get(waiting.path).text
    assert ana.post(f"{waiting.path}/reopen").status_code == 409
    assert ana.post("/desk/conversations/nowhere/reopen").status_code == 404


def test_a_customer_who_writes_again_is_in_the_inbox_of_the_agent_they_had(app, store, ana, resolved):
    token = app.extensions["odziv"].visitor_tokens.issue(resolved.id, "demo")
    sent = app.test_client().post(
        f"/api/v1/conversations/{resolved.id}/messages",
        json={"client_id": "again", "text": "Še nekaj"},
        headers={"Authorization": f"Bearer {token}", "Origin": "https://shop.example"},
    )
    assert sent.status_code == 201, sent.text
    assert "Came back to their agent" in ana.get("/desk/inbox").text
