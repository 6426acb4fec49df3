"""The system of record: conversations, messages, turns, handoffs, agents. Every line of SQL lives here."""

from odziv.store.engine import Store

__all__ = ["Store"]
