"""What monitors are told of e-mail, and what is removed of it by itself."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from odziv.store.engine import DAY_MS
from odziv.store.mail.inbound import STRAY_DAYS, remove_strays
from odziv.store.schema import mails
from tests.mail.conftest import MINUTE_MS, free_port, write_mail


def test_while_mail_is_off_health_says_nothing_of_it(client):
    told = client.get("/health").get_json()
    assert "mail" not in told and "mail" not in told["parts"]


def test_mail_that_goes_out_is_well(mail_service, client, clock, offline, answer):
    assert client.get("/health").get_json()["mail"]["out"]["state"] == "unused"
    answer(offline.id)
    assert client.get("/health").get_json()["mail"]["waiting"] == 1
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    told = client.get("/health").get_json()
    assert (told["status"], told["parts"]["mail"], told["mail"]["waiting"]) == ("ok", "ok", 0)
    assert told["mail"]["out"]["state"] == "ok" and told["mail"]["out"]["last_success"].endswith("Z")


def test_a_server_that_is_away_is_told_by_kind_and_never_by_text(switch_on, client, clock, offline, answer):
    mail_service = switch_on(smtp={"host": "127.0.0.1", "port": free_port(), "security": "none"})
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    answer_of = client.get("/health")
    told = answer_of.get_json()
    assert (answer_of.status_code, told["status"], told["parts"]["mail"]) == (200, "degraded", "down: out")
    assert told["mail"]["out"]["last_error"] == "ConnectionRefusedError" and told["mail"]["waiting"] == 1
    assert "customer.example" not in answer_of.get_data(as_text=True) and "refused" not in str(told["mail"])


@pytest.mark.parametrize("refusal", ["451 Greylisted anna@customer.example", "550 No such user"])
def test_a_refused_mail_is_no_outage(mail_service, client, smtp_server, clock, offline, answer, refusal):
    smtp_server.refuses = refusal
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert client.get("/health").get_json()["parts"]["mail"] == "ok"


def test_a_mailbox_that_is_away_and_one_that_is_back(switch_on, client, tmp_path):
    mail_service = switch_on(incoming="maildir", maildir=str(tmp_path / "mail"), poll_seconds=5)
    mail_service.inbound._poll_seconds = 0.05
    mail_service.inbound.start()
    try:
        wait_for(client, "down: in")
        assert client.get("/health").get_json()["mail"]["in"]["last_error"] == "FileNotFoundError"
        for part in ("new", "cur", "tmp"):
            (tmp_path / "mail" / part).mkdir(parents=True)
        wait_for(client, "ok")
    finally:
        mail_service.inbound.stop()


def wait_for(client, state: str) -> None:
    ends = time.monotonic() + 10
    while client.get("/health").get_json()["parts"]["mail"] != state:
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_mails_of_no_conversation_go_after_a_while_and_the_others_stay(deliver, store, clock):
    deliver(write_mail("I am away", Auto_Submitted="auto-replied"), write_mail("Where is my parcel?"))
    clock.advance(STRAY_DAYS * DAY_MS - MINUTE_MS)
    assert remove_strays(store) == 0
    clock.advance(2 * MINUTE_MS)
    assert remove_strays(store) == 1
    with store.read() as connection:
        assert [row.automatic for row in connection.execute(select(mails))] == [None]
