"""Conversations are found by what was said, by whom, in files' names and by their numbers; and not when deleted."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import delete, insert, select

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.mail.inbound import Incoming, keep_as_conversation
from odziv.store.schema import messages, search_entries
from odziv.store.search.entries import KINDS
from odziv.store.search.filling import fill_again, fill_some, is_filling, tidy_index
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import Hit, search
from odziv.store.search.index import NoIndex, index_of
from tests.fixtures import set_contact

ALL = Wanted()


def say(store: Store, *said: str, language: str = "sl", **contact: str) -> str:
    """A conversation in which a customer says this, newest last."""
    conversation = create_conversation(store, "demo", language)
    for number, text in enumerate(said):
        store.clock.advance(1000)
        add_customer_message(store, conversation.id, f"c{number}", text, text)
    if contact:
        set_contact(store, conversation.id, **contact)
    return conversation.id


def found(store: Store, text: str, wanted: Wanted = ALL, **how) -> list[str]:
    return [hit.conversation.id for hit in search(store, text, wanted, 25, **how)[0]]


def marked(hits: Iterable[Hit]) -> list[list[str]]:
    return [[piece.text for piece in hit.pieces if piece.is_marked] for hit in hits]


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Kje je moj paket?", "paket"), ("Kje je moj paket?", "PAKET moj"), ("Številka naročila", "stevilka narocila"),
        ("Paczka z Łodzi nie dotarła", "lodzi dotarla"), ("Gdje je moj đon?", "don"), ("Where's my order", "ord"),
        ("Naročilo SM-2026-48211 ni prišlo", "48211"), ("Naročilo SM-2026-48211 ni prišlo", "sm-2026-48211"),
        ("Kje je moj paket?", "pakte"), ("Kje je moj paket?", "pket"), ("Reklamacija šotora", "reklmacja"),
        ("Kje je moja številka?", "tevilka"), ("Mein Geburtstagsgeschenk", "geschenk"), ("moj paket", '"moj paket"'),
        ("Govoril bi s človekom", "clovke"), ("O reklamacijama", "rekalmacij"), ("Z reklamacijo", "redlamacija"),
    ],
)  # fmt: skip
def test_found_as_it_is_typed(store, said, typed):
    wanted = say(store, said)
    say(store, "Nekaj povsem drugega")
    assert found(store, typed) == [wanted]


@pytest.mark.parametrize("typed", ["48212", '"paket moj"', "paket banana", "okok"])
def test_not_found(store, typed):
    say(store, "Moj paket, številka 48211")
    say(store, "kokos")
    assert found(store, typed) == []


@pytest.mark.parametrize(
    "typed",
    ["", " ", '"', '""', "AND NEAR * \" (", "*", "paket* OR -x", "NEAR(a b, 2)", "^paket", "{x}: y", "%", "_", "\0",
     "paket\0", "😀", "'; DROP TABLE messages; --", "x" * 10_000, "ab " * 5000, '"' * 999, "\ud800", "\u202e", "@note",
     '"@customer" @file', "a", "ž"],
)  # fmt: skip
def test_nothing_that_is_typed_fails(store, typed):
    say(store, "Kje je moj paket? AND NEAR OR NOT")
    search(store, typed, ALL, 25)
    search(store, typed, Wanted(customer=typed), 25)


def test_operators_are_words(store):
    wanted = say(store, "black AND white")
    say(store, "black or white")
    assert found(store, "black AND white")[0] == wanted and found(store, "NEAR") == []


def test_the_newest_stand_first_and_exact_ones_before_similar_ones(store):
    first, second, near = say(store, "moj paket"), say(store, "paketi"), say(store, "kje je pakte")
    hits = search(store, "paket", ALL, 25)[0]
    assert [(hit.conversation.id, hit.is_near) for hit in hits] == [(second, False), (first, False), (near, True)]
    assert marked(hits) == [["paketi"], ["paket"], ["pakte"]]


def test_a_conversation_stands_once_with_its_newest_hit(store):
    here = say(store, "moj paket", "drugo", "spet paket")
    [hit] = search(store, "paket", ALL, 25)[0]
    assert (hit.conversation.id, hit.seq, hit.more) == (here, 3, 1)


def test_each_word_may_stand_somewhere_else_in_the_conversation(store):
    wanted = say(store, "moj paket", "včeraj", name="Nina Kranjc")
    say(store, "paket"), say(store, "kranjc")
    assert found(store, "paket kranjc")[0] == wanted and found(store, "paket vceraj") == [wanted]


def test_customers_are_found_by_name_and_address_and_by_what_they_are_called_now(store):
    here = say(store, "Pozdrav", name="Đuro Škarić", email="duro@skaric.example")
    assert found(store, "duro skar") == [here] == found(store, "duro@skaric.example")
    assert [hit.kind for hit in search(store, "skaric", ALL, 25)[0]] == ["customer"]
    set_contact(store, here, name="Marko", email=None)
    assert found(store, "skaric") == [] and found(store, "marko") == [here]


def test_notes_files_subjects_and_agents_words_are_found_and_notices_are_not(store):
    here = say(store, "Pozdrav")
    with store.write() as connection:
        append_message(connection, here, NewMessage("agent", "vračilo odobreno", "", internal=True))
        append_message(connection, here, NewMessage("bot", "obrazec", ""))
        append_message(connection, here, NewMessage("system", "pridružitev", ""))
        row = {"conversation_id": here, "seq": 9, "sender": "customer", "internal": False, "text": "", "html": ""}
        row |= {"created_at": store.clock(), "attachments": [{"id": "1", "name": "račun-1184.pdf"}]}
        connection.execute(insert(messages).values(**row))
    mail = Incoming("one", None, "a@b.example", "Gojzarji za Triglav", "besedilo")
    by_mail = keep_as_conversation(store, mail, None, "demo", "sl", "besedilo", "").conversation_id
    fill_again(store)
    while fill_some(store):
        pass
    assert [hit.kind for hit in search(store, "odobreno", ALL, 25)[0]] == ["note"]
    assert found(store, "obrazec") == [here] == found(store, "racun") == found(store, "1184", kind="file")
    assert found(store, "gojzarji") == [by_mail] and found(store, "pridruzitev") == []
    assert found(store, "odobreno", kind="message") == [] and found(store, "odobreno", kind="note") == [here]


def test_a_number_of_a_conversation_finds_it(store):
    here = say(store, "a")
    say(store, "b")
    assert found(store, here[:6])[0] == here == found(store, f"#{here}")[0]


def test_pages_follow_each_other_without_gap_or_repeat(store):
    ids = [say(store, f"paket {number}") for number in range(7)] + [say(store, "pakte")]
    pages, after = [], None
    while True:
        hits, after = search(store, "paket", ALL, 3, after=after)
        pages += [hit.conversation.id for hit in hits]
        if after is None:
            break
    assert pages == [*reversed(ids[:7]), ids[7]]


def test_what_is_deleted_is_found_no_more_and_leaves_no_word_behind(store):
    kept = say(store, "moj paket")
    gone = say(store, "skrivnostnabeseda in paket", name="Nenavadnoime", email="x@neobicajno.example")
    delete_conversation(store, gone)
    assert found(store, "skrivnostnabeseda") == [] == found(store, "nenavadnoime") == found(store, "neobicajn")
    assert found(store, "paket") == [kept] == found(store, "pakte")
    tidy_index(store)
    assert store.scrub()
    written = b"".join(path.read_bytes() for path in store.files.folder.parent.glob("odziv.sqlite*"))
    assert b"skrivnostnabeseda" not in written.lower() and b"nenavadnoime" not in written.lower()
    again = say(store, "skrivnostnabeseda")
    assert found(store, "skrivnostnabeseda") == [again]


def test_a_failed_transaction_leaves_nothing_to_be_found(store):
    here = say(store, "a")
    with pytest.raises(RuntimeError), store.write() as connection:
        append_message(connection, here, NewMessage("agent", "nikoli poslano", ""))
        raise RuntimeError
    assert found(store, "nikoli") == []
    with store.write() as connection:
        append_message(connection, here, NewMessage("agent", "zdaj poslano", ""))
    assert found(store, "poslano") == [here]


def test_a_thousand_of_one_millisecond_all_get_their_number(store):
    here = say(store, "a")
    with store.write() as connection:
        for number in range(1100):
            append_message(connection, here, NewMessage("agent", f"b{number}", ""))
    assert found(store, "b1099") == [here]


def test_older_messages_are_made_findable_in_steps(store):
    ids = [say(store, f"paket {number}", "in še nekaj", name=f"Oseba{number}") for number in range(5)]
    with store.write() as connection:
        connection.execute(delete(search_entries))
        index = index_of(connection)
        index.drop(connection), index.create(connection)
    assert found(store, "paket") == [] and not is_filling(store)
    fill_again(store)
    steps = 0
    while fill_some(store, 3):
        steps += 1
        assert is_filling(store)
    assert steps == 4 and not is_filling(store)
    assert found(store, "paket") == ids[::-1] and found(store, "oseba3") == [ids[3]]
    fill_again(store)
    while fill_some(store):  # once more: nothing stands twice
        pass
    with store.read() as connection:
        assert len(connection.execute(select(search_entries.c.id)).all()) == 15


def test_another_kind_of_database_is_told_from_a_missing_result():
    class Connection:
        class dialect:
            name = "oracle"

    with pytest.raises(NoIndex, match="oracle"):
        index_of(Connection())


def test_kinds_are_found_apart(store):
    here = say(store, "kranjc", name="Kranjc")
    assert {kind: found(store, "kranjc", kind=kind) for kind in KINDS} == {
        "message": [here], "note": [], "file": [], "subject": [], "customer": [here],
            "field": [],
    }  # fmt: skip
