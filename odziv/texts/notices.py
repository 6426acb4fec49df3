"""The texts the system itself says to a customer, in the customer's language."""

from __future__ import annotations

from functools import partial

from odziv.texts.catalogue import CATALOGUE

notice = partial(CATALOGUE.say, "notices")
