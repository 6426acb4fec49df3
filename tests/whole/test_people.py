"""A customer at the widget and two agents at the desk, in real browsers, with the real Rasa behind them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bench.parts.browser import chromium
from odziv.store import Store
from odziv.store.agents.agent import invite
from tests.whole.conftest import Served

pytestmark = [pytest.mark.rasa, pytest.mark.encoder, pytest.mark.browser]
PATIENCE = 20_000  # ms: two cores are shared by Rasa, the web process and three browsers
expect.set_options(timeout=PATIENCE)
PASSWORD = "correct horse battery staple"
BOT = "odziv-chat .msg.bot[data-seq]"  # stored messages only: the greeting is the widget's own
REACTION = f"{BOT}, odziv-chat .msg.system"


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def customer(browser: Browser, served: Served):
    """A customer on the demo shop's Slovenian page, with the widget open."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sl-SI")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{served.url}/demo/sl/")
    page.get_by_role("button", name="Odprite klepet").click()
    yield page
    context.close()


@pytest.fixture(scope="module")
def agents(browser: Browser, served: Served):
    """Ana, who took the invitation that the start printed, and Marek, whom somebody invited later."""
    store = Store(f"sqlite:///{served.var / 'odziv.sqlite'}")
    second = f"{served.url}/desk/invite/{invite(store, 'marek@smreka.example', 'agent')}"
    store.close()
    pages = [
        accept(browser, served.invitation, "Ana Kovač", "ana@smreka.example"),
        accept(browser, second, "Marek Nowak", None),
    ]
    yield pages
    for page in pages:
        page.context.close()


def accept(browser: Browser, link: str, name: str, email: str | None) -> Page:
    """Follows an invitation link to the desk."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(link)
    page.get_by_label("name", exact=False).first.fill(name)
    if email:
        page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    return page


def say(customer: Page, text: str) -> None:
    """Types a message into the widget and sends it."""
    box = customer.locator("odziv-chat textarea")
    box.fill(text)
    box.press("Enter")
    expect(customer.locator("odziv-chat .own", has_text=text).last).to_be_visible()


def said(customer: Page, sender: str, text: str):
    """A message of bot, agent or system in the widget that holds `text`."""
    return customer.locator(f"odziv-chat .msg.{sender}", has_text=text)


def conversation_id(customer: Page) -> str:
    """The id of the conversation the widget keeps."""
    return customer.evaluate("JSON.parse(localStorage.getItem('odziv:demo')).id")


def test_answer_then_reload_then_a_person(customer, agents, served):
    ana, marek = agents
    say(customer, "Bi rad vrnil šotor, ki sem ga kupil prejšnji teden, kako gre to?")
    expect(said(customer, "bot", "14 dneh")).to_be_visible(timeout=PATIENCE)

    customer.reload()
    expect(said(customer, "bot", "14 dneh")).to_have_count(1, timeout=PATIENCE)  # reopened, nothing missing or twice

    say(customer, "povežite me s človekom prosim")
    expect(customer.locator("odziv-chat .msg.system")).to_be_visible(timeout=PATIENCE)

    short = conversation_id(customer)[:6]
    for agent in agents:  # it appears without a reload
        expect(agent.locator(".card", has_text=short)).to_be_visible(timeout=PATIENCE)
    ana.locator(".card", has_text=short).get_by_role("button", name="Take").click()
    expect(ana.locator("#log, .messages").first).to_contain_text("14 dneh", timeout=PATIENCE)
    expect(said(customer, "system", "Ana")).to_be_visible(timeout=PATIENCE)

    marek.goto(f"{served.url}/desk/conversations/{conversation_id(customer)}")
    expect(marek.locator("#foot")).to_contain_text("Ana Kovač")  # reads along, can't answer

    ana.locator("#text").fill("Pozdravljeni, tukaj Ana. **Seveda**, pošljite ga nazaj.")
    ana.get_by_role("button", name="Send").click()
    expect(said(customer, "agent", "Pozdravljeni, tukaj Ana.")).to_be_visible(timeout=PATIENCE)
    expect(customer.locator("odziv-chat .msg.agent strong").first).to_have_text("Seveda")

    say(customer, "Najlepša hvala!")
    expect(ana.locator("#log")).to_contain_text("Najlepša hvala!", timeout=PATIENCE)
    assert customer.locator(BOT).count() == 1  # the bot was silent while they talked

    ana.wait_for_timeout(1000)  # pressed in the moment it comes, it would be asked again
    ana.get_by_role("button", name="Resolve").click()
    expect(said(customer, "system", "zaključen")).to_be_visible(timeout=PATIENCE)


def test_low_confidence_asks_back_and_then_one_of_two_agents_gets_it(customer, agents):
    ana, marek = agents
    say(customer, "Kakšna je masa Jupitrovih lun v primerjavi z vašimi svečami?")
    expect(customer.locator(BOT)).to_have_count(1, timeout=PATIENCE)
    for attempt in range(3):
        if customer.locator("odziv-chat .msg.system").count():
            break
        reactions = customer.locator(REACTION)
        before = reactions.count()
        say(customer, f"Ne, res me zanimajo samo Jupitrove lune in njihova masa {attempt}")
        expect(reactions.nth(before)).to_be_visible(timeout=PATIENCE)
    expect(customer.locator("odziv-chat .msg.system").first).to_be_visible(timeout=PATIENCE)

    short = conversation_id(customer)[:6]
    takes = []
    for agent in agents:
        agent.goto(agent.url.split("/desk")[0] + "/desk/")
        takes.append(agent.locator(".card", has_text=short).get_by_role("button", name="Take"))
        expect(takes[-1]).to_be_visible(timeout=PATIENCE)
    for take in takes:  # kept ready: when one agent has it, the card leaves the other's list at once
        take.evaluate(
            "button => { const [to, body] = [button.form.action, new FormData(button.form)];"
            " window.claim = () => fetch(to, {method: 'POST', body, redirect: 'manual'}).then(({status}) => status) }"
        )
    requests = [agent.evaluate("claim()") for agent in agents]
    assert len(requests) == 2
    marek.reload()
    for agent in agents:
        agent.goto(agent.url.split("/desk")[0] + "/desk/inbox")
    held = [agent.locator(".card", has_text=short).count() for agent in agents]
    assert sorted(held) == [0, 1]


def test_rasa_killed_in_the_middle_leaves_nobody_without_an_answer(customer, served):
    say(customer, "Dober dan")
    expect(customer.locator(BOT)).to_have_count(1, timeout=PATIENCE)
    os.kill(rasa_pid(served), signal.SIGKILL)
    say(customer, "V koliko dneh lahko vrnem izdelek?")
    expect(customer.locator(REACTION)).to_have_count(2, timeout=PATIENCE)
    wait_for_health(served, "ok")  # it was started again


def rasa_pid(served: Served) -> int:
    """The Rasa process below the supervisor."""
    for task in Path(f"/proc/{served.process.pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"bot.rasa_program\0run" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise AssertionError("no Rasa below the supervisor")


def wait_for_health(served: Served, status: str, seconds: float = 90.0) -> None:
    """Until /health says so."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if httpx.get(f"{served.url}/health").json()["status"] == status:
            return
        time.sleep(0.5)
    raise AssertionError(f"not {status} within {seconds:.0f} s")
