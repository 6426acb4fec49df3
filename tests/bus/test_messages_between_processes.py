"""What is written is read again; what somebody else put there is passed over."""

from __future__ import annotations

import json
import random

import pytest

from odziv.bus.messages import MOST_BYTES, Kind, read_message, write_messages

SIGN = Kind("sign", (str, int, bool))


def test_what_is_written_is_read_again():
    items = [("č", 1, True), ('"\n', -(2**40), False)]
    (message,) = write_messages("me", SIGN, items)
    found = read_message(message)
    assert (found.origin, found.kind) == ("me", "sign")
    assert [tuple(item) for item in found.items] == items
    assert all(SIGN.fits(item) for item in found.items)


def test_many_items_are_several_messages_none_too_long():
    chooser = random.Random(5)
    items = [("š" * chooser.randrange(0, 300), number, True) for number in range(500)]
    messages = list(write_messages("me", SIGN, items))
    assert len(messages) > 3 and max(map(len, messages)) <= MOST_BYTES and all(each.isascii() for each in messages)
    assert [tuple(item) for each in messages for item in read_message(each).items] == items


def test_what_is_too_long_for_a_message_is_left_out():
    items = [("a", 1, True), ("x" * MOST_BYTES, 2, True), ("b", 3, True)]
    (message,) = write_messages("me", SIGN, items)
    assert [item[0] for item in read_message(message).items] == ["a", "b"]


def test_nothing_to_say_is_no_message():
    assert list(write_messages("me", SIGN, [])) == []


@pytest.mark.parametrize(
    "raw",
    [
        "",
        b"\xff\x00",
        "null",
        "[]",
        "{}",
        '"from"',
        '{"from": "a", "kind": "sign"}',
        '{"from": "a", "kind": "sign", "items": 7}',
        '{"from": "a", "kind": "sign", "items": [[1]',
        "[" * 100_000,
    ],
)
def test_garbage_is_no_message(raw):
    assert read_message(raw) is None


@pytest.mark.parametrize(
    "item",
    [
        None,
        "text",
        [],
        ["a", 1],
        ["a", 1, True, 2],
        ["a", True, True],
        ["a", 1, 1],
        [["a"], 1, True],
        [None, 1, True],
        {"0": "a"},
    ],
)
def test_an_item_of_another_shape_does_not_fit(item):
    assert not SIGN.fits(item)
    assert SIGN.fits(json.loads('["a", 1, true]'))
