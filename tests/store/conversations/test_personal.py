"""What looks like personal data is taken out of words that are kept."""

from __future__ import annotations

import pytest

from odziv.store.customers.personal_data import has_placeholder, says_something, without_personal_data


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("pišite na ana.k+shop@posta.example.si.", "pišite na ⟨e-mail⟩."),
        ("<marek@firma.example>, dzień dobry", "<⟨e-mail⟩>, dzień dobry"),
        ("moj tel 040 123 456, kje je?", "moj tel ⟨number⟩, kje je?"),
        ("+386 (0)40/123-456 hvala", "⟨number⟩ hvala"),
        ("card 4111 1111 1111 1111!", "card ⟨number⟩!"),
        ("IBAN SI56 1910 0000 0123 438 prosim", "IBAN ⟨number⟩ prosim"),
        ("order SM-2024-00123 where", "order ⟨number⟩ where"),
        ("zamówienie #123456", "zamówienie ⟨number⟩"),
        ("naročilo SI2024ABC0099X kje", "naročilo ⟨number⟩ kje"),
        ("narocilo123456", "narocilo⟨number⟩"),
        ("٠١٢٣٤٥٦ please", "⟨number⟩ please"),
        ("123456 and a@b.example and 654321", "⟨number⟩ and ⟨e-mail⟩ and ⟨number⟩"),
    ],
)
def test_addresses_and_long_numbers_are_replaced(text, kept):
    assert without_personal_data(text) == kept
    assert has_placeholder(kept) and says_something(kept)


@pytest.mark.parametrize(
    "text",
    ["size 42 or 43 in 2024", "12345", "costs 1.299,00 EUR", "12.30 in 15.45", "in 3 days or 14 days 30", "2XL"],
)  # fmt: skip
def test_prices_sizes_times_and_years_stay(text):
    assert without_personal_data(text) == text
    assert not has_placeholder(text)


@pytest.mark.parametrize("text", ["⟨number⟩", "⟨e-mail⟩ ⟨number⟩!", "???", "", "12345"])
def test_what_says_nothing_without_them(text):
    assert not says_something(text)


@pytest.mark.parametrize("unit", ["1-", "a@", "1a", "(", "@.", "1 (", "a1-", "⟨number⟩"])
def test_hostile_text_comes_back(unit):
    """With a pattern that tries every way of reading it, these would not end."""
    assert isinstance(without_personal_data(unit * 3000), str)
