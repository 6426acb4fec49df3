"""A customer's other addresses: known to agents, proven by nothing, and no way into what was said before."""

from __future__ import annotations

import json
import zipfile

import idna
import pytest

from odziv.cases.conversations.merge import UnconfirmedMerge, merge
from odziv.cases.customer_data.erasing import erase_customer
from odziv.cases.customer_data.exporting import export_customer
from odziv.cases.customer_data.whose import Who, find_customer
from odziv.cases.customers.other_addresses import (
    MOST_PROPOSED,
    add_other_address,
    list_history,
    look_up_addresses,
    remove_other_address,
)
from odziv.cases.forgetting import forget_sender
from odziv.cases.refused import Refused
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    delete_conversation,
    find_conversation,
)
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.other_addresses import MOST_ADDRESSES
from odziv.store.engine import LISTS
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_message
from odziv.store.mail.notifications import list_proven_addresses
from odziv.store.mail.recipients import Copies
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from tests.fixtures import set_contact, with_mail

ANNA, WORK, EVE = "anna@customer.example", "anna@work.example", "eve@elsewhere.example"


@pytest.fixture
def settings(settings):
    """With mail on, so that there are addresses of ours."""
    return with_mail(settings)


@pytest.fixture
def write(store):
    """Has somebody write a mail that opens a conversation; gives its id."""
    count = iter(range(10_000))

    def write(sender, text="Kje je paket?", **more):
        store.clock.advance(60_000)
        number = next(count)
        mail = Incoming(f"m{number}", f"<{number}@x.example>", sender, "Paket", text, **more)
        return keep_as_conversation(store, mail, "Anna", "demo", "sl", text, "").conversation_id

    return write


@pytest.fixture
def add(store, settings, ana):
    """Has Ana add an address to a conversation's customer."""

    def add(conversation_id, typed):
        return add_other_address(store, settings, ana, conversation_id, typed)

    return add


@pytest.fixture
def known(store, settings):
    """What is known of a conversation's customer: the addresses that were added, and those proposed."""

    def known(conversation_id):
        found = look_up_addresses(store, settings, find_conversation(store, conversation_id))
        return [each.address for each in found.added], [each.address for each in found.proposed]

    return known


@pytest.fixture
def history(store):
    """The other conversations that the panel of one shows: whether only an added address tells."""

    def history(conversation_id):
        return {one.id: one.is_by_other for one in list_history(store, find_conversation(store, conversation_id))}

    return history


def typed_in_chat(store, **contact):
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", "Živjo", "")
    set_contact(store, conversation.id, **contact)
    return conversation.id


def test_a_mail_from_it_joins_the_customers_history_on_both_sides(write, add, history, known):
    first, second, strangers = write(ANNA), write(ANNA), write(EVE)
    assert add(first, " Anna@WORK.example ")
    from_work = write(WORK)
    assert history(from_work) == {first: True, second: True}
    assert history(first) == {second: False, from_work: True}
    assert history(second) == {first: False, from_work: True}
    assert history(strangers) == {}
    assert known(second)[0] == [WORK]


def test_it_is_never_proven_and_opens_nothing(write, add, store):
    theirs = write(ANNA)
    add(theirs, WORK)
    assert list_proven_addresses(store, theirs, also_quiet=True) == [ANNA]
    from_work = write(WORK)
    assert list_proven_addresses(store, from_work) == [WORK]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "anna@@x.example",
        "a@x.example, b@x.example",
        "Anna <anna@x.example>",
        "a@x.example\r\nBcc: eve@x.example",
        "a@x.example\x00",
        "a" * 65 + "@x.example",
        "a@" + "x" * 300 + ".example",
        "help@smreka.example",
        "HELP+token@Smreka.example",
        "form@smreka.example",
        "web@www.smreka.example",
        "no-reply@x.example",
        "mailer-daemon@x.example",
    ],
)
def test_what_can_be_no_customers_is_refused(write, add, known, typed):
    theirs = write(ANNA)
    with pytest.raises(Refused, match="Not added"):
        add(theirs, typed)
    assert known(theirs)[0] == []


def test_a_refusal_repeats_only_the_beginning_of_what_was_typed(write, add):
    with pytest.raises(Refused) as refused:
        add(write(ANNA), "x" * 5000)
    assert len(refused.value.problem) < 120


@pytest.mark.parametrize("again", [WORK, "ANNA@work.EXAMPLE", ANNA, "Anna@Customer.Example"])
def test_one_that_is_there_changes_nothing(write, add, store, again):
    theirs = write(ANNA)
    add(theirs, WORK)
    touched = []
    store.listen(touched.append)
    assert add(theirs, again) is False and touched == []


def test_a_domain_in_letters_is_the_same_as_in_ascii(write, add, known, history):
    theirs = write(ANNA)
    in_ascii = "ana@" + idna.encode("žaba.si").decode()
    assert add(theirs, "ana@žaba.si") and not add(theirs, in_ascii)
    assert known(theirs)[0] == [in_ascii] and list(history(write(in_ascii))) == [theirs]


def test_typed_in_letters_in_the_chat_it_is_found_too(store, write, add, history, known):
    theirs, chat = write(ANNA), typed_in_chat(store, email="ana@žaba.si")
    add(theirs, "ana@žaba.si")
    assert history(chat) == {theirs: True} and history(theirs) == {chat: True}
    assert known(chat) == ([], [ANNA])


def test_there_is_a_limit_and_all_of_the_customers_count(write, add, known):
    first, second = write(ANNA), write(ANNA)
    for number in range(MOST_ADDRESSES):
        add((first, second)[number % 2], f"a{number}@x.example")
    with pytest.raises(Refused, match="10 other addresses"):
        add(first, "one.more@x.example")
    assert len(known(first)[0]) == MOST_ADDRESSES


def test_two_customers_with_one_address_see_each_other_and_no_further(write, add, history):
    annas, eves, annas_other = write(ANNA), write(EVE), write("anna@third.example")
    for each in (annas, eves):
        add(each, "family@home.example")
    add(annas, "anna@third.example")
    family = write("family@home.example")
    assert history(annas) == {eves: True, annas_other: True, family: True}
    assert history(family) == {annas: True, eves: True, annas_other: True}
    assert annas_other not in history(eves)


def test_thousands_of_conversations_with_one_address_stay_bounded(store, write, add, history):
    first = write("a@x.example")
    add(first, "shared@home.example")
    for number in range(60):
        add(write(f"a{number}@x.example"), "shared@home.example")
    assert len(history(write("shared@home.example"))) == 20


def test_it_is_removed_everywhere_that_is_known_to_be_theirs(store, write, add, known, settings, ana):
    first, others = write(ANNA), write(EVE)
    add(first, WORK)
    add(others, WORK)
    second = write(ANNA)
    [address] = look_up_addresses(store, settings, find_conversation(store, second)).added
    remove_other_address(store, ana, second, address.id)
    assert known(first)[0] == known(second)[0] == [] and known(others)[0] == [WORK]
    remove_other_address(store, ana, second, address.id)
    assert [entry.action for entry in list_entries(store)].count("address_removed") == 1


def test_anothers_can_not_be_removed_by_its_number(store, write, add, known, settings, ana):
    mine, anothers = write(ANNA), write(EVE)
    add(anothers, WORK)
    [address] = look_up_addresses(store, settings, find_conversation(store, anothers)).added
    remove_other_address(store, ana, mine, address.id)
    assert known(anothers)[0] == [WORK]


def test_it_outlives_the_conversation_in_which_it_was_added(store, write, add, known):
    first = write(ANNA)
    add(first, WORK)
    second = write(ANNA)
    delete_conversation(store, first)
    assert known(second)[0] == [WORK]


def test_who_only_typed_the_customers_address_gets_nothing_of_it(store, write, add, known):
    add(write(ANNA), WORK)
    assert known(typed_in_chat(store, email=ANNA))[0] == []


def test_the_audit_trail_says_that_and_not_which(store, write, add, ana):
    theirs = write(ANNA)
    add(theirs, WORK)
    [entry] = list_entries(store, action="address_added")
    assert (entry.agent_id, entry.object) == (ana.id, f"conversation:{theirs}")
    assert "work" not in json.dumps(entry.detail)


def test_whoever_follows_the_conversation_hears_of_it(store, write, add):
    theirs, touched = write(ANNA), []
    store.listen(touched.append)
    add(theirs, WORK)
    assert touched == [{theirs, LISTS}]


@pytest.mark.parametrize("words", [WORK, "work.example", "anna@wo"])
def test_the_customer_is_found_by_it_until_it_is_removed(store, write, add, settings, ana, words):
    theirs = write(ANNA)
    add(theirs, WORK)
    [hit] = search(store, words, Wanted(), 10, kind="customer")[0]
    shown = "".join(piece.text for piece in hit.pieces)
    assert hit.conversation.id == theirs and WORK in shown
    assert [one.conversation.id for one in search(store, "paket", Wanted(customer=WORK), 10)[0]] == [theirs]
    [address] = look_up_addresses(store, settings, find_conversation(store, theirs)).added
    remove_other_address(store, ana, theirs, address.id)
    assert search(store, WORK, Wanted(), 10, kind="customer")[0] == []


def test_a_customer_the_site_verified_keeps_them_on_every_device(store, add, known):
    first = typed_in_chat(store, customer="7", verified=True)
    add(first, WORK)
    assert known(typed_in_chat(store, customer="7", verified=True))[0] == [WORK]
    assert known(typed_in_chat(store, customer="8", verified=True))[0] == []


def test_what_the_mail_says_is_proposed_where_it_may_be_the_same_person(store, write, known):
    copies = Copies(
        to=(("Boss", "boss@customer.example"),), cc=(("anna", "a.novak@home.example"), ("", "anna@third.example"))
    )
    theirs = write(ANNA, copies=copies, reply_to=WORK)
    assert known(theirs) == ([], [WORK, "a.novak@home.example", "anna@third.example"])


def test_what_somebody_in_copy_writes_proposes_nothing(store, write, known):
    theirs = write(ANNA)
    mail = Incoming("other", "<o@x.example>", "marko@customer.example", "Paket", "Hm?", reply_to="marko@work.example")
    keep_as_message(store, mail, theirs, "Hm?", "", author="Marko")
    assert known(theirs) == ([], [])


def test_proposals_are_few_each_once_and_never_ours(write, add, known):
    named = [("Anna", f"a{number}@x.example") for number in range(40)]
    ours = [("Anna", "help+x@smreka.example"), ("Anna", "info@smreka.example"), ("Anna", "no-reply@x.example")]
    theirs = write(ANNA, copies=Copies(cc=(*ours, named[0], *named)))
    assert known(theirs)[1] == [f"a{number}@x.example" for number in range(MOST_PROPOSED)]
    add(theirs, "a0@x.example")
    assert "a0@x.example" not in known(theirs)[1]


def test_where_it_was_added_is_proposed_in_return_to_an_agent(write, add, known):
    add(write(ANNA), WORK)
    assert known(write(WORK)) == ([], [ANNA])


@pytest.fixture
def two_to_merge(store, write, ana):
    """Of Anna's, which Ana has, and from her other address."""
    mine, other = write(ANNA), write(WORK)
    with store.write() as connection:
        change_owner(connection, mine, "open", agent_id=ana.id)
    return mine, other


def test_by_it_two_can_be_merged_once_an_agent_says_so(store, two_to_merge, add, ana, known):
    mine, other = two_to_merge
    with pytest.raises(Refused, match="nothing says"):
        merge(store, ana, mine, other, confirmed=True)
    add(other, ANNA)
    with pytest.raises(UnconfirmedMerge):
        merge(store, ana, mine, other, confirmed=False)
    merge(store, ana, mine, other, confirmed=True)
    [entry] = list_entries(store, action="merged")
    assert entry.detail["because"] == "added address"
    assert known(mine) == ([], [WORK])


def test_the_one_that_goes_on_has_those_of_the_one_that_was_merged(store, two_to_merge, add, ana, known):
    mine, other = two_to_merge
    add(mine, WORK)
    add(other, "anna@third.example")
    merge(store, ana, mine, other, confirmed=True)
    delete_conversation(store, other)
    assert known(mine)[0] == [WORK, "anna@third.example"]


def test_an_export_has_them_and_what_is_theirs_by_them_only_may_be(store, settings, write, add, tmp_path):
    theirs = write(ANNA)
    add(theirs, WORK)
    from_work = write(WORK)
    customer = find_customer(store, settings, Who(conversation_id=theirs))
    assert (customer.conversation_ids, customer.unsure) == ((theirs,), (from_work,))
    assert customer.addresses == {ANNA}
    found = find_customer(store, settings, Who(address=WORK))
    assert (found.conversation_ids, found.unsure) == ((from_work,), (theirs,))
    export_customer(store, settings, customer, tmp_path / "a.zip", language="en")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        summary = json.loads(archive.read("customer.json"))
        document = json.loads(archive.read(f"conversations/{theirs}.json"))
        page = archive.read("index.html").decode()
    assert (summary["addresses"], summary["addresses_noted_by_agents"]) == ([ANNA], [WORK])
    assert [each["address"] for each in document["other_addresses"]] == [WORK]
    assert "as our team noted them" in page and WORK in page


def test_an_erasure_takes_their_address_out_of_others_conversations(store, settings, write, add, ana, known):
    eves, annas = write(EVE), write(ANNA)
    add(eves, ANNA)
    add(annas, WORK)
    receipt = erase_customer(store, settings, find_customer(store, settings, Who(conversation_id=annas)), ana.id)
    assert receipt["erased"]["customer_addresses"] == 2
    assert known(eves)[0] == [] and search(store, ANNA, Wanted(), 10)[0] == []


def test_forgetting_a_sender_takes_it_out_too(store, write, add, known):
    eves = write(EVE)
    add(eves, ANNA)
    forget_sender(store, [ANNA])
    assert known(eves)[0] == []


def test_a_conversation_that_is_gone_is_said_to_be(store, write, add, ana):
    gone = write(ANNA)
    delete_conversation(store, gone)
    with pytest.raises(Refused, match="no such conversation"):
        add(gone, WORK)
    with pytest.raises(Refused, match="no such conversation"):
        remove_other_address(store, ana, gone, 1)
