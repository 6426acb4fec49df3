"""Which name of an agent customers read: the one they chose for them, else the first of their own."""

from __future__ import annotations


def name_for_customers(name: str, chosen: str | None) -> str:
    """`chosen` where there is one; else the first word of the name that is no title like "dr."."""
    return chosen or next((word for word in name.split() if not word.endswith((".", ","))), name.strip())
