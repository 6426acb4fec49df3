"""Takes what looks like personal data out of a customer's words, before they are kept apart from their conversation.

It knows shapes only: e-mail addresses, and numbers long enough for a telephone, a card, an account or an order. Names
and street addresses it does not know; whoever accepts the words has to look for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

E_MAIL, NUMBER, NAME = "⟨e-mail⟩", "⟨number⟩", "⟨name⟩"
PLACEHOLDERS = (E_MAIL, NUMBER, NAME)
MIN_DIGITS = 6  # a number with fewer is a price, a size, a year

_E_MAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,255}@[^\s@<>()\[\],;:\"]*[^\W_]")
# Digits with what people put between them ("+386 (0)40 / 123-456", "SI56 1910 0000", "SM-2024-00123"), and up to five
# letters before: they belong to an order number or an account.
_NUMBER = re.compile(
    r"(?:(?<![+(#])[+(#]+)?(?:(?<![^\W\d_])[^\W\d_]{1,5}[-/_.]?)?\d"
    r"(?:(?:[ ().–/_-]{1,3}|[-/_.]?[^\W\d_]{1,4}[-/_.]?)?\d)*(?:[^\W\d_]{1,4}\b)?"
)


def without_personal_data(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` with e-mail addresses and numbers of MIN_DIGITS or more digits replaced by placeholders.

    So is each word of `names`, where they are known, as it is written there: no other case of it.
    """
    parts = sorted({part for name in names for part in name.split() if len(part) > 2}, key=len, reverse=True)
    if parts:
        text = re.sub(rf"\b(?:{'|'.join(map(re.escape, parts))})\b", NAME, text, flags=re.IGNORECASE)
    return _NUMBER.sub(_replace_long, _E_MAIL.sub(E_MAIL, text))


def has_placeholder(text: str) -> bool:
    """Return whether something was, or looks as if it was, taken out of `text`."""
    return any(placeholder in text for placeholder in PLACEHOLDERS)


def says_something(text: str) -> bool:
    """Return whether a letter is left beside the placeholders."""
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, "")
    return any(character.isalpha() for character in text)


def _replace_long(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    return NUMBER if digits >= MIN_DIGITS else found[0]
