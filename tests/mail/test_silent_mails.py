"""Who wrote a mail and is silent after the answer is asked by mail whether that was all, with a real SMTP server."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.queue.silence import SilentConversations
from odziv.settings import Desk
from odziv.settings.load import AutoClose
from odziv.store.conversations.conversation import find_conversation
from odziv.store.handoffs.handoff import list_queue
from odziv.texts.catalogue import CATALOGUE
from odziv.texts.notices import notice
from tests.fakes import HAND_OFF
from tests.mail.conftest import ANNA, HOUR_MS, MINUTE_MS, text_of, write_mail


@pytest.fixture
def silence(services, store) -> SilentConversations:
    desk = Desk(auto_close=AutoClose(word_hours=20, close_hours=20), undo_seconds=0)
    return SilentConversations(store, services.settings.model_copy(update={"desk": desk}))


def test_the_word_goes_by_mail_and_an_answer_to_it_comes_back(
    silence, mail_service, smtp_server, deliver, services, store, clock, ana, answer
):
    services.bot.says = HAND_OFF
    deliver(write_mail())
    conversation_id = list_queue(store)[0].conversation_id
    claim_conversation(store, ana, conversation_id)
    answer(conversation_id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    before = len(smtp_server.got)
    clock.advance(20 * HOUR_MS)
    silence.look()
    mail_service.outbound.work_off()
    [word] = smtp_server.got[before:]
    language = find_conversation(store, conversation_id).language
    text = text_of(word)
    assert word["To"] == ANNA and word["Auto-Submitted"] == "auto-replied"
    assert notice("silence_word", language, by_mail=True) in text
    assert CATALOGUE.say("mail", "from_person", language) in text
    assert CATALOGUE.say("mail", "handed_off", language) not in text
    clock.advance(20 * HOUR_MS)
    silence.look()
    mail_service.outbound.work_off()
    assert len(smtp_server.got) == before + 1 and find_conversation(store, conversation_id).status == "resolved"
    deliver(write_mail("One more question", **{"In-Reply-To": word["Message-ID"], "Message-ID": "<later@x.example>"}))
    assert find_conversation(store, conversation_id).status != "resolved"
