"""What stands around mails, in the customer's language."""

from __future__ import annotations

from functools import partial

from odziv.texts import CATALOGUE

say = partial(CATALOGUE.say, "mail")
