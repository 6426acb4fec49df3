"""Customers: who they are, and what belongs together because it is theirs."""
