"""Text made comparable: case and diacritics folded, words counted."""

from __future__ import annotations

import re
import unicodedata

# Letters that carry their stroke inside, so that Unicode decomposition does not take it off.
STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})
WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics: "Žółć, đak" → "zolc, dak"."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(STROKES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the words of `text` (letters and digits) in order, as written."""
    return WORD.findall(text)


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space."""
    return " ".join(text.split())
