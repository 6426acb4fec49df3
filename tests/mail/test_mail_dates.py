"""Dates in mails are written as each language writes them, and never as the machine's locale has it."""

from __future__ import annotations

import pytest

from odziv.settings import Desk
from odziv.settings.hours import Hours
from odziv.store.agents.accounts import change_language
from odziv.store.agents.availability import set_wants_mail
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.handoffs.handoff import add_handoff, list_queue
from odziv.store.handoffs.targets import mark_told
from odziv.store.mail.notifications import GATHER_MS, ask_for_transcript
from tests.chat.waiting.test_hours import LJUBLJANA, at
from tests.fixtures import set_contact
from tests.mail.conftest import ANNA, MINUTE_MS, text_of
from tests.texts.desk_catalogues import write_catalogue

WRITTEN = "2026-12-07 08:05"  # a Monday
QUOTED = {
    "en": "On 7 December 2026 you wrote:",
    "sl": "7. 12. 2026 ste napisali:",
    "hr": "7. 12. 2026. napisali ste:",
    "pl": "7.12.2026 otrzymaliśmy od Państwa wiadomość:",
}
DAYS = {"en": "7 December 2026", "sl": "7. 12. 2026", "hr": "7. 12. 2026.", "pl": "7.12.2026"}
ENTERED = {"en": "7 December 2026, 7:05", "sl": "7. 12. 2026, 7.05", "hr": "7. 12. 2026. 7:05", "pl": "7.12.2026, 7:05"}


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": Desk(hours=Hours(time_zone=LJUBLJANA), undo_seconds=0)})


@pytest.fixture
def written(store, mail_service, clock, ana):
    """A customer wrote, and Ana has the conversation; gives its id."""

    def written(language: str) -> str:
        clock.now = at(WRITTEN)
        conversation = create_conversation(store, "demo", language)
        add_customer_message(store, conversation.id, "c1", "?", "<p>?</p>")
        set_contact(store, conversation.id, email=ANNA, verified=True)
        with store.write() as connection:
            change_owner(connection, conversation.id, "open", agent_id=ana.id)
        return conversation.id

    return written


@pytest.mark.parametrize("language", QUOTED)
def test_what_a_customer_wrote_is_quoted_with_the_date_as_they_write_it(
    written, answer, clock, mail_service, smtp_server, language
):
    answer(written(language))
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert QUOTED[language] in text_of(smtp_server.got[-1])


@pytest.mark.parametrize("language", ENTERED)
def test_a_transcript_says_when_as_they_write_it(written, store, mail_service, smtp_server, language):
    assert ask_for_transcript(store, written(language), ANNA)
    mail_service.outbound.work_off()
    text = text_of(smtp_server.got[-1])
    assert f"\n{ENTERED[language]}  " in text
    assert f", {DAYS[language]} (UTC)\n=" in text


def tell_overdue(store, mail_service, clock, agent) -> None:
    """Somebody who writes Croatian waits too long, and the agent is written to."""
    set_wants_mail(store, agent.id, True)
    clock.now = at("2026-11-27 17:30")
    conversation = create_conversation(store, "demo", "hr")
    add_customer_message(store, conversation.id, "c1", "?", "<p>?</p>")
    with store.write() as connection:
        add_handoff(connection, conversation.id, "requested", "hr")
    [handoff] = list_queue(store)
    assert mark_told(store, handoff.id, NewMessage("system", "late", "<p>late</p>", internal=True), [agent.id])
    clock.advance(GATHER_MS)
    mail_service.outbound.work_off()


def test_an_agent_is_told_since_when_in_english_and_the_business_s_zone(store, mail_service, clock, smtp_server, ana):
    tell_overdue(store, mail_service, clock, ana)
    assert "Since Fri, 27 Nov 2026, 17:30 (Europe/Ljubljana), Croatian:" in text_of(smtp_server.got[-1])


SLOVENIAN = """
msgid "Since %(when)s (%(zone)s), %(language)s:"
msgstr "Od %(when)s (%(zone)s), %(language)s:"

msgid "A customer is waiting: %(name)s"
msgid_plural "%(num)s customers are waiting: %(name)s"
msgstr[0] "%(num)s stranka čaka: %(name)s"
msgstr[1] "%(num)s stranki čakata: %(name)s"
msgstr[2] "%(num)s stranke čakajo: %(name)s"
msgstr[3] "%(num)s strank čaka: %(name)s"
"""


def test_an_agent_is_written_to_in_the_language_of_their_desk(
    store, mail_service, clock, smtp_server, ana, monkeypatch, tmp_path
):
    write_catalogue(monkeypatch, tmp_path, "sl", SLOVENIAN)
    change_language(store, ana.id, "sl")
    tell_overdue(store, mail_service, clock, ana)
    mail = smtp_server.got[-1]
    assert "Od pet., 27. nov. 2026, 17:30 (Europe/Ljubljana), hrvaščina:" in text_of(mail)
    assert mail["Subject"].startswith("1 stranka čaka: ")
