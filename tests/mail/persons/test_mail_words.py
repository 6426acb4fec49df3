"""Mails have a mail's words: no window that stays open, no button, no sign of Markdown, and the customer's subject."""

from __future__ import annotations

import re

import pytest
from aiosmtpd.controller import Controller

from kb.render import render, render_plain
from odziv.cases.bot_replies import REASONS
from odziv.mail.plain import html_to_plain
from odziv.settings import LANGUAGES
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.queue import list_states
from odziv.texts import CATALOGUE
from odziv.texts.notices import notice, say_by_mail
from tests.fixtures import set_contact
from tests.mail.conftest import MINUTE_MS, FakeSmtpServer, free_port, text_of, write_mail
from tests.mail.test_intake import claim_it, everyone, said

# What is there in the chat and nowhere in a mail: its window, its buttons, and "here" where one would write.
CHAT = {
    "en": r"window|\bchat\b|\bhere in the\b|button|press\b|click|tap\b|keep writing|(?:write|writing) here|"
          r"come back later|write it here|on this page",
    "sl": r"\bokn[oau]|klepet|gumb|pritisn|klikn|tapn|pišete naprej|pišite tukaj|vrnete pozneje|napišite ga sem|"
          r"na tej strani",
    "hr": r"prozor|razgovor(?:u)? ostav|čavrlj|gumb|pritisn|klikn|pišete dalje|pišite dalje|pisati dalje|"
          r"pišite ovdje|vratiti kasnije|upišite ovdje|na ovoj stranici",
    "pl": r"\bokn[oaie]|czat|przycis|kliknij|naciśnij|pisać dalej|tu napisać|tutaj|wrócić później|na tej stronie",
}  # fmt: skip
# What can go out by mail as the reaction to one: handoffs, who is there when, danger, files, and what Rasa says.
NOTICES = [*(f"handoff_{reason}" for reason in REASONS if reason != "danger"), "away", "away_until", "danger",
           "danger_self", "danger_called", "danger_away", "danger_away_until", "while_waiting",
           "cannot_see_files"]  # fmt: skip
ASKED_FOR_IN_CHAT = ("transcript", "code")  # what somebody in the chat had sent
BUTTONS_ONLY = {"helped", "human", "none_of_these", "yes_human", "go_on"}


def by_mail(language: str) -> list[str]:
    """Every text of ours that a mail to a customer can hold."""
    texts = [notice(key, language, by_mail=True, when="tomorrow") for key in NOTICES]
    texts += [text for key, text in CATALOGUE.of("replies", language).items() if key not in BUTTONS_ONLY]
    small_talk = CATALOGUE.of("small_talk", language).values()
    texts += [say_by_mail(text, language) for variations in small_talk for text in variations]
    texts += [text for key, text in CATALOGUE.of("mail", language).items() if not key.startswith(ASKED_FOR_IN_CHAT)]
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_that_goes_out_by_mail_speaks_of_the_chat(language):
    found = [text for text in by_mail(language) if re.search(CHAT[language], text, re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_looked_for_are_those_of_the_chat(language):
    """The list can fail: the same texts as they are said in the chat have some of them."""
    assert re.search(CHAT[language], notice("handoff_requested", language), re.IGNORECASE)
    assert re.search(CHAT[language], notice("danger_called", language), re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_otherwise_in_mails_has_its_like_in_the_chat(language):
    for key in CATALOGUE.of("by_mail", language):
        assert key in CATALOGUE.of("notices", language) or key in CATALOGUE.of("small_talk", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_for_a_person_is_answered_in_a_mails_words(deliver, services, store, smtp_server, ana, language):
    services.knowledge.language = lambda *_, **__: language
    services.bot.says = [{"custom": {"handoff": {"reason": "requested"}}}]
    renew_presence(store, ana.id)
    deliver(write_mail("A person, please."))
    text = text_of(smtp_server.got[0])
    assert notice("handoff_requested", language, by_mail=True) in text
    assert not re.search(CHAT[language], text, re.IGNORECASE)
    [conversation] = everyone(store)
    assert said(store, conversation.id, "system")[0] in text


def test_who_writes_in_the_chat_is_told_of_the_window(mail_service, store, services, run_turns):
    services.bot.says = [{"custom": {"handoff": {"reason": "requested"}}}]
    from odziv.store.conversations.conversation import create_conversation
    from odziv.store.conversations.messages import add_customer_message

    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "A person!", "<p>A person!</p>")
    run_turns()
    assert "You can leave this window open" in said(store, conversation.id, "system")[0]


def test_small_talk_says_no_goodbye_as_if_somebody_left(deliver, services, smtp_server):
    chat, mail = (CATALOGUE.of(subject, "en")["utter_goodbye"] for subject in ("small_talk", "by_mail"))
    services.bot.says = [{"text": chat[1]}]
    deliver(write_mail("Bye"))
    assert mail[1] in text_of(smtp_server.got[0]) and chat[1] not in text_of(smtp_server.got[0])


MARKDOWN = """You have **14 days**, or *30* for `members`, __always__.

## What to do
1. Open [your account](https://x.example/a?b=1&c=2).
2. Choose **Return**
   - *one* reason
   - the size

- a
- b

| Country | Price |
|---|---|
| Slovenia | **4 €** |

> Somebody said so.

***

Write to [help@x.example](mailto:help@x.example), call [01 234](tel:01234), see [orders](orders/return)
or <https://x.example/>."""
RAW = re.compile(r"\*\*|__|`|^#|\]\(|\|---|^\s*\*|<https|^>|~~", re.MULTILINE)


def test_no_sign_of_markdown_is_in_the_plain_part(deliver, services, smtp_server):
    services.bot.says = [{"custom": {"text": MARKDOWN, "buttons": []}}]
    deliver(write_mail("How?", "x"))
    text = text_of(smtp_server.got[0]).partition("\n-- \n")[0]
    assert not RAW.search(text)
    for shown in ("You have 14 days, or 30 for members, always.", "\nWhat to do\n", "1. Open your account (https://x",
                  "?b=1&c=2)", "- one reason", "Slovenia  4 €", "call 01 234, see orders (http",
                  "/help/en/orders/return)", "or https://x.example/."):  # fmt: skip
        assert shown in text


def test_an_agents_words_and_lines_stay_as_they_are():
    typed = "Hello *you*,\nit costs 3 * 4 = 12 €\n\n- first\n- second <b>&amp;\nsnake_case_name"
    assert html_to_plain(render_plain(typed), "http://x").replace("\n\n", "\n") == typed.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**a** *b* _c_", "a b c"),
        ("a\\*b\\_c", "a*b_c"),
        ("`**kept**`", "**kept**"),
        ("# Title\ntext", "# Title\ntext" if "h1" in render("# x") else "Title\n\ntext"),
        ("[a](https://a.example)", "a (https://a.example)"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("[a](orders/return)", "a (http://x/help/en/orders/return)"),
        ("![picture](https://a.example/a.png)", ""),
        ("1. a\n2. b", " 1. a\n 2. b"),
        ("* a\n* b", "  - a\n  - b"),
        ("a  \nb", "a\nb"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
    ],
)
def test_markdown_becomes_text(markdown, plain):
    if markdown.startswith(("#", "!")):
        assert "**" not in html_to_plain(render(markdown, "en"), "http://x")
    else:
        assert html_to_plain(render(markdown, "en"), "http://x") == plain


def test_the_answer_goes_on_under_the_customers_newest_subject(deliver, store, smtp_server, ana, answer, clock,
                                                               mail_service):  # fmt: skip
    deliver(write_mail("Where is it?", "My order"))
    first = smtp_server.got[0]
    assert first["Subject"] == "Re: My order"
    clock.advance(1000)
    deliver(write_mail("The tent is torn.", "Broken tent", In_Reply_To=first["Message-ID"]))
    second = smtp_server.got[1]
    assert second["Subject"] == "Re: Broken tent"
    assert second["In-Reply-To"].endswith("@customer.example>") and first["Message-ID"] in second["References"]
    [conversation] = everyone(store)
    claim_it(store, conversation.id, ana)
    clock.advance(1000)
    deliver(write_mail("No subject now", "", In_Reply_To=second["Message-ID"]))
    answer(conversation.id, "Here I am.")
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    third = smtp_server.got[2]
    assert third["Subject"] == "Re: Broken tent" and second["Message-ID"] in third["References"]


def test_to_a_mail_with_the_old_subject_the_old_one_is_answered(deliver, store, smtp_server, services, run_turns,
                                                                mail_service, tmp_path):  # fmt: skip
    """Two mails with two subjects wait for the bot at once: each answer has the subject of its own."""
    deliver(write_mail("One", "First thing"))
    reference = smtp_server.got[0]["Message-ID"]
    for number, (text, subject) in enumerate([("Two", "Second thing"), ("Three", "Odg: Third thing")]):
        mail = write_mail(text, subject, In_Reply_To=reference)
        (tmp_path / "mail" / "new" / f"z{number}.M.host").write_bytes(mail)
    deliver()
    assert [mail["Subject"] for mail in smtp_server.got[1:]] == ["Re: Second thing", "Re: Third thing"]


class Utf8SmtpServer(FakeSmtpServer):
    """One that can be told addresses with letters."""


@pytest.fixture
def modern_server():
    server = Utf8SmtpServer()
    server.port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=server.port, enable_SMTPUTF8=True)
    controller.start()
    yield server
    controller.stop()


@pytest.mark.parametrize(
    "address", ["žiga@x.example", "ana..n@x.example", '"ana novak"@x.example', "ana@xn--aba-b3a.si", ".ana.@x.example"]
)
def test_the_answer_reaches_an_odd_address(switch_on, modern_server, store, clock, offline, answer, address):
    mail_service = switch_on(smtp={"host": "127.0.0.1", "port": modern_server.port, "security": "none"})
    set_contact(store, offline.id, email=address)
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [(_, recipients)], [mail] = modern_server.envelopes, modern_server.got
    assert [each.replace('"', "") for each in recipients] == [address.replace('"', "")]
    assert str(mail["To"]).replace('"', "") == address.replace('"', "")
    assert [state.status for state in list_states(store, offline.id).values()] == ["sent"]


def test_a_server_without_letters_is_told_of_and_others_still_get_theirs(
    mail_service, smtp_server, store, clock, offline, answer
):
    set_contact(store, offline.id, email="žiga@x.example")
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert [state.status for state in list_states(store, offline.id).values()] == ["failed"]
    assert "SMTPUTF8" in list_messages(store, offline.id, internal=True)[-1].text
    assert mail_service.outbound.connection.as_json()["state"] != "down"
