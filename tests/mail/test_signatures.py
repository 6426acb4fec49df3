"""What stands below an e-mail: by language and agent, in both parts, known again in the answer; never in the chat."""

from __future__ import annotations

import pytest

from odziv.cases.mails.signature import write_signature
from odziv.settings.mail import MailSettings
from odziv.store.agents.accounts import change_title
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.conversation import set_language
from odziv.store.conversations.messages import list_messages
from tests.mail.conftest import MINUTE_MS, make_maildir, text_of, write_mail

ENGLISH = "Kind regards\n{{agent.name}}\n{{agent.title}}\n{{site.name}} <Ltd> · Reg. 123-456"


@pytest.fixture
def mail_service(switch_on, clock, tmp_path):
    """With a signature in English."""
    path = str(make_maildir(tmp_path / "mail"))
    return switch_on(incoming="maildir", maildir=path, plus_addressing=True, signatures={"en": ENGLISH})


@pytest.fixture
def sent(offline, answer, clock, mail_service, smtp_server):
    """Ana's mail, with what she is called by then."""

    def sent(text="It is on its way."):
        answer(offline.id, text)
        clock.advance(MINUTE_MS)
        mail_service.outbound.work_off()
        return smtp_server.got.pop()

    return sent


def test_it_stands_below_the_text_and_above_the_quote_in_both_parts(sent, store, ana):
    change_title(store, ana.id, "Customer <b>support")
    mail = sent()
    signature = "Kind regards\nAna\nCustomer <b>support\nSmreka <Ltd> · Reg. 123-456"
    assert text_of(mail).startswith(f"It is on its way.\n\n{signature}\n\n-- \nYou can simply reply")
    html = mail.get_body(("html",)).get_content()
    assert "Kind regards<br>Ana<br>Customer &lt;b&gt;support<br>Smreka &lt;Ltd&gt;" in html
    assert html.index("Kind regards") < html.index("<blockquote")


def test_what_nobody_filled_in_leaves_no_empty_line(sent):
    assert "Kind regards\nAna\nSmreka <Ltd>" in text_of(sent())


def test_the_bots_mails_have_it_without_an_agent(deliver, smtp_server):
    deliver(write_mail("How do I return shoes?"))
    assert "Kind regards\nSmreka <Ltd> · Reg. 123-456\n\n-- \n" in text_of(smtp_server.got[0])


def test_another_language_has_the_name_title_and_company(sent, store, ana, offline):
    set_language(store, offline.id, "pl")
    change_title(store, ana.id, "Obsługa klienta")
    text = text_of(sent("Paczka jest w drodze."))
    assert (
        text.startswith("Paczka jest w drodze.\n\nAna\nObsługa klienta\nSmreka\n\n-- \n") and "Kind regards" not in text
    )


def test_it_is_known_again_in_the_answer_and_left_out(sent, deliver, store, offline, ana):
    change_title(store, ana.id, "Customer support")
    mail = sent()
    quoted = text_of(mail).replace("\n", "\r\n")
    deliver(write_mail(f"Thank you!\r\n\r\n{quoted}", "Re: x", In_Reply_To=str(mail["Message-ID"])))
    log = list_messages(store, offline.id, internal=True)
    assert [m.text for m in log if m.sender == "customer"][-1] == "Thank you!"
    assert not [m.text for m in log if m.internal]


def test_the_chat_has_none(sent, store, offline):
    sent()
    assert not [m.text for m in list_messages(store, offline.id) if "regards" in m.text or "regards" in m.html]


def test_a_name_can_not_bring_lines_or_placeholders(services, offline, store, ana, mail_service):
    change_title(store, ana.id, "Support\n{{site.name}}")
    written = write_signature(services.settings, offline, find_agent(store, ana.id))
    assert written.split("\n")[2] == "Support {{site.name}}"


@pytest.mark.parametrize(
    "text",
    ["{{customer.name}}", "{{agent.name", "agent.name}}", " \n ", "x\x00", "a\u202eb", "x" * 1001],
)
def test_a_signature_that_can_not_be_is_refused(text):
    with pytest.raises(ValueError, match="signatures"):
        MailSettings.model_validate({"signatures": {"en": text}})


def test_only_languages_there_are_have_one():
    with pytest.raises(ValueError, match="signatures"):
        MailSettings.model_validate({"signatures": {"xx": "Bye"}})
    assert MailSettings.model_validate({"signatures": {"sl": "Lep pozdrav\n"}}).signatures == {"sl": "Lep pozdrav"}
