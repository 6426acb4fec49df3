"""What `bench.faults` looks for is found where it is, and a short run of its matrix finds nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bench.faults import __main__ as faults
from bench.faults.invariants import Kept, Told, find_breaches
from bench.parts.ledger import Acknowledged
from odziv.texts.notices import notice

JOINED = notice("joined", "en", name="Ana")
LEFT = notice("left_to_bot", "en", name="Ana")


def said(seq: int, sender: str, text: str, **more: Any) -> dict[str, Any]:
    fields = {"seq": seq, "sender": sender, "text": text, "client_id": None, "reply_to": None, "internal": False}
    return {**fields, **more}


def day() -> tuple[Told, dict[str, Any]]:
    """A conversation in which everything is as it should be, while an agent has it."""
    log = [
        said(1, "customer", "Hello", client_id="a"),
        said(2, "bot", "You said: Hello", reply_to=1),
        said(3, "customer", "A person", client_id="b"),
        said(4, "system", JOINED),
        said(5, "agent", "A note", internal=True),
        said(6, "agent", "Here I am"),
    ]
    told = Told("c", [Acknowledged("a", "Hello", 1), Acknowledged("b", "A person", 3)], {"a": "Hello", "b": "A person"})
    told.seen = [1, 2, 3, 4]
    kept = {
        "conversation": {"status": "open", "agent_id": 7, "last_seq": 6},
        "log": log,
        "handoffs": [{"status": "closed", "agent_id": 7}, {"status": "claimed", "agent_id": 7}],
        "open_turns": 0,
    }
    return told, kept


def found_in(told: Told, kept: dict[str, Any]) -> set[str]:
    shown = [row for row in kept["log"] if not row["internal"]]
    return {breach.what for breach in find_breaches(told, Kept(**kept), {"the widget": shown})}


def test_what_holds_is_no_breach():
    assert found_in(*day()) == set()


def lose(told, kept):
    told.acknowledged.append(Acknowledged("d", "Gone", 7))


def alter(told, kept):
    kept["log"][0]["text"] = "Hell"


def double(told, kept):
    kept["log"].append(said(7, "customer", "Hello", client_id="a"))
    kept["conversation"]["last_seq"] = 7


def stray(told, kept):
    kept["log"][0]["client_id"] = "x"


def react_twice(told, kept):
    kept["log"][5]["reply_to"] = 1


def leave_a_gap(told, kept):
    del kept["log"][1]


def count_too_far(told, kept):
    kept["conversation"]["last_seq"] = 8


def stream_twice(told, kept):
    told.seen = [1, 2, 2, 3]


def stream_with_a_hole(told, kept):
    told.seen = [1, 3]


def have_two(told, kept):
    kept["handoffs"].append({"status": "waiting", "agent_id": None})


def have_another(told, kept):
    kept["conversation"]["agent_id"] = 8


def have_none(told, kept):
    kept["handoffs"][1]["status"] = "closed"


def talk_over(told, kept):
    kept["log"][5] = said(6, "bot", "You said: A person")


def answer_without_having(told, kept):
    kept["log"][4] = said(5, "system", LEFT)


def leave_a_turn(told, kept):
    kept["open_turns"] = 1


@pytest.mark.parametrize(
    ("happens", "what"),
    [
        (lose, "lost"),
        (alter, "lost"),
        (double, "doubled"),
        (stray, "stray"),
        (react_twice, "doubled"),
        (leave_a_gap, "misnumbered"),
        (count_too_far, "misnumbered"),
        (stream_twice, "another order"),
        (stream_with_a_hole, "another order"),
        (have_two, "owners"),
        (have_another, "owners"),
        (have_none, "owners"),
        (talk_over, "talked over"),
        (answer_without_having, "owners"),
        (leave_a_turn, "unfinished"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_does_not_hold_is_told(happens, what):
    told, kept = day()
    happens(told, kept)
    assert what in found_in(told, kept)


def test_a_view_that_shows_something_else_is_told():
    told, kept = day()
    breaches = find_breaches(told, Kept(**kept), {"the desk": kept["log"]})
    assert [breach.what for breach in breaches] == ["another order"]


def test_a_short_run_finds_nothing(capsys):
    assert faults.main(["--seeds", "1", "--on", "sqlite", "--only", *SHORT]) == 0, capsys.readouterr().out


@pytest.mark.postgresql
def test_a_short_run_on_postgresql_finds_nothing(capsys):
    code = faults.main(["--seeds", "1", "--on", "postgresql", "--only", "workers", "cut", "locked"])
    if code == 2:
        pytest.skip("PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql")
    assert code == 0, capsys.readouterr().out


SHORT = (
    *("workers", "lease", "late reply", "submit", "resume", "hour", "too much", "slow", "full", "locked", "read only"),
    "backup",
)


def test_each_row_has_a_name_of_its_own():
    names = [row.name for row in faults.ROWS]
    assert len(names) == len(set(names)) and faults.chosen(["RASA IS SLOW"])[0].name == "Rasa is slow"


def test_no_row_of_that_name_is_an_error(capsys):
    with pytest.raises(SystemExit):
        faults.main(["--only", "no such row"])
