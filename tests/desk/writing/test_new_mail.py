"""An agent writes to somebody by e-mail: a conversation of their own, sent as a reply is, or opened for more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.mails.begin import BEGUN_PER_HOUR
from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.settings import Settings
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.customers.other_addresses import add_address
from odziv.store.handoffs.handoff import list_handoffs_of, list_inbox
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.store.mail.begun import find_known
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import Recipients
from odziv.store.schema import conversations
from tests.fixtures import set_contact, with_mail

ANNA = "anna@customer.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_mail(settings)


@pytest.fixture(autouse=True)
def mail_domain(store):
    store.mail_domain = "smreka.example"


def text_of(response) -> str:
    return response.get_data(as_text=True)


def write(person, **fields):
    mail = {
        "to": f"Anna <{ANNA}>",
        "site": "demo",
        "language": "pl",
        "subject": "Your order",
        "text": "It is **here**.",
    }
    return person.post("/desk/write", **mail | {"client_id": "m1", "then": "send"} | fields)


def begun(answer) -> str:
    """The id of the conversation that an answer leads to."""
    assert answer.status_code == 303, text_of(answer)
    return answer.location.rpartition("/")[2]


def test_it_is_the_agents_own_conversation_and_goes_out(ana, store):
    conversation = find_conversation(store, begun(write(ana, name="Anna Nowak")))
    assert (conversation.status, conversation.agent_id, conversation.channel) == ("open", ana.agent.id, "mail")
    assert (conversation.email, conversation.name, conversation.language) == (ANNA, "Anna Nowak", "pl")
    entry, said = list_messages(store, conversation.id, internal=True)
    assert entry.internal and entry.text.endswith(f"by e-mail to {ANNA}: “Your order”")
    assert (said.sender, said.text) == ("agent", "It is **here**.")
    [state] = list_states(store, conversation.id).values()
    assert (state.status, state.recipient, state.recipients) == ("waiting", ANNA, None)
    assert [h.conversation_id for h in list_inbox(store, ana.agent.id)] == [conversation.id]
    [handoff] = list_handoffs_of(store, conversation.id)
    assert handoff.reason == "begun" and handoff.first_claimed_at is None
    assert list_entries(store, action="begun")[0].agent_id == ana.agent.id
    page = text_of(ana.get(f"/desk/conversations/{conversation.id}"))
    assert "Begun by e-mail “Your order”" in page and "Begun by an agent" in page


def test_a_double_press_begins_and_sends_once(ana, store):
    first, second = begun(write(ana)), begun(write(ana))
    assert first == second and len(list_messages(store, first)) == 1


def test_the_same_id_of_another_agent_is_another_conversation(ana, marek, store):
    assert begun(write(ana)) != begun(write(marek))


def test_others_get_it_too_and_the_first_is_the_customer(ana, store):
    conversation_id = begun(write(ana, to=f"{ANNA}, jan@x.example", bcc="boss@x.example"))
    [state] = list_states(store, conversation_id).values()
    assert state.recipients == Recipients((ANNA, "jan@x.example"), bcc=("boss@x.example",))
    assert find_conversation(store, conversation_id).email == ANNA


def test_opened_without_sending_the_text_is_in_the_composer(ana, marek, store):
    conversation_id = begun(write(ana, then="open", cc="jan@x.example"))
    page = text_of(ana.get(f"/desk/conversations/{conversation_id}"))
    assert "It is **here**.</textarea>" in page and "jan@x.example" in page and "Nothing is sent yet" in page
    assert list_states(store, conversation_id) == {} and list_messages(store, conversation_id) == []
    assert "It is **here**." not in text_of(marek.get(f"/desk/conversations/{conversation_id}"))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"to": ""}, "somebody has to stand in To"),
        ({"to": "anna"}, "“anna” is not an e-mail address"),
        ({"to": "help@smreka.example"}, "our own mailbox"),
        ({"subject": " \t"}, "needs a subject"),
        ({"subject": "x" * 201}, "can have 200 characters"),
        ({"site": "nowhere"}, "no such website"),
        ({"language": "xx"}, "not served"),
        ({"text": ""}, "write something"),
        ({"text": "x" * (LONGEST_REPLY + 1)}, "10,001"),
        ({"text": "Hello {{customer.name}}"}, "placeholder"),
        ({"name": "x" * 200}, "a name can have"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_begun(ana, store, fields, problem):
    answer = write(ana, **fields)
    assert answer.status_code in (400, 422) and problem in text_of(answer)
    assert find_known(store, "anna", 5) == [] and list_inbox(store, ana.agent.id) == []
    assert f'value="{fields.get("to", f"Anna &lt;{ANNA}&gt;")}"' in text_of(answer)


def test_a_line_break_in_the_subject_is_none(ana, store):
    conversation_id = begun(write(ana, subject="Order\r\nBcc: eve@x.example"))
    assert find_conversation(store, conversation_id).subject == "Order Bcc: eve@x.example"


def test_there_is_a_limit_for_each_agent(ana, marek):
    for number in range(BEGUN_PER_HOUR):
        assert write(ana, client_id=f"m{number}", then="open").status_code == 303
    assert write(ana, client_id="more").status_code == 429
    assert write(marek).status_code == 303


def test_the_customer_of_a_conversation_is_filled_in(ana, waiting, store):
    set_contact(store, waiting.id, email=ANNA, name="Anna Nowak")
    link = f"/desk/write?conversation={waiting.id}"
    assert link in text_of(ana.get(waiting.path))
    page = text_of(ana.get(link))
    assert f'value="Anna Nowak &lt;{ANNA}&gt;"' in page and '<option value="sl" selected>' in page
    assert ana.get("/desk/write?conversation=nothing").status_code == 200


class TestKnown:
    """Whom we know, while typing."""

    @pytest.fixture
    def known(self, store):
        for at, (email, name, language) in enumerate(
            [(ANNA, "Old Name", "en"), ("jan@x.example", "Jan 100% O'Neil_", "en"), (ANNA, "Anna Nowak", "pl")]
        ):
            store.clock.advance(at)
            set_contact(store, create_conversation(store, "demo", language).id, email=email, name=name)

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("anna@", [ANNA]),
            ("ANN", [ANNA]),
            ("now", [ANNA]),
            ("o'n", ["jan@x.example"]),
            ("%", []),
            ("_a", []),
            ("x.example", []),
        ],
    )
    def test_they_are_found_by_how_a_word_begins(self, store, known, words, found):
        assert [each.email for each in find_known(store, words, 5)] == found

    def test_by_an_address_that_was_added_the_customer_is_found_behind_the_others(self, store, known, ana):
        with store.read() as connection:
            statement = select(conversations.c.id, conversations.c.site).where(conversations.c.email == ANNA)
            annas = connection.execute(statement).all()
        for one in annas:
            add_address(store, one.id, "anna@work.example", ana.agent.id)
            add_address(store, one.id, "x%@work.example", ana.agent.id)
        [by_work] = find_known(store, "anna@w", 5)
        assert (by_work.email, by_work.site in {one.site for one in annas}) == ("anna@work.example", True)
        assert [each.email for each in find_known(store, "anna@", 5)] == [ANNA, "anna@work.example"]
        assert [each.email for each in find_known(store, "anna@", 1)] == [ANNA]
        assert [each.email for each in find_known(store, "x_", 5)] == []

    def test_each_once_as_the_newest_conversation_has_them(self, ana, known):
        [told] = ana.get("/desk/write/customers?q=anna").get_json()
        assert (told["to"], told["name"], told["language"]) == (f"Anna Nowak <{ANNA}>", "Anna Nowak", "pl")
        assert ana.get("/desk/write/customers?q=a").get_json() == []


class TestUndo:
    """With some seconds to undo it."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 5})})

    def test_it_is_taken_back_as_a_reply_is(self, ana, store):
        conversation_id = begun(write(ana))
        [reply] = list_scheduled_replies(store, conversation_id)
        taken = ana.post_fragment(f"/desk/conversations/{conversation_id}/held/{reply.id}/undo")
        assert taken.status_code == 200 and "It is **here**." in text_of(taken)
        store.clock.advance(60_000)
        ScheduledReplies(store).look()
        assert list_states(store, conversation_id) == {}


def test_where_mail_is_off_there_is_no_way_to_it(ana, app, waiting, store):
    services = app.extensions["odziv"]
    services.settings = services.settings.model_copy(update={"mail": type(services.settings.mail)()})
    set_contact(store, waiting.id, email=ANNA)
    assert "/desk/write" not in text_of(ana.get(waiting.path))
    assert "E-mail is off" in text_of(ana.get("/desk/write"))
    assert write(ana).status_code == 409
