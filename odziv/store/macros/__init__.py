"""Macros: which there are, and what was asked for and can still be taken back."""
