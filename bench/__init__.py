"""Measurements of the running product: against plain Rasa, under kills, and on public question sets."""
