"""Sentences for people, in each language that is served."""
