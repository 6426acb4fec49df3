"""The lists of conversations, and what an open page is told."""
