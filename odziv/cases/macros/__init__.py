"""Macros: several steps in one press, tried out before, and taken back as long as nothing of it has happened."""
