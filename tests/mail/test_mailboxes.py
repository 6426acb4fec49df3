"""Several mailboxes: whose conversations come there, from where answers leave, and one that fails holds no other."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

import pytest

from odziv.cases.conversations.aside import make_conversation
from odziv.cases.mails.begin import NewMail, begin_mail
from odziv.cases.mails.forward import Passing, forward_by_mail
from odziv.cases.mails.mailboxes import find_mailbox, find_replaced
from odziv.cases.mails.recipients import check_recipients
from odziv.cases.refused import Refused
from odziv.cases.targets import find_target
from odziv.mail.service import MailService
from odziv.settings.hours import DAYS
from odziv.settings.load import Site
from odziv.store.agents.availability import set_available, set_wants_mail
from odziv.store.conversations.conversation import change_owner, create_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import add_handoff, list_queue
from odziv.store.handoffs.targets import mark_told
from odziv.store.mail import inbound as incoming
from odziv.store.mail.aside import list_aside
from odziv.store.mail.notifications import GATHER_MS, ask_for_transcript
from odziv.store.mail.queue import list_states
from tests.fixtures import set_contact
from tests.mail.conftest import ANNA, HOUR_MS, MINUTE_MS, OURS, free_port, make_maildir, text_of, write_mail
from tests.mail.test_intake import everyone

SALES = "sales@hrast.example"


@pytest.fixture
def switch_on_two(switch_on, services, tmp_path):
    """The first mailbox, and "sales" of another site; both are delivered into folders of their own."""

    def switch_on_two(sales: dict | None = None, **more) -> MailService:
        sites = {**services.settings.sites, "hrast": Site(name="Hrast")}
        services.settings = services.settings.model_copy(update={"sites": sites})
        folders = {}
        for name in ("help", "sales"):
            folders[name] = tmp_path / name
            if not folders[name].exists():
                make_maildir(folders[name])
        box = {"address": SALES, "site": "hrast", "language": "pl", "incoming": "maildir", "plus_addressing": True}
        box |= {"maildir": str(folders["sales"]), "signatures": {"en": "{{agent.name}} of the sales team"}}
        first = {"incoming": "maildir", "maildir": str(folders["help"]), "plus_addressing": True}
        return switch_on(**first, mailboxes={"sales": box | (sales or {})}, **more)

    return switch_on_two


@pytest.fixture
def two(switch_on_two):
    return switch_on_two()


@pytest.fixture
def bring(tmp_path, run_turns, services):
    """Delivers a mail into a folder and has it taken, and what is due sent."""
    numbers = iter(range(1000))

    def bring(folder: str, mail: bytes, *, send: bool = True) -> None:
        (tmp_path / folder / "new" / f"{next(numbers):05}.M.host").write_bytes(mail)
        for reader in services.mail._readers.values():
            reader.look()
        if send:
            run_turns()
            work_off(services.mail)

    return bring


def work_off(mail_service: MailService) -> None:
    for sender in mail_service._senders:
        sender.work_off()


def test_each_has_its_site_and_language_and_answers_from_its_address(two, bring, store, smtp_server):
    bring("help", write_mail("How do I return shoes?", "Shoes"))
    bring("sales", write_mail("123", "456", To=SALES, From="Jan <jan@customer.example>"))
    helped, sold = everyone(store)
    assert (helped.site, helped.mailbox) == ("demo", "")
    assert (sold.site, sold.mailbox, sold.language) == ("hrast", "sales", "pl")  # the text doesn't tell
    assert [(sender, to) for sender, to in smtp_server.envelopes] == [(OURS, [ANNA]), (SALES, ["jan@customer.example"])]
    froms = [mail["From"].addresses[0] for mail in smtp_server.got]
    assert [(each.display_name, each.addr_spec) for each in froms] == [("Smreka", OURS), ("Hrast", SALES)]
    assert smtp_server.got[1]["Reply-To"].startswith("Hrast <sales+")


def test_the_signature_is_the_mailbox_s_own_and_the_first_one_s_is_not_lent(
    switch_on_two, bring, store, answer, ana, clock, smtp_server
):
    mail_service = switch_on_two(signatures={"en": "The help team", "sl": "Ekipa"})
    bring("sales", write_mail("How do I return my shoes, please?", "Shoes", To=SALES), send=False)
    [sold] = everyone(store)
    with store.write() as connection:
        change_owner(connection, sold.id, "open", agent_id=ana.id)
    answer(sold.id)
    clock.advance(MINUTE_MS)
    work_off(mail_service)
    own = {"en": "Ana of the sales team"}.get(sold.language, "Ana\nHrast")
    assert own in text_of(smtp_server.got[-1]) and "Ekipa" not in text_of(smtp_server.got[-1])


def test_what_answers_it_stays_with_it_wherever_it_comes(two, bring, store, smtp_server):
    bring("sales", write_mail("How do I return shoes?", "Shoes", To=SALES))
    sent = smtp_server.got.pop()
    reply_to = sent["Reply-To"].addresses[0].addr_spec
    bring("help", write_mail("And boots?", "Re: Shoes", In_Reply_To=sent["Message-ID"]))
    bring("help", write_mail("And hats?", "hats", To=reply_to))
    [sold] = everyone(store)
    assert sold.mailbox == "sales"
    assert [mail["From"].addresses[0].addr_spec for mail in smtp_server.got] == [SALES, SALES]
    # The token of one address is good at each of ours, and at nobody else's.
    token = reply_to.partition("+")[2].partition("@")[0]
    bring("help", write_mail("And coats?", "coats", To=f"help+{token}@smreka.example"))
    assert len(everyone(store)) == 1
    bring("help", write_mail("And gloves?", "gloves", To=f"other+{token}@smreka.example"))
    assert len(everyone(store)) == 2


@pytest.mark.parametrize(("to", "name"), [(SALES, "sales"), (OURS, ""), (f"{OURS}, {SALES}", ""), ("x@y.example", "")])
def test_an_alias_is_known_by_the_address_it_was_written_to(switch_on_two, bring, store, to, name):
    switch_on_two(sales={"incoming": "none", "maildir": ""})
    bring("help", write_mail("Where is my parcel?", To=to))
    [conversation] = everyone(store)
    assert (conversation.mailbox, conversation.site) == (name, "hrast" if name else "demo")


def test_a_mail_to_both_makes_one_conversation_also_at_the_same_moment(two, bring, store, monkeypatch, services):
    mail = write_mail("Where is my parcel?", To=f"{OURS}, {SALES}")
    both = threading.Barrier(2, timeout=10)
    really = incoming.is_known

    def is_known_by_both(*arguments):
        found = really(*arguments)
        if not found:
            both.wait()
        return found

    monkeypatch.setattr(incoming, "is_known", is_known_by_both)
    outcomes: list[str] = []
    intakes = [reader._intake for reader in services.mail._readers.values()]
    threads = [threading.Thread(target=lambda taker=taker: outcomes.append(taker.take(mail))) for taker in intakes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["known", "opened"]
    [conversation] = everyone(store)
    assert len(list_messages(store, conversation.id)) == 1


@pytest.mark.parametrize("own", [SALES, OURS, "sales+abc@hrast.example"])
def test_our_own_addresses_are_no_customers_and_answer_each_other_never(two, bring, store, services, smtp_server, own):
    with pytest.raises(Refused, match="our own mailbox"):
        check_recipients(services.settings, [own], [], [])
    bring("help", write_mail("Automatic?", From=own))
    assert everyone(store) == [] and smtp_server.got == []
    assert [mail.reason for mail in list_aside(store)] == ["our own mail"]


def test_a_mail_put_aside_becomes_a_conversation_of_its_mailbox(two, bring, store, services, ana):
    bring("sales", write_mail("Out of office", To=SALES, Auto_Submitted="auto-replied"))
    [aside] = list_aside(store)
    conversation_id, _ = make_conversation(store, services.settings, services.knowledge, ana, aside.id)
    made = find_conversation(store, conversation_id)
    assert (made.site, made.mailbox) == ("hrast", "sales")


def chat(store, site: str, ana) -> str:
    conversation = create_conversation(store, site, "en")
    add_customer_message(store, conversation.id, "c1", "Where is my parcel?", "<p>Where is my parcel?</p>")
    set_contact(store, conversation.id, email=ANNA)
    with store.write() as connection:
        change_owner(connection, conversation.id, "open", agent_id=ana.id)
    return conversation.id


def test_what_a_chat_gets_by_mail_leaves_from_its_site_s_mailbox(two, store, ana, answer, clock, smtp_server, services):
    sold = chat(store, "hrast", ana)
    answer(sold)
    assert ask_for_transcript(store, sold, ANNA)
    passing = Passing("ivo@supplier.example", "Fwd: parcel", "Can you look?", "Customer: Where?")
    forward_by_mail(store, services.settings, ana, find_conversation(store, sold), passing, "k1")
    clock.advance(2 * MINUTE_MS)
    work_off(two)
    sent = [mail["From"].addresses[0].addr_spec for mail in smtp_server.got]
    assert sent == [SALES] * 3 and smtp_server.got[1]["Reply-To"].startswith("Hrast <sales+")


def test_one_that_is_no_longer_set_up_leaves_its_conversations_answerable(
    switch_on, two, bring, store, ana, answer, clock, smtp_server, services
):
    bring("sales", write_mail("Where is my parcel?", To=SALES), send=False)
    [sold] = everyone(store)
    assert find_replaced(services.settings, sold) is None
    mail_service = switch_on()  # "sales" is gone
    assert find_replaced(services.settings, sold) == "sales"
    assert find_mailbox(services.settings, sold).address == OURS
    with store.write() as connection:
        change_owner(connection, sold.id, "open", agent_id=ana.id)
    answer(sold.id)
    clock.advance(MINUTE_MS)
    work_off(mail_service)
    assert [mail["From"].addresses[0].addr_spec for mail in smtp_server.got] == [OURS]


def test_an_agent_chooses_from_which_one_a_new_mail_leaves(two, store, services, ana, clock, smtp_server):
    mail = NewMail((ANNA,), (), (), "Anna", "demo", "en", "Your order")
    of_site = [(None, "demo", ""), (None, "hrast", "sales")]
    for key, (name, site, expected) in enumerate([*of_site, ("sales", "demo", "sales"), ("", "hrast", "")]):
        wanted = NewMail(**{**mail.__dict__, "site": site, "mailbox": name})
        conversation_id, _ = begin_mail(store, services.settings, ana, wanted, f"k{key}")
        assert find_conversation(store, conversation_id).mailbox == expected
    with pytest.raises(Refused, match="no such mailbox"):
        begin_mail(store, services.settings, ana, NewMail(**{**mail.__dict__, "mailbox": "marketing"}), "e")


# ---- One that fails ------------------------------------------------------------------------------------------------


def own_server(port: int) -> dict:
    return {"smtp": {"host": "127.0.0.1", "port": port, "security": "none"}}


def test_a_server_that_refuses_connections_holds_nobody_else_s_mails(
    switch_on_two, store, ana, answer, clock, smtp_server, client
):
    mail_service = switch_on_two(sales=own_server(free_port()))
    sold, helped = chat(store, "hrast", ana), chat(store, "demo", ana)
    for conversation_id in (sold, helped):
        answer(conversation_id)
    clock.advance(2 * MINUTE_MS)
    first, second = mail_service._senders
    second.work_off()
    first.work_off()
    assert [mail["From"].addresses[0].addr_spec for mail in smtp_server.got] == [OURS]
    assert [state.status for state in list_states(store, helped).values()] == ["sent"]
    assert [state.status for state in list_states(store, sold).values()] == ["waiting"]
    clock.advance(2 * MINUTE_MS)  # what is due to the other server keeps this one neither awake nor busy
    assert first.seconds_to_next() > 0 and second.seconds_to_next() == 0
    assert first.work_off() == 0
    told = client.get("/health").get_json()
    assert (told["status"], told["parts"]["mail"]) == ("degraded", "down: out (sales)")
    assert told["mail"]["mailboxes"]["sales"]["out"]["last_error"] == "ConnectionRefusedError"
    assert told["mail"]["mailboxes"][""]["out"]["state"] == told["mail"]["out"]["state"] == "ok"


def test_a_server_that_never_answers_holds_nobody_else_s_mails(switch_on_two, store, ana, answer, clock, smtp_server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mail_service = switch_on_two(sales=own_server(silent.getsockname()[1]))
        for site in ("hrast", "demo"):
            answer(chat(store, site, ana))
        clock.advance(2 * MINUTE_MS)
        stuck = threading.Thread(target=mail_service._senders[1].work_off, daemon=True)
        stuck.start()
        line, _ = silent.accept()  # it has begun, and waits
        mail_service._senders[0].work_off()
        assert len(smtp_server.got) == 1
        line.close()
        stuck.join(20)
        assert not stuck.is_alive()


def test_one_that_can_t_be_read_holds_no_other_and_is_told(switch_on_two, bring, store, client, tmp_path):
    mail_service = switch_on_two(sales={"maildir": str(tmp_path / "gone")})
    for name in ("", "sales"):
        mail_service._readers[name]._run_once()
    (tmp_path / "help" / "new" / "1.M.host").write_bytes(write_mail())
    mail_service._readers[""]._run_once()
    assert len(everyone(store)) == 1
    assert client.get("/health").get_json()["parts"]["mail"] == "down: in (sales)"
    names = {thread.name for thread in mail_service.threads()}
    assert names == {"mail-sender", "mailbox-reader", "mailbox-reader sales"}


def test_what_agents_are_told_goes_through_the_first_server(switch_on_two, store, ana, clock, smtp_server):
    mail_service = switch_on_two(sales=own_server(free_port()))
    set_wants_mail(store, ana.id, True)
    conversation = create_conversation(store, "hrast", "en")
    with store.write() as connection:
        add_handoff(connection, conversation.id, "requested", "en")
    note = NewMessage("system", "late", "<p>late</p>", internal=True)
    assert mark_told(store, list_queue(store)[0].id, note, agent_ids=[ana.id])
    clock.advance(GATHER_MS)
    mail_service._senders[1].work_off()
    assert smtp_server.got == []
    mail_service._senders[0].work_off()
    assert [mail["To"] for mail in smtp_server.got] == [ana.email]


# ---- Hours ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def closed_today(clock) -> dict:
    """Hours that are over, or not begun, for days."""
    day = DAYS[(datetime.fromtimestamp(clock() / 1000, UTC).weekday() + 3) % 7]
    return {"time_zone": "Europe/Warsaw", "week": {day: "8:00-16:00"}}


def test_its_customers_are_told_its_hours_and_nobody_else(
    switch_on_two, services, store, ana, bring, smtp_server, closed_today
):
    switch_on_two(sales={"hours": closed_today})
    set_available(store, ana.id, True)
    services.bot.says = []  # nothing to say: a person takes it
    bring("help", write_mail("A person, please.", "One"))
    bring("sales", write_mail("A person, please.", "Two", To=SALES))
    helped, sold = (text_of(mail) for mail in smtp_server.got)
    assert "8:00" not in helped and "8:00" in sold
    targets = services.settings.desk.promises.first_reply.model_copy(update={"normal": 60})
    promises = services.settings.desk.promises.model_copy(update={"first_reply": targets})
    desk = services.settings.desk.model_copy(update={"promises": promises})
    settings = services.settings.model_copy(update={"desk": desk})
    due = {each.mailbox: find_target(each, settings).at - each.created_at for each in list_queue(store)}
    assert due[""] == HOUR_MS and due["sales"] > 24 * HOUR_MS


def test_without_hours_of_its_own_it_has_the_team_s(two, services):
    assert services.settings.calendar("en", "sales") == services.settings.calendar("en")
    assert services.settings.calendar("en", "gone") == services.settings.calendar("en")
