"""The night of mail: its ledger finds what is wrong, and a short night through Dovecot finds nothing."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from bench import mail_night
from bench.parts.night_ledger import Night, find_wrongs
from bench.parts.night_mails import ANSWERED, ASIDE, MARK, QUIET, Sent, Writer
from odziv.mail.parse import read_mail

MARKS = [f"night-1-{number:05}" for number in range(4)]


def sent(mark: str, becomes: str = ANSWERED) -> Sent:
    return Sent(mark, "person", b"", becomes, f"{mark}@x.example", f"<{mark}@x.example>")


def kept(mark: str, conversation: str | None = "c", seq: int = 1, automatic: str | None = None) -> dict:
    place = {"conversation_id": conversation, "seq": seq if conversation else None}
    return {"subject": mark, "original": mark, "automatic": automatic, **place}


def said(text: str, seq: int = 1, sender: str = "customer", reply_to: int | None = None, **more) -> dict:
    place = {"conversation_id": "c", "seq": seq, "client_id": None, "internal": False}
    return {**place, "sender": sender, "text": text, "reply_to": reply_to, **more}


def answer(mark: str, number: int = 1, to: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["To"], mail["In-Reply-To"] = to or f"{mark}@x.example", f"<{mark}@x.example>"
    mail["Message-ID"] = f"<odziv.{number}@smreka.example>"
    return mail


def night(mails: list[dict], log: list[dict], given: list[EmailMessage] | None = None, **more) -> Night:
    log = {(each["conversation_id"], each["seq"]): each for each in log}
    return Night(mails, log, more.get("open_turns", 0), more.get("waiting", 0), given or [])


MARKED = MARKS[0]
GOOD = night([kept(MARKED)], [said(MARKED), said("Hello", 2, "bot", 1)], [answer(MARKED)])
BAD = {
    "lost": (ANSWERED, night([], [], [answer(MARKED)])),
    "doubled": (ANSWERED, night([kept(MARKED), kept(MARKED, "d")], [said(MARKED)], [answer(MARKED)])),
    "aside": (ANSWERED, night([kept(MARKED, None, automatic="bulk mail")], [], [answer(MARKED)])),
    "aside without a reason": (ASIDE, night([kept(MARKED, None)], [])),
    "no message": (ANSWERED, night([kept(MARKED)], [], [answer(MARKED)])),
    "words lost": (ANSWERED, night([kept(MARKED)], [said("")], [answer(MARKED)])),
    "not answered": (ANSWERED, night([kept(MARKED)], [said(MARKED)])),
    "answered twice": (ANSWERED, night([kept(MARKED)], [said(MARKED)], [answer(MARKED), answer(MARKED, 2)])),
    "two reactions": (
        ANSWERED,
        night(
            [kept(MARKED)], [said(MARKED), said("a", 2, "bot", 1), said("b", 3, "system", 1)], [answer(MARKED)]
        ),
    ),
    "answered though it forbids that": (QUIET, night([kept(MARKED)], [said(MARKED)], [answer(MARKED)])),
    "a machine's as a customer's": (ASIDE, night([kept(MARKED)], [said(MARKED)])),
    "to somebody else": (ANSWERED, night([kept(MARKED)], [said(MARKED)], [answer(MARKED, to="victim@x.example")])),
    "still under way": (ANSWERED, night([kept(MARKED)], [said(MARKED)], [answer(MARKED)], open_turns=1)),
    "from nowhere": (ANSWERED, night([kept(MARKED), kept(MARKS[1], "d")], [said(MARKED)], [answer(MARKED)])),
}  # fmt: skip


def test_a_good_night_has_nothing_wrong():
    assert find_wrongs([sent(MARKED)], GOOD) == []


@pytest.mark.parametrize(("becomes", "found"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_found(becomes, found):
    assert find_wrongs([sent(MARKED, becomes)], found)


def test_the_same_seed_writes_the_same_mails_and_each_has_its_mark():
    first, second = Writer(7).write(60), Writer(7).write(60)
    assert [mail.raw for mail in first] == [mail.raw for mail in second] and len(first) == 60
    for mail in first:
        read = read_mail(mail.raw)
        assert (MARK.search(read.subject) or MARK.search(read.original))[0] == mail.mark


@pytest.mark.imap
@pytest.mark.slow
def test_a_short_night(monkeypatch, capfd):
    """The real web process, killed twice, between a real Dovecot and a real SMTP server."""
    monkeypatch.setattr(mail_night, "QUIET_SECONDS", 8.0)
    assert mail_night.main(["--mails", "60", "--kills", "2", "--seed", "5", "--web-alone"]) == 0
    assert "none lost, doubled, or answered twice" in capfd.readouterr().out
