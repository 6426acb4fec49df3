"""Proposing from a reply, flagging an answer and reading files, as verbs."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.files import get_file
from odziv.cases.conversations.flag import flag_answer
from odziv.cases.conversations.propose import check_fields, get_reply, propose_article
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.refused import Kind, Refused
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.lengths import LONGEST_FLAG_REASON

FIELDS = {"language": "en", "category": "orders", "title": "Late", "question": "Where is it?", "answer": "On its way."}


def test_only_an_agents_reply_teaches_something(store, ana, taken):
    seq = write_message(store, ana, taken, draft_message(store, ana, "On its way.", "r1", internal=False)).seq
    assert get_reply(store, taken, seq)[1].agent_id == ana.id
    for other in (1, seq + 1):
        with pytest.raises(Refused) as refused:
            get_reply(store, taken, other)
        assert refused.value.kind is Kind.NOT_FOUND


def test_an_answer_is_proposed_once(store, settings, ana, taken):
    seq = write_message(store, ana, taken, draft_message(store, ana, "On its way.", "r1", internal=False)).seq
    fields = check_fields(settings, **FIELDS)
    assert propose_article(store, ana, taken, seq, fields)
    assert not propose_article(store, ana, taken, seq, fields)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [({"language": "xx"}, Kind.INVALID), ({"category": "../x"}, Kind.UNFIT), ({"title": " "}, Kind.UNFIT)],
)
def test_what_is_no_article_is_refused(settings, wrong, kind):
    with pytest.raises(Refused) as refused:
        check_fields(settings, **FIELDS | wrong)
    assert refused.value.kind is kind


def test_what_the_bot_said_is_flagged_once_and_nothing_else_is(store, ana, taken):
    with store.write() as connection:
        seq = append_message(connection, taken, NewMessage("bot", "It never comes.", "")).seq
    assert flag_answer(store, ana, taken, seq, "It does.") and not flag_answer(store, ana, taken, seq, None)
    with pytest.raises(Refused, match="said no such message"):
        flag_answer(store, ana, taken, 1, None)
    with pytest.raises(Refused) as refused:
        flag_answer(store, ana, taken, seq, "x" * (LONGEST_FLAG_REASON + 1))
    assert refused.value.kind is Kind.UNFIT


def test_an_unknown_file_is_not_found(store, ana, taken):
    with pytest.raises(Refused) as refused:
        get_file(store, ana, taken, "0" * 32)
    assert refused.value.kind is Kind.NOT_FOUND
