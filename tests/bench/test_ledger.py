"""The checker finds each kind of violation, and nothing in a log without one."""

from dataclasses import replace

import pytest

from bench.parts.ledger import Account, Acknowledged, Kept, find_violations

KEPT = [
    Kept(1, "customer", "c1", "Where is my parcel?", None),
    Kept(2, "bot", None, "On its way.", 1),
    Kept(3, "customer", "c2", "And the other?", None),
    Kept(4, "customer", "c3", "Hello?", None),
    Kept(5, "bot", None, "Did you mean …", 3),
    Kept(6, "bot", None, "Hello!", 4),
]


def account(kept=KEPT, acknowledged=None, **more) -> Account:
    """An account in which interface and database tell the same, and everything stored was acknowledged."""
    customers = [row for row in kept if row.sender == "customer"]
    if acknowledged is None:
        acknowledged = [Acknowledged(row.client_id, row.text, row.seq) for row in customers]
    values = {
        "conversation": "a",
        "acknowledged": acknowledged,
        "tried": {row.client_id: row.text for row in customers},
        "log": [{"seq": r.seq, "sender": r.sender, "client_id": r.client_id, "text": r.text} for r in kept],
        "status": "queued" if any(row.sender == "system" for row in kept) else "bot",
        "kept": kept,
        "seen": [row.seq for row in kept],
        "handoffs": sum(row.sender == "system" for row in kept),
    }
    return Account(**{**values, **more})


def kinds(checked: Account) -> set[str]:
    """Which violations the checker finds."""
    return {violation.kind for violation in find_violations(checked)}


def handed_off() -> list[Kept]:
    """The second question led to an answer and a handoff at once; the third waited, the last came after."""
    return [
        *KEPT[:4],
        Kept(5, "bot", None, "That is all I know.", None),
        Kept(6, "system", None, "A person takes over.", 3),
        Kept(7, "customer", "c4", "Thank you", None),
    ]


def test_what_was_kept_is_no_violation():
    assert kinds(account()) == set()
    assert kinds(account(handed_off())) == set()


def test_message_without_acknowledgement_may_be_stored_or_not_but_is_answered():
    assert kinds(account(acknowledged=[Acknowledged("c1", "Where is my parcel?", 1)])) == set()
    never_stored = {**account().tried, "c9": "still on its way"}
    assert kinds(account(tried=never_stored)) == set()
    assert kinds(account(KEPT[:5], acknowledged=[Acknowledged("c1", "Where is my parcel?", 1)])) == {"no reaction"}


def test_lost():
    acknowledged = [Acknowledged("c1", "Where is my parcel?", 1), Acknowledged("c9", "gone", 2)]
    assert kinds(account(acknowledged=acknowledged)) == {"lost"}


def test_doubled():
    doubled = [*KEPT, Kept(7, "customer", "c3", "Hello?", None), Kept(8, "bot", None, "Hello!", 7)]
    assert "doubled" in kinds(account(doubled))


def test_reordered():
    acknowledged = account().acknowledged
    assert kinds(account(acknowledged=[acknowledged[0], acknowledged[2], acknowledged[1]])) == {"reordered"}


def test_renumbered_and_altered():
    assert "renumbered" in kinds(account(acknowledged=[Acknowledged("c1", "Where is my parcel?", 3)]))
    assert "altered" in kinds(account(acknowledged=[Acknowledged("c1", "Where is it?", 1)]))


def test_stray():
    assert kinds(account(tried={"c1": "Where is my parcel?", "c2": "And the other?"})) == {"stray"}


def test_gap_in_the_numbers():
    assert "misnumbered" in kinds(account([*KEPT[:5], replace(KEPT[5], seq=7)]))


def test_interface_and_database_disagree():
    assert "contradiction" in kinds(account(log=account().log[:-1]))


def test_no_reaction():
    assert kinds(account(KEPT[:5])) == {"no reaction"}
    assert kinds(account(KEPT[:5], open_turns=1)) == {"no reaction", "unfinished"}


def test_skipped_although_a_later_message_was_answered():
    assert kinds(account([*KEPT[:4], Kept(5, "bot", None, "Hello!", 4)])) == {"no reaction"}


def test_handoff_does_not_excuse_an_unanswered_message_before_the_one_it_answers():
    assert "no reaction" in kinds(account([*KEPT[:4], Kept(5, "system", None, "A person takes over.", 4)]))


def test_reacted_twice():
    assert "reacted twice" in kinds(account([*KEPT, Kept(7, "bot", None, "Hello again!", 4)]))


def test_reaction_to_nothing_and_unasked():
    assert "reaction to nothing" in kinds(account([*KEPT, Kept(7, "bot", None, "Yes?", 2)]))
    assert "unasked" in kinds(account([*KEPT, Kept(7, "bot", None, "Anything else?", None)]))


def test_talked_over_a_person():
    assert "talked over" in kinds(account([*handed_off(), Kept(8, "bot", None, "Hello!", 4)]))


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"handoffs": 2}, "queue"), ({"handoffs": 0}, "queue"), ({"status": "bot"}, "wrong owner")],
)
def test_handoff_and_queue_belong_together(change, kind):
    assert kinds(account(handed_off(), **change)) == {kind}


def test_handed_off_twice():
    twice = [*handed_off(), Kept(8, "system", None, "A person takes over.", 7)]
    assert "handed off twice" in kinds(account(twice))


def test_stream_may_end_early_but_not_skip_or_repeat():
    assert kinds(account(seen=[])) == set()
    assert kinds(account(seen=[1, 2, 3])) == set()
    assert kinds(account(seen=[1, 3])) == {"stream"}
    assert kinds(account(seen=[1, 2, 2, 3])) == {"stream"}
    assert kinds(account(seen=[1, 3, 2])) == {"stream"}
