"""A shift at the desk, whole: two agents, three customers in the widget, mail, everything but Rasa real."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from odziv.desk.queue import events
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.audit import list_entries
from tests.browser.desk.test_desk import cheap_hashes  # noqa: F401 (fixtures)
from tests.browser.shift import OURS, PATIENCE, Shop, answer, hears, say, take
from tests.files import PDF, picture
from tests.mail.conftest import running_smtp_server, smtp_server, text_of, write_mail  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
MAJA, TOMASZ, ANNA = "Rada bi govorila s človekom.", "Składam reklamację, to skandal!", "A person, please."
TENT = {"name": "tent.png", "mimeType": "image/png", "buffer": picture(size=(600, 400))}
BILL = {"name": "račun.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def shop(browser, tmp_path, empty_database, running_smtp_server, smtp_server, monkeypatch):  # noqa: F811
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.5)
    shop = Shop(browser, tmp_path, empty_database, running_smtp_server.port)
    shop.smtp_server = smtp_server
    yield shop
    shop.close()
    assert shop.problems == []


def test_three_customers_wait_in_their_order_and_the_first_is_served(shop):
    ana = shop.sign_in("Ana Kovač")
    maja, anna, tomasz = shop.visit("sl", MAJA), shop.visit("en", ANNA), shop.visit("pl", TOMASZ)
    cards = ana.locator(".card")
    expect(cards).to_have_count(3)
    for number, (language, reason) in enumerate([("PL", "Complaint"), ("SL", "Asked for"), ("EN", "Asked for")]):
        expect(cards.nth(number).locator(".language abbr")).to_have_text(language)
        expect(cards.nth(number).locator(".reason")).to_contain_text(reason)
        expect(cards.nth(number).locator(".target")).to_contain_text("Answer due by")
    expect(cards.nth(0)).to_contain_text("Raised: complaint")
    expect(cards.nth(0).locator(".priority")).to_have_text("High")
    for number in range(3):
        say(anna, f"Hello? {number}")  # who writes more overtakes nobody
    expect(cards.nth(2)).to_contain_text("Hello? 2")
    expect(ana.locator("#count-queue")).to_have_text("3")
    ana.keyboard.press("t")
    expect(ana.locator("#log")).to_contain_text(TOMASZ)
    ana.wait_for_load_state("load")
    hears(tomasz, "system", "Ana")
    ana.locator("#text").press_sequentially("Dzień dobry")
    expect(tomasz.locator(".panel")).to_contain_text("Ana pisze")
    answer(ana, "Dzień dobry, **przepraszamy**. Wysyłamy nowy namiot.")
    hears(tomasz, "agent", "Wysyłamy nowy namiot.")
    say(tomasz, "Dziękuję!")
    expect(ana.locator("#log")).to_contain_text("Dziękuję!")
    ana.wait_for_timeout(1000)  # pressed in the moment it comes, it would be asked again
    ana.get_by_role("button", name="Resolve").click()
    expect(ana.locator(".flash")).to_have_text("Resolved.")
    expect(tomasz.locator(".panel .head")).to_contain_text("Rozmowa zakończona")
    expect(maja.locator(".panel .head")).to_contain_text("Čakate na sodelavca")


def test_an_agent_sees_when_the_answer_was_on_the_customers_screen(shop):
    ana, anna = shop.sign_in("Ana Kovač"), shop.visit("en", ANNA)
    expect(ana.locator(".card")).to_have_count(1)
    take(ana, shop.waiting()[0])
    seen = ana.locator("#seen")
    anna.keyboard.press("Escape")
    expect(anna.locator(".panel")).to_be_hidden()
    answer(ana, "Hello! How can I help?")
    expect(ana.locator("#log")).to_contain_text("How can I help?")
    expect(anna.locator(".bubble")).to_contain_text("1", timeout=PATIENCE)  # it is there, and nobody has looked
    expect(seen).to_be_empty()
    anna.locator(".bubble").click()
    expect(seen).to_have_text(re.compile(r"^Seen \d+:\d\d"), timeout=PATIENCE)
    say(anna, "Where is my parcel?")
    expect(ana.locator("#log")).to_contain_text("Where is my parcel?")
    expect(seen).to_be_empty()
    ana.wait_for_timeout(1000)  # sent in the moment it comes, it would be asked again
    answer(ana, "It is on its way.")  # the chat is open
    expect(seen).to_have_text(re.compile("^Seen"), timeout=PATIENCE)


def test_the_agents_picture_is_beside_what_they_say(shop):
    ana, anna = shop.sign_in("Ana Kovač"), shop.visit("en", ANNA)
    ana.goto(f"{shop.url}/desk/account")
    expect(ana.locator(".rail .avatar")).to_have_text("AK")
    ana.get_by_label("A picture from your device").set_input_files(TENT)
    ana.get_by_role("button", name="Change picture").click()
    expect(ana.locator(".rail .avatar img")).to_have_js_property("naturalWidth", 160)
    ana.goto(f"{shop.url}/desk/queue")
    take(ana, shop.waiting()[0])
    expect(anna.locator(".head .face canvas")).to_have_attribute("width", "160", timeout=PATIENCE)
    answer(ana, "Hello! How can I help?")
    hears(anna, "agent", "How can I help?")
    expect(anna.locator(".msg.agent .mark canvas")).to_have_attribute("width", "160", timeout=PATIENCE)
    expect(anna.locator(".msg.bot .mark canvas")).to_have_count(0)
    ana.goto(f"{shop.url}/desk/account")
    ana.get_by_role("button", name="Remove picture").click()
    expect(ana.locator(".rail .avatar")).to_have_text("AK")
    say(anna, "Are you still there?")
    anna.reload()
    hears(anna, "agent", "How can I help?")
    expect(anna.locator(".msg.agent .mark")).to_have_text("A")


def test_both_take_one_at_once_and_then_see_each_other(shop):
    maja = shop.visit("sl", MAJA)
    agents = [shop.sign_in("Ana Kovač"), shop.sign_in("Marek Zieliński")]
    [waiting] = shop.waiting()
    held = []
    for agent in agents:
        agent.route("**/claim", lambda route: held.append(route))
        agent.locator(f"#take-{waiting.handoff}").click(no_wait_after=True)
    while len(held) < 2:
        agents[0].wait_for_timeout(20)
    for route in held:
        route.continue_()
    won = agents[0].locator("#foot[data-mode=holder]").or_(agents[0].locator("[role=alert].alert"))
    won.wait_for()
    is_ana = agents[0].locator("#foot[data-mode=holder]").count() == 1
    winner, loser = agents if is_ana else agents[::-1]
    name = "Ana Kovač" if is_ana else "Marek Zieliński"
    expect(loser.locator(".alert")).to_have_text(f"{name} has it already.")
    shown = name.split()[0]
    hears(maja, "system", shown)
    expect(maja.locator(".msg.system", has_text=shown)).to_have_count(1)
    loser.goto(f"{shop.url}/desk/conversations/{waiting.id}")
    expect(loser.locator("#foot")).to_contain_text(f"{name} has this conversation. You are reading along.")
    expect(loser.locator("#colleagues")).to_have_text(f"{name} is looking at this too")
    expect(winner.locator("#colleagues")).to_contain_text("is looking at this too")
    winner.locator("#text").press_sequentially("Dober dan")
    expect(loser.locator("#colleagues")).to_have_text(f"{name} is typing…")


def test_passing_on_with_a_note_the_customer_never_sees(shop):
    maja = shop.visit("sl", MAJA)
    marek, ana = shop.sign_in("Marek Zieliński"), shop.sign_in("Ana Kovač")
    take(ana, shop.waiting()[0])
    ana.locator("#text").press("Escape")
    ana.keyboard.press("p")
    expect(ana.locator("#transfer-to")).to_be_focused()
    ana.locator("#transfer-to").select_option(label="Marek Zieliński (0 of 6)")
    ana.get_by_label("Note, which").fill("Čaka že tretjič, prosim, pokliči.")
    ana.get_by_role("button", name="Pass on").click()
    expect(ana.locator(".flash")).to_have_text("Marek Zieliński has it now.")
    expect(marek.locator("#count-inbox")).to_have_text("1")
    marek.get_by_role("link", name="Inbox").click()
    marek.locator(".card-link").click()
    expect(marek.locator("#pinned")).to_contain_text("Čaka že tretjič")
    marek.wait_for_load_state("load")
    hears(maja, "system", "Marek")
    answer(marek, "Dober dan, tukaj Marek.")
    hears(maja, "agent", "tukaj Marek")
    expect(maja.locator(".panel")).not_to_contain_text("tretjič")
    ana.get_by_role("link", name="Queue").click()
    expect(ana.locator(".list-empty")).to_contain_text("Nobody is waiting.")


def test_a_lost_lease_brings_the_customer_back_to_the_old_place(shop):
    maja, anna = shop.visit("sl", MAJA), shop.visit("en", ANNA)
    first, _ = shop.waiting()
    ana = shop.sign_in("Ana Kovač")
    take(ana, first)
    hears(maja, "system", "Ana")
    ana.context.close()  # the lid of her computer
    deadline = time.monotonic() + PATIENCE / 1000
    while first.id not in {waiting.id for waiting in shop.waiting()} and time.monotonic() < deadline:
        shop.pass_time(11)  # again where a request of hers was still in hand: that was a sign of life
    hears(maja, "system", "sodelavec")
    marek = shop.sign_in("Marek Zieliński")
    expect(marek.locator(".card")).to_have_count(2)
    expect(marek.locator(".card").first.locator(f"#take-{first.handoff}")).to_be_visible()
    marek.keyboard.press("t")
    expect(marek.locator("#log")).to_contain_text("gave no sign of life for 10 minutes")
    expect(marek.locator("#log .message", has_text="gave no sign of life")).to_have_count(1)
    hears(maja, "system", "Marek")
    expect(anna.locator(".msg.system", has_text="Marek")).to_have_count(0)
    assert [entry.action for entry in list_entries(shop.store)].count("lease_lost") <= 1


def test_nobody_is_there_a_ticket_an_answer_by_mail_and_the_reply_to_it(shop):
    anna = shop.visit("en", ANNA)
    hears(anna, "system", "Nobody is available right now")
    say(anna, "anna@customer.example")
    hears(anna, "system", "anna@customer.example")
    anna.context.close()
    ana = shop.sign_in("Ana Kovač")
    card = ana.locator(".card")
    expect(card.locator(".after-hours")).to_have_text("Ticket")
    take(ana, shop.waiting()[0])
    expect(ana.locator(".pane-head")).to_contain_text("anna@customer.example")
    answer(ana, "Your parcel leaves **today**.")
    expect(ana.locator("#log > .agent")).to_contain_text("Your parcel leaves today.")
    shop.pass_time(2)  # she didn't read it in the chat
    shop.services.mail.outbound.work_off()
    [mail] = shop.smtp_server.got
    assert mail["To"] == "anna@customer.example" and "Your parcel leaves today" in text_of(mail).replace("*", "")
    expect(ana.locator("#log > .agent .mailed")).to_contain_text("Sent by e-mail")
    reply = write_mail("Wonderful, thank you!", f"Re: {mail['Subject']}", To=mail["Reply-To"] or OURS,
                       In_Reply_To=mail["Message-ID"])  # fmt: skip
    shop.deliver(reply)
    expect(ana.locator("#log > .customer").last).to_contain_text("Wonderful, thank you!")
    expect(ana.locator(".card")).to_have_count(1)


def test_writing_with_saved_replies_passages_files_and_second_thoughts(shop):
    editor = shop.sign_in("Vera Novak", "editor")
    editor.goto(f"{shop.url}/desk/replies/new")
    add_saved_reply(shop.store, "greeting", "Greeting", {"sl": "Dober dan, tukaj {{agent.first_name}}."}, 1)
    maja = shop.visit("sl", "Kako vrnem čevlje? Prosim človeka.")
    ana = shop.sign_in("Ana Kovač")
    take(ana, shop.waiting()[0])
    expect(ana.locator("#found .found").first).to_be_visible()
    ana.locator("#text").click()
    ana.keyboard.type("/greet")
    expect(ana.locator(".pick")).to_have_count(1)
    ana.keyboard.press("Enter")
    expect(ana.locator("#text")).to_have_value("Dober dan, tukaj Ana.")
    ana.keyboard.press("Alt+1")
    expect(ana.locator("#text")).to_have_value(re.compile(r"^Dober dan, tukaj Ana\.\n\nIzpolnite obrazec v 14 dneh\."))
    ana.locator("#attach-input").set_input_files([BILL])
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)
    ana.locator("#text").press("Control+Enter")
    hears(maja, "agent", "Izpolnite obrazec v 14 dneh.")
    expect(maja.locator(".msg.agent .file")).to_contain_text("račun.pdf")
    maja.locator(".panel input[type=file]").set_input_files([TENT])
    expect(maja.locator(".panel .over .file:not(:has(progress))")).to_have_count(1)
    say(maja, "Ti čevlji so.")
    thumb = ana.locator("#log > .customer .attachment img")
    expect(thumb).to_have_count(1)
    assert thumb.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0


def test_a_reply_taken_back_never_reaches_the_customer(shop):
    maja = shop.visit("sl", MAJA)
    ana = shop.sign_in("Ana Kovač")
    take(ana, shop.waiting()[0])
    slow = shop.services.settings.desk.model_copy(update={"undo_seconds": 60})
    shop.services.settings = shop.services.settings.model_copy(update={"desk": slow})
    answer(ana, "Tega ne vemo.")
    expect(ana.locator("#scheduled")).to_contain_text("Tega ne vemo.")
    ana.keyboard.press("Control+z")
    expect(ana.locator("#text")).to_have_value("Tega ne vemo.")
    answer(ana, "Paket je na poti.")
    expect(ana.locator("#scheduled")).to_contain_text("Paket je na poti.")
    shop.pass_time(2)
    shop.services.scheduled_replies.look()
    hears(maja, "agent", "Paket je na poti.")
    expect(maja.locator(".panel")).not_to_contain_text("Tega ne vemo.")


def test_snoozed_and_back_at_its_time_then_resolved(shop):
    maja = shop.visit("sl", MAJA)
    ana = shop.sign_in("Ana Kovač", timezone_id="Europe/Ljubljana")
    take(ana, shop.waiting()[0])
    answer(ana, "Dobavitelj odgovori popoldne.")
    hears(maja, "agent", "popoldne")
    ana.locator("#text").press("Escape")
    ana.keyboard.press("s")
    ana.get_by_role("button", name="Later today").click()
    expect(ana.locator(".list-empty")).to_contain_text("Your inbox is empty.")
    shop.pass_time(181)
    expect(ana.locator(".card")).to_have_count(1)
    ana.locator(".card-link").click()
    expect(ana.locator("#log")).to_contain_text("Snooze over.")
    ana.wait_for_load_state("load")
    answer(ana, "Jutri bo pri vas.")
    hears(maja, "agent", "Jutri bo pri vas.")
    ana.get_by_role("button", name="Resolve").click()
    expect(ana.locator(".flash")).to_have_text("Resolved.")
    expect(maja.locator(".panel .head")).to_contain_text("Pogovor je zaključen")
    say(maja, "Še nekaj: kako vrnem čevlje?")
    expect(maja.locator(".panel .head")).to_contain_text("Ana")  # who comes back finds whom they had
    expect(ana.locator(".card")).to_have_count(1)
    ana.locator(".card-link").click()
    expect(ana.locator("#log")).to_contain_text("kako vrnem čevlje?")
