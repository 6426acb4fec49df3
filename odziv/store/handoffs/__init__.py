"""Handoffs: the queue, claims, and how they come to agents and leave them."""
