"""Saved replies: answers that the whole team uses."""
