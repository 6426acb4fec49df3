"""Agents: accounts, sessions, second factor, tokens, availability."""
