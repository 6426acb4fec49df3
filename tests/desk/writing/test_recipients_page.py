"""To whom a reply goes by e-mail, at the desk: shown before it is sent, changed, taken back, and told to colleagues."""

from __future__ import annotations

import re

import pytest

from odziv.settings import Settings
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.customers.other_addresses import add_address
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_message
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import Copies, Recipients
from tests.fixtures import set_contact, with_mail

ANNA, MARKO, WORK = "anna@customer.example", "marko@customer.example", "anna@work.example"
COPIES = Copies(cc=(("Marko <b>Žagar", MARKO),))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_mail(settings)


@pytest.fixture
def by_mail(store, ana) -> str:
    """The address of Anna's conversation, which Ana has; Marko is in copy."""
    store.mail_domain = "smreka.example"
    mail = Incoming("id", "<a@x>", ANNA, "Parcel", "Where is it?", copies=COPIES)
    opened = keep_as_conversation(store, mail, "Anna", "demo", "en", "Where is it?", "<p>Where is it?</p>")
    with store.write() as connection:
        change_owner(connection, opened.conversation_id, "open", agent_id=ana.agent.id)
    return f"/desk/conversations/{opened.conversation_id}"


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def newest(store, path) -> tuple[str, Recipients | None]:
    """The recipient of the newest mail, and all of them where there are others."""
    state = list(list_states(store, id_of(path)).values())[-1]
    return state.recipient, state.recipients


def text_of(response) -> str:
    return response.get_data(as_text=True)


def test_the_page_shows_who_gets_it_and_who_else_had_the_mail(ana, by_mail):
    page = text_of(ana.get(by_mail))
    assert f'name="to" value="Anna &lt;{ANNA}&gt;"' in page and "Reply to all" in page
    assert f"Marko &lt;b&gt;Žagar &lt;{MARKO}&gt;" in page and "Marko <b>" not in page
    assert f"Cc:      Marko <b>Žagar <{MARKO}>" in text_of(ana.get(f"{by_mail}/mail/1"))


def test_without_an_address_or_as_a_note_there_are_none(ana, marek, by_mail, store):
    assert 'name="bcc"' not in text_of(marek.get(by_mail))
    note = ana.post(f"{by_mail}/messages", text="For us.", kind="note", cc=MARKO)
    assert note.status_code == 303 and list_states(store, id_of(by_mail)) == {}
    set_contact(store, id_of(by_mail), email=None)
    assert 'name="bcc"' not in text_of(ana.get(by_mail))


def test_a_reply_goes_to_all_or_to_whom_the_agent_names(ana, by_mail, store):
    ana.post(f"{by_mail}/messages", text="Soon.", kind="reply", to=ANNA, offered_to=ANNA, to_all="1")
    assert newest(store, by_mail) == (ANNA, Recipients((ANNA,), (MARKO,)))
    ana.post(f"{by_mail}/messages", text="Very.", kind="reply", to=f"M <{MARKO}>", cc=ANNA, bcc="b@x.example")
    assert newest(store, by_mail) == (MARKO, Recipients((MARKO,), (ANNA,), ("b@x.example",)))
    page = text_of(ana.get(by_mail))
    assert f"To {MARKO} · Cc {ANNA} · Bcc b@x.example" in page


def test_unchanged_it_follows_the_address_as_it_is_now(ana, by_mail, store):
    set_contact(store, id_of(by_mail), email="new@customer.example")
    ana.post(f"{by_mail}/messages", text="Soon.", kind="reply", to=f"Anna <{ANNA}>", offered_to=f"Anna <{ANNA}>")
    assert newest(store, by_mail) == ("new@customer.example", None)


@pytest.mark.parametrize("cc", ["nobody", "help@smreka.example", "no-reply@x.example"])
def test_what_can_not_be_written_to_is_refused_and_nothing_is_sent(ana, by_mail, store, cc):
    answer = ana.post_fragment(f"{by_mail}/messages", text="Soon.", kind="reply", to=ANNA, cc=cc)
    assert answer.status_code == 422 and cc in text_of(answer)
    assert [m.sender for m in list_messages(store, id_of(by_mail))] == ["customer"]


def test_who_in_copy_wrote_is_told_apart_from_the_customer(ana, by_mail, store):
    mail = Incoming("id2", "<b@x>", MARKO, "Re: Parcel", "And mine?")
    keep_as_message(store, mail, id_of(by_mail), "And mine?", "<p>And mine?</p>", author="<i>Marko")
    page = text_of(ana.get(by_mail))
    assert "<strong>&lt;i&gt;Marko</strong>" in page and "In copy" in page and f"By e-mail from {MARKO}" in page


def test_what_is_offered_changes_with_the_next_mail_unless_it_is_being_changed(ana, by_mail, store):
    mail = Incoming("id2", "<b@x>", ANNA, "Re: Parcel", "Hello?", copies=Copies(cc=(("", "new@x.example"),)))
    keep_as_message(store, mail, id_of(by_mail), "Hello?", "<p>Hello?</p>")
    for shown, comes in (("old", True), ("editing", False)):
        answer = text_of(ana.get(f"{by_mail}/log?after=1&mode=holder&recipients={shown}"))
        assert ('data-others="new@x.example"' in answer) is comes


class TestTakenBack:
    """With some seconds to undo it."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 5})})

    def test_the_recipients_come_back_with_the_text(self, ana, by_mail, store):
        ana.post(f"{by_mail}/messages", text="Soon.", kind="reply", to=ANNA, cc=MARKO, bcc="b@x.example")
        [reply] = list_scheduled_replies(store, id_of(by_mail))
        assert f"To {ANNA} · Cc {MARKO} · Bcc b@x.example" in text_of(ana.get(by_mail))
        taken = text_of(ana.post_fragment(f"{by_mail}/held/{reply.id}/undo"))
        assert f'data-to="{ANNA}" data-cc="{MARKO}" data-bcc="b@x.example"' in taken


class TestCrossing:
    """A reply that was written before the customer's newest message was seen."""

    def write(self, store, path, text="Wait, it came!", **more):
        draft = NewMessage("customer", text, f"<p>{text}</p>", **more)
        with store.write() as connection:
            return append_message(connection, id_of(path), draft)

    def test_it_is_stopped_and_what_came_is_shown(self, ana, by_mail, store):
        came = self.write(store, by_mail, "Wait, <it> came!")
        answer = ana.post_fragment(f"{by_mail}/messages", text="Lost.", kind="reply", seen="1")
        assert answer.status_code == 409
        assert "Not sent: Anna wrote meanwhile: “Wait, &lt;it&gt; came!”" in text_of(answer)
        assert f'form="composer" data-seen="{came.seq}"' in text_of(answer)
        assert "agent" not in [m.sender for m in list_messages(store, id_of(by_mail))]

    def test_without_a_script_the_text_stays_in_the_composer(self, ana, by_mail, store):
        self.write(store, by_mail)
        answer = ana.post(f"{by_mail}/messages", text="Lost for good.", kind="reply", seen="1")
        assert answer.status_code == 409
        page = text_of(answer)
        assert "Lost for good.</textarea>" in page and "wrote meanwhile" in page and 'name="seen" value="2"' in page

    def test_sent_anyway_it_goes_and_a_note_crosses_nothing(self, ana, by_mail, store):
        came = self.write(store, by_mail)
        for kind, seen in (("note", 1), ("reply", came.seq)):
            assert ana.post(f"{by_mail}/messages", text="Hm.", kind=kind, seen=str(seen)).status_code == 303

    def test_a_repeat_of_what_was_sent_is_no_crossing(self, ana, by_mail, store):
        fields = {"text": "Soon.", "kind": "reply", "client_id": "x", "seen": "1"}
        assert ana.post(f"{by_mail}/messages", **fields).status_code == 303
        self.write(store, by_mail)
        assert ana.post(f"{by_mail}/messages", **fields).status_code == 303
        assert [m.text for m in list_messages(store, id_of(by_mail))].count("Soon.") == 1

    def test_who_in_copy_wrote_is_named(self, ana, by_mail, store):
        self.write(store, by_mail, "Me too." * 100, author="Marko")
        shown = text_of(ana.post_fragment(f"{by_mail}/messages", text="Lost.", kind="reply", seen="1"))
        assert "Marko wrote meanwhile" in shown and "…”" in shown


def test_the_customers_other_addresses_are_offered_and_get_nothing_by_themselves(ana, by_mail, store):
    assert "data-adds" not in text_of(ana.get(by_mail))
    add_address(store, id_of(by_mail), WORK, ana.agent.id)
    page = text_of(ana.get(by_mail))
    assert f'data-adds="{WORK}"' in page and f'aria-label="Put {WORK} in To"' in page
    assert ana.post(f"{by_mail}/messages", text="Soon.", kind="reply", seen="1").status_code == 303
    assert newest(store, by_mail) == (ANNA, None)


def test_an_open_page_offers_one_that_was_added_meanwhile(ana, by_mail, store):
    mark = re.search(r'id="recipients" data-mark="(\w+)"', text_of(ana.get(by_mail)))[1]
    asked = f"{by_mail}/log?after=0&mode=holder&recipients="
    assert "data-adds" not in text_of(ana.get(asked + mark))
    add_address(store, id_of(by_mail), WORK, ana.agent.id)
    assert "data-adds" in text_of(ana.get(asked + mark))
    assert "data-adds" not in text_of(ana.get(asked + "editing"))
