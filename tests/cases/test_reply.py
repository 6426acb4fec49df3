"""Writing, as a verb: replies at once or scheduled, notes by anybody, the same again for a repeat, and taking back."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.reply import LONGEST_REPLY, check_writing, draft_message, take_back, write_message
from odziv.cases.refused import Kind, Refused
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.scheduled_replies import ScheduledReply


def reply(store, agent, text="It is on its way.", client_id="r1", **more):
    return draft_message(store, agent, text, client_id, internal=False, **more)


def test_a_reply_stands_in_the_log_in_the_agents_name(store, ana, taken):
    message = write_message(store, ana, taken, reply(store, ana, "**Soon**"))
    assert (message.agent_id, message.internal, message.html) == (ana.id, False, "<p><strong>Soon</strong></p>\n")
    assert list_messages(store, taken)[-1].seq == message.seq


def test_only_who_has_it_replies_but_anybody_adds_a_note(store, marek, taken):
    with pytest.raises(Refused, match="Not sent: Ana has this conversation") as refused:
        write_message(store, marek, taken, reply(store, marek))
    assert refused.value.kind is Kind.CONFLICT
    note = draft_message(store, marek, "I know this one, @Ana.", "n1", internal=True)
    assert write_message(store, marek, taken, note).internal


def test_what_waits_has_to_be_taken_first(store, ana, waiting):
    with pytest.raises(Refused, match="take it first"):
        write_message(store, ana, waiting, reply(store, ana))


def test_a_repeat_is_the_first_and_another_text_under_its_id_is_refused(store, ana, taken):
    first = write_message(store, ana, taken, reply(store, ana))
    assert write_message(store, ana, taken, reply(store, ana)).seq == first.seq
    with pytest.raises(Refused, match="another message under the same id"):
        write_message(store, ana, taken, reply(store, ana, "Something else."))


def test_a_scheduled_reply_is_nobodys_until_its_time_and_can_be_taken_back(store, ana, marek, taken):
    before = len(list_messages(store, taken))
    scheduled = write_message(store, ana, taken, reply(store, ana), delay_ms=5000)
    assert isinstance(scheduled, ScheduledReply) and scheduled.send_at == store.clock() + 5000
    assert len(list_messages(store, taken)) == before
    with pytest.raises(Refused, match="Too late"):
        take_back(store, marek, taken, scheduled.id)
    assert take_back(store, ana, taken, scheduled.id).text == "It is on its way."
    with pytest.raises(Refused, match="this was taken back"):
        write_message(store, ana, taken, reply(store, ana), delay_ms=5000)


def test_a_note_is_never_scheduled(store, ana, taken):
    note = draft_message(store, ana, "Angry.", "n1", internal=True)
    assert not isinstance(write_message(store, ana, taken, note, delay_ms=5000), ScheduledReply)


def test_a_file_nobody_sent_up_is_refused(store, ana, taken):
    with pytest.raises(Refused, match="a file was sent already, or is gone"):
        write_message(store, ana, taken, reply(store, ana, attachments=("0" * 32,)))


@pytest.mark.parametrize(
    ("text", "attachments", "kind"),
    [
        ("", (), Kind.INVALID),
        ("x" * (LONGEST_REPLY + 1), (), Kind.UNFIT),
        ("x", ("0" * 32,) * 50, Kind.UNFIT),
        ("Dear {{customer.name}}", (), Kind.UNFIT),
    ],
)
def test_what_cant_be_sent_as_it_is_is_refused(text, attachments, kind):
    with pytest.raises(Refused) as refused:
        check_writing(text, attachments, internal=False)
    assert refused.value.kind is kind


def test_a_file_alone_is_enough_and_a_note_may_quote_a_placeholder():
    check_writing("", ("0" * 32,), internal=False)
    check_writing("What is {{customer.name}}?", (), internal=True)
