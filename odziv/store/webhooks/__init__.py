"""Webhooks: who subscribed, what happened, and what was delivered."""
