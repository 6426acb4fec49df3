"""A new e-mail that was begun is kept on the server: for its agent alone, until it is sent, opened, deleted or old."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.store.agents.mail_drafts import (
    MAIL_DRAFT_DAYS,
    MailDraft,
    MailDraftChanged,
    find_mail_draft,
    forget_mail_draft,
    forget_mail_drafts_to,
    forget_old_mail_drafts,
    save_mail_draft,
)
from odziv.store.agents.reply_drafts import find_draft
from odziv.store.conversations.conversation import EXPIRED, create_conversation, delete_conversation
from odziv.store.engine import DAY_MS
from odziv.store.lengths import LONGEST_RECIPIENTS
from odziv.store.mail.inbound import Incoming, keep_as_conversation
from tests.fixtures import set_contact, with_mail

ANNA = "anna@customer.example"


@pytest.fixture
def settings(settings):
    return with_mail(settings)


@pytest.fixture(autouse=True)
def mail_domain(store):
    store.mail_domain = "smreka.example"


def text_of(response) -> str:
    return response.get_data(as_text=True)


def typed(**fields: str) -> dict[str, str]:
    mail = {"to": f"Anna <{ANNA}>", "site": "demo", "language": "pl", "subject": "Your <order>", "text": "It is"}
    return mail | {"client_id": "m1", "version": "0"} | fields


def keep(person, **fields):
    return person.post_fragment("/desk/write/draft", **typed(**fields))


def test_it_is_there_again_for_its_agent_alone(ana, marek):
    assert keep(ana, cc="jan@x.example", text="It is\r\n<b>here").status_code == 200
    page = text_of(ana.get("/desk/write"))
    assert "It is\n&lt;b&gt;here</textarea>" in page and 'value="Your &lt;order&gt;"' in page
    assert 'value="jan@x.example"' in page and 'name="client_id" value="m1"' in page
    assert "You have begun this e-mail." in page
    colleague = text_of(marek.get("/desk/write"))
    assert "It is" not in colleague and ANNA not in colleague and "You have begun" not in colleague


def test_each_change_has_another_version_and_an_empty_one_is_none(ana, store):
    first = keep(ana).get_json()["version"]
    second = keep(ana, text="It is here", version=str(first)).get_json()["version"]
    assert 0 < first < second
    blank = dict.fromkeys(("to", "subject", "text"), " \n")
    assert keep(ana, **blank, version=str(second)).get_json()["version"] == 0
    assert find_mail_draft(store, ana.agent.id) == MailDraft()


def test_what_another_window_kept_is_told_and_nothing_is_lost(ana, store):
    version = keep(ana).get_json()["version"]
    refused = keep(ana, text="Of the second", client_id="m2")
    assert refused.status_code == 409
    told = refused.get_json()["draft"]
    assert (told["text"], told["version"], told["to"]) == ("It is", version, f"Anna <{ANNA}>")
    assert find_mail_draft(store, ana.agent.id).client_id == "m1"


@pytest.mark.parametrize("then", ["send", "open"])
def test_what_was_sent_or_opened_is_kept_no_longer_and_does_not_come_back(ana, store, then):
    version = keep(ana).get_json()["version"]
    sent = ana.post("/desk/write", **typed(text="It is here."), then=then)
    assert sent.status_code == 303
    assert find_mail_draft(store, ana.agent.id) == MailDraft()
    begun = find_draft(store, sent.location.rpartition("/")[2], ana.agent.id)
    assert begun.text == ("It is here." if then == "open" else "")
    late = keep(ana, text="It is he", version=str(version))
    assert late.status_code == 409 and late.get_json()["draft"]["version"] == 0
    assert "It is he" not in text_of(ana.get("/desk/write"))


def test_what_is_refused_stays_and_goes_on_from_its_version(ana, store):
    version = keep(ana).get_json()["version"]
    refused = ana.post("/desk/write", **typed(to="nobody"), then="send")
    assert refused.status_code == 422
    assert f'data-draft-version="{version}"' in text_of(refused)
    assert find_mail_draft(store, ana.agent.id).to == f"Anna <{ANNA}>"


def test_another_mail_that_is_sent_leaves_it(ana, store):
    keep(ana)
    assert ana.post("/desk/write", **typed(client_id="m2"), then="send").status_code == 303
    assert find_mail_draft(store, ana.agent.id).client_id == "m1"


def test_to_another_customer_it_begins_empty_and_the_first_stays(ana, store):
    conversation = create_conversation(store, "demo", "en")
    set_contact(store, conversation.id, email="eva@customer.example", name="Eva")
    keep(ana)
    page = text_of(ana.get(f"/desk/write?conversation={conversation.id}"))
    assert "eva@customer.example" in page and "It is" not in page and 'data-draft-version="0"' in page
    assert keep(ana, to="eva@customer.example", client_id="m2").status_code == 409


def test_to_the_customer_it_is_to_it_is_shown(ana, store):
    conversation = create_conversation(store, "demo", "en")
    set_contact(store, conversation.id, email=ANNA, name="Anna")
    keep(ana)
    assert "It is</textarea>" in text_of(ana.get(f"/desk/write?conversation={conversation.id}"))


def test_it_is_deleted_but_not_what_another_window_began(ana, store):
    keep(ana)
    assert ana.post("/desk/write/draft/forget", **typed(client_id="m2")).status_code == 303
    assert find_mail_draft(store, ana.agent.id).version
    assert ana.post("/desk/write/draft/forget", **typed()).status_code == 303
    assert find_mail_draft(store, ana.agent.id) == MailDraft()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x" * (2 * LONGEST_REPLY + 1)},
        {"bcc": "x" * (LONGEST_RECIPIENTS + 1)},
        {"subject": "x" * 401},
        {"site": "x" * 401},
    ],
    ids=["text", "recipients", "subject", "site"],
)
def test_more_than_the_form_holds_is_refused(ana, store, fields):
    assert keep(ana, **fields).status_code == 422
    assert find_mail_draft(store, ana.agent.id) == MailDraft()


def test_hostile_fields_are_kept_as_they_are_and_shown_as_text(ana, store):
    hostile = {"to": '"><script>alert(1)</script>', "site": "../..", "language": "xx", "text": "a\0b</textarea>"}
    assert keep(ana, **hostile, client_id="i" * 500, version="-1").status_code == 200
    kept = find_mail_draft(store, ana.agent.id)
    assert (kept.text, len(kept.client_id)) == ("ab</textarea>", 48)
    page = text_of(ana.get("/desk/write"))
    assert "<script>alert" not in page and "ab&lt;/textarea&gt;" in page


@pytest.mark.parametrize("path", ["/desk/write/draft", "/desk/write/draft/forget"])
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(app, path):
    answer = app.test_client().post(path, data=typed())
    assert answer.status_code == 303 and "/desk/sign-in" in answer.location


def test_it_goes_with_a_customer_it_names_and_with_no_other(store, ana, marek):
    save_mail_draft(store, ana.agent.id, MailDraft(bcc=f"Anna <{ANNA.upper()}>", text="x"))
    save_mail_draft(store, marek.agent.id, MailDraft(to=f"joanna.{ANNA}, {ANNA}.pl", text="x"))
    with store.write() as connection:
        assert forget_mail_drafts_to(connection, []) == 0
        assert forget_mail_drafts_to(connection, [ANNA]) == 1
    assert find_mail_draft(store, ana.agent.id) == MailDraft()
    assert find_mail_draft(store, marek.agent.id).version


def test_it_goes_with_the_last_conversation_of_whom_it_is_to(store, ana):
    mails = [Incoming(number, None, ANNA, "", "x") for number in "1234"]
    theirs = [keep_as_conversation(store, mail, "", "demo", "sl", "x", "x") for mail in mails[:2]]
    save_mail_draft(store, ana.agent.id, MailDraft(to=ANNA, text="x"))
    delete_conversation(store, theirs[0].conversation_id, senders={ANNA})
    assert find_mail_draft(store, ana.agent.id).version  # somebody who is a customer still
    delete_conversation(store, theirs[1].conversation_id)  # nothing says that the address is theirs
    assert find_mail_draft(store, ana.agent.id).version
    third = keep_as_conversation(store, mails[2], "", "demo", "sl", "x", "x")
    delete_conversation(store, third.conversation_id, action=EXPIRED, senders={ANNA})  # what is begun now stays
    assert find_mail_draft(store, ana.agent.id).version
    fourth = keep_as_conversation(store, mails[3], "", "demo", "sl", "x", "x")
    delete_conversation(store, fourth.conversation_id, senders={ANNA})
    assert find_mail_draft(store, ana.agent.id) == MailDraft()


def test_it_goes_when_nobody_has_touched_it_for_long(store, ana, marek):
    save_mail_draft(store, ana.agent.id, MailDraft(text="old"))
    store.clock.advance(MAIL_DRAFT_DAYS * DAY_MS)
    save_mail_draft(store, marek.agent.id, MailDraft(text="new"))
    assert forget_old_mail_drafts(store) == 0
    store.clock.advance(1)
    assert forget_old_mail_drafts(store) == 1
    assert find_mail_draft(store, marek.agent.id).text == "new"


def test_a_version_is_never_given_twice(store, ana):
    first = save_mail_draft(store, ana.agent.id, MailDraft(text="a", client_id="m1"))
    second = save_mail_draft(store, ana.agent.id, MailDraft(text="b", client_id="m1", version=first))
    with pytest.raises(MailDraftChanged) as told:
        save_mail_draft(store, ana.agent.id, MailDraft(text="c", client_id="m1", version=first))
    assert (told.value.current.text, told.value.current.version) == ("b", second)
    forget_mail_draft(store, ana.agent.id, "m1")
    assert find_mail_draft(store, ana.agent.id) == MailDraft()
