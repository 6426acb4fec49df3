"""How a message says which files of its mail were not received."""

from __future__ import annotations

from collections.abc import Sequence

from odziv.texts import CATALOGUE

MOST_NAMED = 5


def tell_refused(refused: Sequence[tuple[str, str]], language: str) -> str:
    """A line each, in the customer's language: the name, and why, which is a key of the texts of mails."""
    named = [f"[{name} – {CATALOGUE.say('mail', why, language)}]" for name, why in refused[:MOST_NAMED]]
    more = len(refused) - MOST_NAMED
    return "\n".join([*named, f"[+ {more}]"] if more > 0 else named)
