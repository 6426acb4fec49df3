"""Merging from the customer's panel, and the switch on the account page, as an agent at a browser does it."""

from __future__ import annotations

