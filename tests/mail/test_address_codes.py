"""An address proves itself by a code that is sent there; until then not a word of a customer's goes to it."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from odziv.cases.customers.address_codes import code_of, is_code
from odziv.chat.transcript import TRIES_OF_CODE
from odziv.chat.verification import make_secret
from odziv.store.mail.confirmations import VALID_MS
from odziv.store.mail.inbound import Incoming, keep_as_message
from odziv.texts import CATALOGUE
from tests.mail.conftest import ANNA, HOUR_MS, OURS, text_of

BAIT = "Buy cheap pills at https://pills.example"


def ask(visitor, path: str, address: str = "192.0.2.1", **body):
    options = {"json": body, "headers": visitor.headers, "environ_overrides": {"REMOTE_ADDR": address}}
    return visitor.client.post(f"{visitor.path}/{path}", **options)


def get_code(visitor, email: str = ANNA, **more):
    return ask(visitor, "transcript/code", email=email, **more)


def order(visitor, code: str | None = None, email: str = ANNA, **more):
    return ask(visitor, "transcript", email=email, code=code, **more)


def error_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def offered(visitor) -> list[str]:
    return visitor.client.get(f"{visitor.path}/transcript/addresses", headers=visitor.headers).get_json()["emails"]


@pytest.fixture
def talk(open_conversation, mail_service):
    """Opens a conversation in which something was said."""

    def talk(text: str = BAIT, **body):
        visitor = open_conversation(**body)
        visitor.say(text)
        return visitor

    return talk


@pytest.fixture
def read_code(mail_service, smtp_server):
    """Has the mails that wait sent, and returns the code in the last of them."""

    def read_code() -> str:
        mail_service.outbound.work_off()
        return re.search(r"^\d{6}$", text_of(smtp_server.got[-1]), re.MULTILINE)[0]

    return read_code


def test_the_code_that_came_there_opens_the_way(talk, read_code, mail_service, smtp_server):
    visitor = talk()
    assert error_of(order(visitor)) == (403, "email_not_verified") and offered(visitor) == []
    answer = get_code(visitor, " Anna@Customer.example ")
    assert (answer.status_code, answer.get_json()) == (202, {"email": ANNA})
    code = read_code()
    assert offered(visitor) == []  # that it was sent proves nothing
    assert order(visitor, f" {code[:3]} {code[3:]} ").status_code == 202
    mail_service.outbound.work_off()
    assert smtp_server.envelopes == [(OURS, [ANNA])] * 2 and BAIT in text_of(smtp_server.got[-1])
    assert offered(visitor) == [ANNA] and order(visitor).status_code == 202  # known from now on


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_the_mail_with_the_code_holds_no_word_of_whoever_asked(talk, mail_service, smtp_server, store, language):
    visitor = talk(language=language)
    visitor.client.patch(visitor.path, json={"name": BAIT[:60]}, headers=visitor.headers)
    get_code(visitor)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    text = text_of(mail)
    assert "pills" not in mail.as_string() and "pills" not in text and "https://" not in text
    assert CATALOGUE.say("mail", "greeting", language) in text and "Smreka" in text
    code = re.search(r"^\d{6}$", text, re.MULTILINE)[0]
    assert mail["Subject"].startswith(f"{code} ")
    assert mail["Auto-Submitted"] == "auto-generated" and mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] is None and not mail.is_multipart()


def test_another_code_opens_nothing_and_few_may_be_tried(talk, read_code):
    visitor = talk()
    get_code(visitor)
    right = read_code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    answers = [error_of(order(visitor, wrong, address=f"192.0.2.{n}")) for n in range(TRIES_OF_CODE)]
    assert answers == [(403, "code_wrong")] * TRIES_OF_CODE
    assert error_of(order(visitor, right)) == (429, "rate_limited") and offered(visitor) == []


@pytest.mark.slow
@pytest.mark.parametrize("code", ["", "0", "１２３４５６", "1234567", "x" * 20, "' OR 1=1 --"])
def test_nonsense_is_no_code(talk, read_code, code):
    visitor = talk()
    get_code(visitor)
    read_code()
    assert order(visitor, code).status_code in (400, 403) and offered(visitor) == []


def test_a_code_counts_once_for_its_address_its_conversation_and_an_hour(talk, read_code, clock):
    visitor, other = talk(), talk()
    get_code(visitor)
    code = read_code()
    assert error_of(order(other, code)) == (403, "code_wrong")
    assert error_of(order(visitor, code, "bob@customer.example")) == (403, "code_wrong")
    get_code(visitor)
    newer = read_code()
    assert error_of(order(visitor, code)) == (403, "code_wrong")  # only the last one sent
    clock.advance(VALID_MS)
    assert error_of(order(visitor, newer)) == (403, "code_wrong")
    assert offered(visitor) == offered(other) == []


def test_of_two_who_type_it_at_once_one_is_first(talk, read_code, app, smtp_server):
    visitor = talk()
    get_code(visitor)
    code = read_code()

    def type_it(_: int) -> int:
        client = app.test_client()
        return client.post(
            f"{visitor.path}/transcript", json={"email": ANNA, "code": code}, headers=visitor.headers
        ).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(type_it, range(3))) <= {202, 403, 429}
    assert offered(visitor) == [ANNA]


def test_once_the_site_says_who_it_is_a_strangers_proof_counts_no_more(talk, read_code, settings):
    visitor = talk()
    get_code(visitor)
    assert order(visitor, read_code()).status_code == 202
    secret = make_secret(settings, "demo")[1]
    identity = jwt.encode({"sub": "c-7", "aud": "demo", "exp": int(time.time()) + 600}, secret, "HS256")
    answer = visitor.client.patch(visitor.path, json={"identity": identity}, headers=visitor.headers)
    visitor.token = answer.get_json()["token"]
    assert offered(visitor) == [] and error_of(order(visitor)) == (403, "email_not_verified")


# ---- How much anybody can have sent to anybody ----


def test_sixty_from_one_network_are_ten(talk):
    visitors = [talk() for _ in range(20)]
    codes = [
        get_code(visitors[n % 20], f"victim{n}@x.example", address=f"2001:db8:1:2::{n:x}").status_code
        for n in range(60)
    ]
    assert codes == [202] * 10 + [429] * 50


@pytest.mark.slow
def test_from_many_networks_there_are_so_many_in_all(talk, services):
    most = services.settings.mail.transcripts_per_hour // 2
    visitors = [talk() for _ in range(25)]
    codes = [get_code(visitors[n % 25], f"victim{n}@x.example", address=f"192.0.2.{n}").status_code for n in range(60)]
    assert codes == [202] * most + [429] * (60 - most)


def test_transcripts_have_a_total_too_and_codes_don_t_use_it_up(talk, services, store):
    settings = services.settings
    services.settings = settings.model_copy(
        update={"mail": settings.mail.model_copy(update={"transcripts_per_hour": 4})}
    )
    visitors, answers = [talk() for _ in range(6)], []
    for number in range(3):
        get_code(visitors[number], f"victim{number}@x.example", address=f"198.51.100.{number}")
    for number, visitor in enumerate(visitors):
        email = f"a{number}@x.example"
        keep_as_message(store, Incoming(f"m{number}", f"<m{number}@x>", email, "Re", "Hi"), visitor.id, "Hi", "Hi")
        answers.append(order(visitor, email=email, address=f"192.0.2.{number}").status_code)
    assert answers == [202] * 4 + [429] * 2


def test_nobodys_mailbox_is_filled_even_by_who_deletes_in_between(talk, clock):
    codes = []
    for number in range(8):
        visitor = talk()
        codes.append(get_code(visitor, address=f"192.0.2.{number}").status_code)
        visitor.client.delete(visitor.path, headers=visitor.headers)
    assert codes == [202] * 3 + [429] * 5


def test_an_address_gets_five_a_day(talk, services, clock):
    codes = []
    for number in range(8):
        clock.advance(HOUR_MS)
        services.rate_limits = type(services.rate_limits)()  # as after an hour: its clock is the machine's
        codes.append(get_code(talk(), address=f"192.0.2.{number}").status_code)
    assert codes == [202] * 5 + [429] * 3


REFUSED = {
    "no address": ({"email": "anna"}, 400),
    "two": ({"email": "anna@x.example, all@x.example"}, 400),
    "a header": ({"email": "anna@x.example\r\nBcc: all@x.example"}, 400),
    "our own": ({"email": OURS}, 400),
    "nothing": ({}, 400),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_no_code_goes_where_no_mail_can_go(talk, mail_service, smtp_server, kind):
    body, status = REFUSED[kind]
    assert ask(talk(), "transcript/code", **body).status_code == status
    mail_service.outbound.work_off()
    assert smtp_server.got == []


def test_only_for_who_has_the_conversation_and_where_something_was_said(talk, open_conversation, visitor, client):
    mine, stranger = talk(), talk()
    for headers in ({}, stranger.headers, {"Authorization": "Bearer x"}):
        answer = client.post(f"{mine.path}/transcript/code", json={"email": ANNA}, headers=headers)
        assert answer.status_code in (401, 404)
    assert error_of(get_code(open_conversation())) == (409, "conflict")


def test_where_mail_is_off_it_says_so(visitor):
    visitor.say("Hi")
    assert error_of(get_code(visitor)) == (409, "conflict")


def test_a_code_that_is_too_old_when_the_server_is_back_is_not_sent(talk, mail_service, smtp_server, clock):
    smtp_server.refuses = "451 later"
    get_code(talk())
    mail_service.outbound.work_off()
    smtp_server.refuses = ""
    clock.advance(VALID_MS + 1)
    mail_service.outbound.work_off()
    assert smtp_server.got == []


def test_a_code_is_six_digits_and_another_for_each_mail_and_installation():
    codes = {code_of("secret", f"<{number}@x>") for number in range(1000)}
    assert len(codes) > 990 and all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert code_of("secret", "<1@x>") != code_of("another", "<1@x>")
    assert is_code(" 012 345 ", "012345") and not is_code("12345", "012345") and not is_code("\ud800" * 6, "012345")
