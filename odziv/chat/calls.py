"""The calls that the page /demo/calls makes: what stands between the brackets of `odziv(…)`, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable

Calls = tuple[tuple[str, tuple[str, ...]], ...]


def list_calls(languages: Iterable[str]) -> Calls:
    """The calls in groups, each with its heading."""
    return (*LOOKS, ("Language", tuple(f'"setLanguage", "{code}"' for code in languages)), *OTHERS)


LOOKS: Calls = (
    ("Open and close", ('"open"', '"close"', '"toggle"', '"open", "orders/return"')),
    ("The button", ('"hide"', '"show"')),
    (
        "Look",
        (
            '"update", {"color": "#7a3e9d", "name": "Anna & Co"}',
            '"update", {"theme": "dark", "position": "left"}',
            '"update", {"theme": "light", "position": "right"}',
            '"update", {"launcher": "Questions?"}',
        ),
    ),
)
OTHERS: Calls = (
    ("Who the customer is", ('"setAttributes", {"plan": "pro", "seats": 3}', '"identify", "header.payload.signature"')),
    ("Begin and end", ('"shutdown"', '"boot", {"site": "demo"}')),
    ("Used wrongly", ('"opne"', '"update", {"colour": "red"}')),
)
