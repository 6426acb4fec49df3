"""Two-factor at the desk: set up, asked for, used once, never guessed, turned off."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from odziv.desk.frame.limits import PER_DEVICE
from odziv.desk.people import totp
from odziv.desk.people.sign_in import FAILED
from odziv.store.agents.second_factor import find_second_factor, has_second_factor, use_step
from tests.desk.conftest import PASSWORD, come_in, csrf_of

START = "/desk/account/two-factor"


def move(clock, steps: int) -> None:
    clock.advance(steps * totp.STEP_SECONDS * 1000)


def code_of(store, person, clock, off: int = 0) -> str:
    step = clock.now // 1000 // totp.STEP_SECONDS + off
    return totp.code_at(find_second_factor(store, person.agent.id).secret, step)


def turn_on(store, person, clock) -> list[str]:
    """Turns it on and returns the recovery codes; the next code is then one step later."""
    assert person.post(START).location == START
    page = person.post(f"{START}/confirm", code=code_of(store, person, clock)).text
    move(clock, 1)
    return re.findall(r"<li><code>([A-Z2-7-]{19})</code>", page)


def attempt(app, person, code: str, password: str = PASSWORD, address: str = "127.0.0.1"):
    client = app.test_client()
    fields = {"csrf_token": csrf_of(client), "email": person.agent.email, "password": password, "code": code}
    return client.post("/desk/sign-in", data=fields, environ_base={"REMOTE_ADDR": address})


def test_setting_up_shows_a_picture_and_the_same_as_text(ana, store):
    ana.post(START)
    page = ana.get(START).text
    secret = find_second_factor(store, ana.agent.id).secret
    assert '<svg viewBox="0 0' in page and 'class="qr"' in page and "style=" not in page
    assert totp.in_groups(secret) in page and f"secret={secret}" in unescape(page)
    assert not has_second_factor(store, ana.agent.id)


def test_until_the_first_right_code_nothing_is_asked(app, ana, store, clock):
    ana.post(START)
    answer = ana.post(f"{START}/confirm", code="000000")
    assert answer.status_code == 422 and "isn’t right" in answer.text
    assert attempt(app, ana, "").status_code == 303
    assert len(turn_on(store, ana, clock)) == 10
    assert attempt(app, ana, "").status_code == 401


def test_each_setting_up_has_its_own_secret_and_a_confirmed_one_stays(ana, store, clock):
    ana.post(START)
    first = find_second_factor(store, ana.agent.id).secret
    turn_on(store, ana, clock)
    confirmed = find_second_factor(store, ana.agent.id).secret
    assert confirmed != first
    assert ana.post(START).status_code == 409
    assert ana.get(START).location == "/desk/account#two-factor"
    assert ana.post(f"{START}/confirm", code=code_of(store, ana, clock)).status_code == 303
    assert find_second_factor(store, ana.agent.id).secret == confirmed


def test_a_code_is_accepted_once(app, ana, store, clock):
    turn_on(store, ana, clock)
    code = code_of(store, ana, clock)
    assert attempt(app, ana, code).status_code == 303
    assert attempt(app, ana, code).status_code == 401
    move(clock, 1)
    assert attempt(app, ana, code_of(store, ana, clock, -1)).status_code == 401  # the same one, from before
    assert attempt(app, ana, code_of(store, ana, clock)).status_code == 303


def test_the_code_that_turned_it_on_is_spent(app, ana, store, clock):
    ana.post(START)
    code = code_of(store, ana, clock)
    ana.post(f"{START}/confirm", code=code)
    assert attempt(app, ana, code).status_code == 401


def test_of_eight_who_send_one_code_at_once_one_gets_in(ana, store, clock):
    turn_on(store, ana, clock)
    step, start = int(clock.now) // totp.STEP_SECONDS, threading.Barrier(8)

    def use(_number: int) -> bool:
        start.wait()
        return use_step(store, ana.agent.id, step)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(use, range(8))) == 1


@pytest.mark.parametrize(("off", "status"), [(-2, 401), (1, 303), (2, 401)])
def test_a_clock_may_be_one_step_off(app, ana, store, clock, off, status):
    turn_on(store, ana, clock)
    move(clock, 5)
    assert attempt(app, ana, code_of(store, ana, clock, off)).status_code == status


def test_a_wrong_code_reads_like_a_wrong_password(app, ana, marek, store, clock):
    turn_on(store, ana, clock)
    wrong = [
        attempt(app, ana, "000000"),
        attempt(app, ana, ""),
        attempt(app, ana, code_of(store, ana, clock), password="wrong"),
        attempt(app, marek, "", password="wrong"),
    ]
    shown = {re.sub(r'value="[^"]*"', "", answer.text) for answer in wrong}
    assert {answer.status_code for answer in wrong} == {401} and len(shown) == 1 and FAILED in shown.pop()
    assert attempt(app, ana, code_of(store, ana, clock)).status_code == 303  # and the wrong password spent no code


@pytest.mark.slow
@pytest.mark.parametrize("what", ["confirm", "codes", "off"])
def test_guessing_with_a_stolen_session_is_slowed_down_too(ana, store, clock, what):
    if what == "confirm":
        ana.post(START)
    else:
        turn_on(store, ana, clock)
    answers = [ana.post(f"{START}/{what}", code="1", password="wrong") for _ in range(PER_DEVICE.amount + 1)]
    assert [answer.status_code for answer in answers] == [422] * PER_DEVICE.amount + [429]


def test_a_recovery_code_lets_in_once(app, ana, store, clock):
    codes = turn_on(store, ana, clock)
    assert attempt(app, ana, codes[3].lower().replace("-", " ")).status_code == 303
    assert attempt(app, ana, codes[3]).status_code == 401
    assert find_second_factor(store, ana.agent.id).codes_left == 9
    assert "9 of 10 recovery codes left" in ana.get("/desk/account").text


def test_recovery_codes_are_hashed_and_anothers_are_worthless(app, ana, marek, store, settings, clock):
    codes = turn_on(store, ana, clock)
    turn_on(store, marek, clock)
    assert attempt(app, marek, codes[0]).status_code == 401
    with store.write():  # what the database holds, write-ahead log and all
        content = b"".join(path.read_bytes() for path in settings.var.glob("odziv.sqlite*"))
    assert not [code for code in codes if code.encode() in content or code.replace("-", "").encode() in content]


def test_a_wrong_password_spends_no_recovery_code(ana, store, clock):
    codes = turn_on(store, ana, clock)
    assert ana.post(f"{START}/off", password="wrong", code=codes[0]).status_code == 422
    assert find_second_factor(store, ana.agent.id).codes_left == 10


def test_new_recovery_codes_void_the_old_ones(app, ana, store, clock):
    old = turn_on(store, ana, clock)
    page = ana.post(f"{START}/codes", password=PASSWORD, code=code_of(store, ana, clock)).text
    new = re.findall(r"<li><code>([A-Z2-7-]{19})</code>", page)
    assert len(new) == 10 and not set(new) & set(old)
    assert [attempt(app, ana, code).status_code for code in (old[0], new[0])] == [401, 303]


@pytest.mark.parametrize(("password", "code"), [(PASSWORD, "000000"), ("wrong", None), (PASSWORD, "")])
def test_turning_off_takes_password_and_code(ana, store, clock, password, code):
    turn_on(store, ana, clock)
    code = code_of(store, ana, clock) if code is None else code
    assert ana.post(f"{START}/off", password=password, code=code).status_code == 422
    assert has_second_factor(store, ana.agent.id)


def test_turned_off_it_is_not_asked_for_and_leaves_nothing(app, ana, store, clock):
    turn_on(store, ana, clock)
    assert ana.post(f"{START}/off", password=PASSWORD, code=code_of(store, ana, clock)).status_code == 303
    assert find_second_factor(store, ana.agent.id) is None
    assert attempt(app, ana, "").status_code == 303
    assert ana.post(f"{START}/off", password=PASSWORD, code="").status_code == 409


def test_one_agents_second_factor_is_nobody_elses(app, ana, marek, store, clock):
    turn_on(store, ana, clock)
    assert attempt(app, marek, "").status_code == 303
    assert not has_second_factor(store, marek.agent.id)
    assert come_in(app, ana.agent, code=code_of(store, ana, clock)).get("/desk/queue").status_code == 200
