"""What is begun is kept on the server: for each agent, until it is sent; and of two windows the second is told."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.store.agents.reply_drafts import DraftChanged, ReplyDraft, find_draft, list_drafting, save_draft
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import list_messages
from tests.desk.conftest import hand_off


def keep(person, waiting, text="Spoštovani,", version="0", **fields):
    return person.post_fragment(f"{waiting.path}/draft", text=text, version=version, kind="reply", **fields)


def text_of(response) -> str:
    return response.get_data(as_text=True)


def test_it_is_there_again_in_the_composer_of_its_agent_alone(ana, marek, taken):
    assert keep(ana, taken, "Spoštovani,\r\n<b>", cc="jan@x.example").status_code == 200
    page = text_of(ana.get(taken.path))
    assert "Spoštovani,\n&lt;b&gt;</textarea>" in page and "jan@x.example" in page
    colleague = text_of(marek.get(taken.path))
    assert "Spoštovani" not in colleague and "Ana Kovač has begun to write here, too." in colleague


def test_each_change_has_another_version_and_an_empty_one_is_none(ana, taken, store):
    first = keep(ana, taken).get_json()["version"]
    second = keep(ana, taken, "Spoštovani, paket", str(first)).get_json()["version"]
    assert 0 < first < second
    assert keep(ana, taken, " \n", str(second)).get_json()["version"] == 0
    assert find_draft(store, taken.id, ana.agent.id) == ReplyDraft() and list_drafting(store, taken.id, 0) == []


def test_what_another_window_kept_is_told_and_nothing_is_lost(ana, taken, store):
    version = keep(ana, taken, "Of the first window").get_json()["version"]
    refused = keep(ana, taken, "Of the second", "0")
    assert refused.status_code == 409
    told = refused.get_json()["draft"]
    assert (told["text"], told["version"]) == ("Of the first window", version)
    assert find_draft(store, taken.id, ana.agent.id).text == "Of the first window"


def test_what_was_sent_is_kept_no_longer_and_does_not_come_back(ana, taken, store):
    version = keep(ana, taken).get_json()["version"]
    ana.post(f"{taken.path}/messages", text="Spoštovani, tu je.", kind="reply")
    assert find_draft(store, taken.id, ana.agent.id).version == 0
    store.clock.advance(1)
    late = keep(ana, taken, "Spoštovani, tu", str(version))
    assert late.status_code == 409 and late.get_json()["draft"]["version"] == 0
    assert keep(ana, taken, "Še nekaj").get_json()["version"] > version


def test_what_is_refused_stays(ana, taken, store):
    keep(ana, taken, "Spoštovani {{customer.name}}")
    assert ana.post(f"{taken.path}/messages", text="Spoštovani {{customer.name}}", kind="reply").status_code == 422
    assert find_draft(store, taken.id, ana.agent.id).text == "Spoštovani {{customer.name}}"


def test_a_reply_that_was_begun_does_not_become_a_note(ana, waiting):
    keep(ana, waiting, "A reply, of before")
    assert "A reply, of before" not in text_of(ana.get(waiting.path))


def test_what_no_composer_holds_is_not_kept(ana, taken, store):
    assert keep(ana, taken, "x" * (2 * LONGEST_REPLY + 1)).status_code == 422
    assert keep(ana, taken, bcc="x" * 6001).status_code == 422
    assert keep(ana, taken, version="-1\0").status_code == 200  # as of none
    assert ana.post_fragment("/desk/conversations/nothing/draft", text="x", kind="reply").status_code == 404


def test_it_goes_with_its_conversation(ana, taken, store):
    other = hand_off(store, "Še eden")
    for each in (taken, other):
        keep(ana, each)
    delete_conversation(store, taken.id)
    assert find_draft(store, taken.id, ana.agent.id).version == 0
    assert find_draft(store, other.id, ana.agent.id).text == "Spoštovani,"
    with pytest.raises(KeyError):
        save_draft(store, taken.id, ana.agent.id, ReplyDraft(text="Late"))


def test_no_customer_and_no_log_has_it(ana, taken, store):
    before = list_messages(store, taken.id, internal=True)
    keep(ana, taken)
    assert list_messages(store, taken.id, internal=True) == before


def test_versions_never_come_twice(ana, taken, store):
    seen = set()
    for number in range(3):
        version = save_draft(store, taken.id, ana.agent.id, ReplyDraft(text=f"a{number}"))
        seen.add(version)
        save_draft(store, taken.id, ana.agent.id, ReplyDraft(version=version))
        store.clock.advance(1)
    assert len(seen) == 3
    with pytest.raises(DraftChanged):
        save_draft(store, taken.id, ana.agent.id, ReplyDraft(text="b", version=min(seen)))
