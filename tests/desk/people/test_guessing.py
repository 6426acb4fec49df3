"""Signing in while somebody guesses: the guesser is slowed down, the owner and the team are not."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from itsdangerous import URLSafeSerializer

from odziv.desk.frame.limits import (
    CODES,
    MOST_STRANGERS,
    PER_ACCOUNT,
    PER_ACCOUNT_AT_ADDRESS,
    PER_ACCOUNT_FROM_QUIET,
    PER_ADDRESS,
    PER_DEVICE,
    PER_QUIET_BLOCK,
    SignInLimits,
    TooManyAttempts,
)
from odziv.desk.people import totp
from odziv.desk.people.known_devices import COOKIE, DAYS
from odziv.desk.people.sign_in import FAILED
from odziv.store.agents.agent import find_agent_by_email, invite
from odziv.store.agents.passwords import make_reset
from odziv.store.agents.second_factor import begin_second_factor, confirm_second_factor
from odziv.web.limits import MovingWindows
from odziv.web.networks import network_of
from tests.desk.conftest import PASSWORD, add_agent, csrf_of

pytestmark = pytest.mark.slow

OFFICE = "192.0.2.1"
EMAIL = "ana@smreka.example"


def attempt(client, password: str = "wrong", email: str = EMAIL, address: str = OFFICE, code: str = ""):
    fields = {"csrf_token": csrf_of(client), "email": email, "password": password, "code": code}
    return client.post("/desk/sign-in", data=fields, environ_base={"REMOTE_ADDR": address})


def sign_out(client) -> None:
    client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)})


class Ticks:
    """A clock that stands until it is moved; in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def ticks(app) -> Ticks:
    """What the limits of sign-ins go by."""
    ticks = Ticks()
    app.extensions["desk_sign_in_limits"] = SignInLimits(MovingWindows(ticks))
    return ticks


@pytest.fixture
def home(app, store):
    """The browser in which Ana has signed in before."""
    add_agent(store, "Ana Kovač")
    client = app.test_client()
    assert attempt(client, PASSWORD).status_code == 303
    sign_out(client)
    return client


def flood(app, count: int, email: str = EMAIL, network: str = "198.51.{}.{}", start: int = 0) -> list[int]:
    """Wrong sign-ins at one account, each from another address."""
    client = app.test_client()
    addresses = [network.format(number // 256, number % 256) for number in range(start, start + count)]
    return [attempt(client, email=email, address=address).status_code for address in addresses]


def botnet(app, email: str = EMAIL, start: int = 0) -> None:
    """Wrong sign-ins from so many blocks of networks that strangers are refused."""
    both = PER_ACCOUNT.amount + PER_ACCOUNT_FROM_QUIET.amount
    assert flood(app, both, email, "198.{}.{}.7", start) == [401] * both


@pytest.mark.slow
def test_wrong_sign_ins_from_everywhere_never_shut_the_owner_out(app, home):
    for _ in range(3):  # over and over
        flood(app, PER_ACCOUNT.amount // 2)
        assert attempt(home, PASSWORD, address="203.0.113.9").status_code == 303
        sign_out(home)
    answers = flood(app, 30, start=1024)
    assert answers == [401] * PER_QUIET_BLOCK.amount + [429] * (30 - PER_QUIET_BLOCK.amount)
    assert attempt(home, PASSWORD).status_code == 303


def test_ten_wrong_ones_from_elsewhere_don_t_shut_a_new_browser_out(app, home):
    assert flood(app, 60) == [401] * 60
    assert attempt(app.test_client(), PASSWORD).status_code == 303


def test_a_guesser_in_the_owners_own_office_does_not_shut_them_out(app, home):
    guesser = app.test_client()
    codes = [attempt(guesser).status_code for _ in range(PER_ACCOUNT_AT_ADDRESS.amount + 5)]
    assert codes == [401] * PER_ACCOUNT_AT_ADDRESS.amount + [429] * 5
    assert attempt(home, PASSWORD).status_code == 303


@pytest.mark.slow
def test_guessing_at_one_account_from_everywhere_comes_to_so_many_an_hour(app, home):
    assert flood(app, 300).count(401) == PER_ACCOUNT.amount + PER_QUIET_BLOCK.amount  # 300 in two blocks


def guess(limits: SignInLimits, address: str, *, is_right: bool = False, has_code: bool = False) -> bool:
    """Whether the try is looked at."""
    try:
        with limits.attempt(network_of(address), EMAIL, None, has_code=has_code) as attempt:
            attempt.is_right = is_right
    except TooManyAttempts:
        return False
    return True


@pytest.mark.parametrize("has_code", [False, True])
def test_guessing_from_any_number_of_blocks_comes_to_so_many_an_hour(ticks, has_code):
    limits, looked_at = SignInLimits(MovingWindows(ticks)), []
    for hour in range(8):
        ticks.now = 3600.0 * hour
        looked_at.append(0)
        for minute in range(60):
            ticks.now += 60
            tries = [f"198.{hour}.{minute}.7", *(f"2001:db8:{hour:x}{minute:02x}{n:x}::1" for n in range(9))]
            looked_at[-1] += sum(guess(limits, address, has_code=has_code) for address in tries)
    assert looked_at[0] <= 400 and all(199 <= count <= 200 for count in looked_at[1:])


GUESSERS = {
    "one address": ["198.51.100.7"] * 100,
    "an address each, of one block": [f"198.51.100.{number}" for number in range(100)],
    "two hundred, of two blocks": [f"198.51.{number % 2}.{number}" for number in range(200)],
    "a block each": [f"198.51.{number}.7" for number in range(100)],
    "half more than are asked, a block each": [f"198.51.{number}.7" for number in range(150)],
    "a /64 each, of one /48": [f"2001:db8:1:{number:x}::7" for number in range(150)],
    "a /48 each": [f"2001:db8:{number:x}::7" for number in range(150)],
    "what is no address": ["unknown"] * 100,
}
OWNERS = ["203.0.113.9", "2001:db8:ffff::1", "::ffff:203.0.113.77"]


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("addresses", list(GUESSERS.values()), ids=list(GUESSERS))
def test_the_owner_has_tries_at_a_new_browser_from_another_network(ticks, addresses, owner):
    limits = SignInLimits(MovingWindows(ticks))
    for _ in range(3):
        for address in addresses:
            guess(limits, address)
        ticks.now += 600
    assert [guess(limits, owner), guess(limits, owner), guess(limits, owner, is_right=True)] == [True] * 3


@pytest.mark.slow
def test_the_owner_comes_in_at_a_new_browser_from_another_network(app, store, ticks):
    add_agent(store, "Ana Kovač")
    assert flood(app, 120, network="198.{}.{}.7") == [401] * 120
    assert attempt(app.test_client(), PASSWORD, address="203.0.113.9").status_code == 303


def test_who_is_refused_waits_for_less_than_a_minute(app, home, ticks):
    botnet(app)
    refused = attempt(app.test_client(), PASSWORD, address="203.0.113.9")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) <= 36 and "in 1 minute" in refused.text
    ticks.now += int(refused.headers["Retry-After"])
    assert attempt(app.test_client(), PASSWORD, address="203.0.113.9").status_code == 303


def test_a_right_password_uses_no_try_up(app, store, ticks):
    add_agent(store, "Ana Kovač")
    flood(app, PER_ACCOUNT.amount)
    for number in range(PER_ACCOUNT_FROM_QUIET.amount + 5):
        assert attempt(app.test_client(), PASSWORD, address=f"203.0.{number}.9").status_code == 303


def test_what_a_refusal_says_leads_to_a_way_in(app, store, home):
    botnet(app)
    stranger = app.test_client()
    refused = attempt(stranger, PASSWORD)
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= PER_ACCOUNT.seconds
    assert "link for a new password" in refused.text
    unknown = attempt(app.test_client(), email="nobody@smreka.example")
    assert unknown.status_code == 401
    token = make_reset(store, find_agent_by_email(store, EMAIL).id)
    fields = {"csrf_token": csrf_of(stranger), "password": "another long password", "again": "another long password"}
    assert stranger.post(f"/desk/reset/{token}", data=fields).status_code == 303
    assert attempt(stranger, "another long password").status_code == 303


def test_a_known_browser_has_so_many_tries_and_then_waits(app, home):
    codes = [attempt(home).status_code for _ in range(PER_DEVICE.amount + 2)]
    assert codes == [401] * PER_DEVICE.amount + [429] * 2
    assert attempt(home, PASSWORD).status_code == 429
    assert attempt(app.test_client(), PASSWORD).status_code == 303  # they count nowhere else


def test_a_right_password_forgives_a_known_browsers_slips(home):
    for _ in range(3):
        assert [attempt(home).status_code for _ in range(PER_DEVICE.amount - 1)] == [401] * (PER_DEVICE.amount - 1)
        assert attempt(home, PASSWORD).status_code == 303
        sign_out(home)


def test_a_known_browser_is_known_at_its_own_accounts_only(app, store, home):
    add_agent(store, "Bor Zupan")
    codes = [attempt(home, email="bor@smreka.example").status_code for _ in range(PER_ACCOUNT_AT_ADDRESS.amount + 1)]
    assert codes[-1] == 429


@pytest.mark.slow
def test_two_who_share_a_browser_are_both_known(app, store, home):
    add_agent(store, "Bor Zupan")
    assert attempt(home, PASSWORD, "bor@smreka.example").status_code == 303
    sign_out(home)
    for email in (EMAIL, "bor@smreka.example"):
        botnet(app, email)
        assert attempt(home, PASSWORD, email, "203.0.113.9").status_code == 303
        sign_out(home)


def forged(app, home, clock) -> dict[str, str]:
    good = home.get_cookie(COOKIE, path="/desk").value
    name, known, at = app_serializer(app).loads(good)
    return {
        "nonsense": "x",
        "empty": "",
        "cut": good[:-1],
        "signed by another": URLSafeSerializer("another key", salt="odziv-known-device").dumps([name, known, at]),
        "of another use": URLSafeSerializer(app.secret_key, salt="cookie-session").dumps([name, known, at]),
        "another shape": app_serializer(app).dumps({"agents": known}),
        "too short": app_serializer(app).dumps([name]),
        "over a year old": app_serializer(app).dumps([name, known, clock.now - DAYS * 86_400_000]),
        "of other agents": app_serializer(app).dumps([name, [999], at]),
    }


def app_serializer(app) -> URLSafeSerializer:
    return URLSafeSerializer(app.secret_key, salt="odziv-known-device")


def test_nobody_makes_a_browser_known_by_themselves(app, home, clock):
    botnet(app)
    for kind, value in forged(app, home, clock).items():
        client = app.test_client()
        client.set_cookie(COOKIE, value, path="/desk")
        assert attempt(client, PASSWORD).status_code == 429, kind


def test_the_cookie_is_out_of_reach_and_opens_nothing(app, home):
    cookie = home.get_cookie(COOKIE, path="/desk")
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.path == "/desk" and not cookie.secure
    assert cookie.max_age == DAYS * 86_400
    assert home.get("/desk/queue").status_code == 303


def test_a_new_agents_browser_is_known_from_the_invitation_on(app, store):
    client, token = app.test_client(), invite(store, "eva@smreka.example", "agent")
    fields = {
        "csrf_token": csrf_of(client),
        "name": "Eva",
        "email": "eva@smreka.example",
        "password": PASSWORD,
        "again": PASSWORD,
    }
    assert client.post(f"/desk/invite/{token}", data=fields).status_code == 303
    sign_out(client)
    botnet(app, "eva@smreka.example")
    assert attempt(client, PASSWORD, "eva@smreka.example").status_code == 303


def test_a_team_behind_one_address_comes_in_together_in_the_morning(app, store):
    emails = [add_agent(store, f"Agent{number} Novak").email for number in range(30)]
    gate = threading.Barrier(len(emails))

    def come(email: str) -> int:
        client = app.test_client()
        csrf_of(client)
        gate.wait()
        return attempt(client, PASSWORD, email).status_code

    with ThreadPoolExecutor(len(emails)) as pool:
        assert list(pool.map(come, emails)) == [303] * len(emails)
    # And nineteen slips before have no hold on them either.
    guesser = app.test_client()
    for number in range(PER_ADDRESS.amount - 1):
        assert attempt(guesser, email=f"nobody{number}@smreka.example").status_code == 401
    for email in emails:
        assert attempt(app.test_client(), PASSWORD, email).status_code == 303


def test_parallel_guesses_never_come_to_more_than_the_limit():
    limits, guessed, refused = SignInLimits(), [], []
    gate = threading.Barrier(40)

    def guess(number: int) -> None:
        gate.wait()
        try:
            with limits.attempt(OFFICE, EMAIL, None):
                guessed.append(number)
                time.sleep(0.02)
        except TooManyAttempts as error:
            refused.append(error.seconds)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(guess, range(40)))
    assert len(guessed) == PER_ACCOUNT_AT_ADDRESS.amount and len(refused) == 30
    assert all(0 < seconds <= PER_ACCOUNT_AT_ADDRESS.seconds for seconds in refused)
    assert not limits._under_way and not limits._waiting


def test_a_crowd_of_strangers_holds_up_nobody_who_is_known():
    limits, gate, seen = SignInLimits(), threading.Event(), []

    def guess(number: int) -> None:
        try:
            with limits.attempt(f"192.0.2.{number}", f"a{number}@smreka.example", None):
                gate.wait(10)
                seen.append(number)
        except TooManyAttempts as error:
            assert 0 < error.seconds < 60

    with ThreadPoolExecutor(MOST_STRANGERS + 10) as pool:
        tries = [pool.submit(guess, number) for number in range(MOST_STRANGERS + 10)]
        while sum(each.done() for each in tries) < 10:
            time.sleep(0.01)
        with limits.attempt(OFFICE, EMAIL, "browser") as attempt:
            attempt.is_right = True
        gate.set()
    assert len(seen) == MOST_STRANGERS and limits._strangers == 0


def test_an_attempt_that_breaks_counts_as_wrong_and_holds_nothing_up():
    limits = SignInLimits()
    for _ in range(PER_DEVICE.amount):
        with pytest.raises(ZeroDivisionError), limits.attempt(OFFICE, EMAIL, "browser"):
            _ = 1 / 0
    started = time.monotonic()
    with pytest.raises(TooManyAttempts), limits.attempt(OFFICE, EMAIL, "browser"):
        pass
    assert time.monotonic() - started < 1


# ---- The second factor ----


@pytest.fixture
def secret(store, clock) -> str:
    """Ana's, with which codes are made."""
    agent, secret = add_agent(store, "Ana Kovač"), totp.new_secret()
    begin_second_factor(store, agent.id, secret)
    assert confirm_second_factor(store, agent.id, secret, 0, ["A" * 16])
    return secret


def code(secret: str, clock) -> str:
    return totp.code_at(secret, clock.now // 1000 // totp.STEP_SECONDS)


def wrong_codes(app, count: int, start: int = 0) -> set[int]:
    """Tries codes with the right password, each from another address."""
    return {
        attempt(app.test_client(), PASSWORD, address=f"198.51.100.{number}", code=f"{number:06}").status_code
        for number in range(start, start + count)
    }


def test_who_has_the_password_guesses_few_codes_and_is_told_nothing(app, secret, clock):
    assert wrong_codes(app, CODES.amount) == {401}
    answer = attempt(app.test_client(), PASSWORD, code=code(secret, clock))
    assert answer.status_code == 401 and FAILED in answer.text  # as if it were a wrong one


def test_guessed_codes_don_t_shut_a_known_browser_out(app, secret, clock):
    home = app.test_client()
    assert attempt(home, PASSWORD, code=code(secret, clock)).status_code == 303
    sign_out(home)
    wrong_codes(app, CODES.amount + 5)
    clock.advance(60_000)
    assert attempt(home, PASSWORD, code=code(secret, clock)).status_code == 303


def test_a_forgotten_code_is_no_guess(app, secret, clock):
    client = app.test_client()
    for number in range(CODES.amount + 1):
        assert attempt(client, PASSWORD, address=f"198.51.100.{number}").status_code == 401
    assert attempt(client, PASSWORD, code=code(secret, clock)).status_code == 303


def test_a_wrong_password_spends_no_code(app, secret, clock):
    for number in range(CODES.amount + 1):
        attempt(app.test_client(), "wrong", address=f"198.51.100.{number}", code="1")
    assert attempt(app.test_client(), PASSWORD, code=code(secret, clock)).status_code == 303


def test_a_code_lets_the_owner_in_whoever_guesses(app, secret, clock):
    botnet(app)
    client = app.test_client()
    assert attempt(client, PASSWORD).status_code == 429
    assert attempt(client, PASSWORD, code=code(secret, clock)).status_code == 303


def test_where_a_code_is_needed_nothing_is_said_about_the_password(app, secret, clock):
    botnet(app)
    asked = [("wrong", code(secret, clock)), (PASSWORD, "000000"), ("wrong", "000000"), (PASSWORD, "")]
    answers = [attempt(app.test_client(), password, code=typed) for password, typed in asked]
    assert [answer.status_code for answer in answers] == [429] * 4
    assert len({answer.headers["Retry-After"] for answer in answers}) == 1
    assert attempt(app.test_client(), PASSWORD, code=code(secret, clock)).status_code == 303


def test_no_more_codes_are_guessed_there_than_elsewhere(app, secret, clock):
    botnet(app)
    assert wrong_codes(app, CODES.amount) == {429}
    assert attempt(app.test_client(), PASSWORD, code=code(secret, clock)).status_code == 429


@pytest.mark.parametrize("typed", ["1", "000000", "A" * 16])
def test_a_code_opens_nothing_where_there_is_no_two_factor(app, home, typed):
    botnet(app)
    assert attempt(app.test_client(), PASSWORD, code=typed).status_code == 429
    assert attempt(app.test_client(), PASSWORD, "nobody@smreka.example", code=typed).status_code == 401


def test_who_is_signed_in_changes_their_password_whatever_happens_at_the_door(app, ana):
    flood(app, PER_ACCOUNT.amount)
    new = {"old": PASSWORD, "password": "another long password", "again": "another long password"}
    assert ana.post("/desk/account/password", **new).status_code == 303
