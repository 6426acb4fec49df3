"""The language of a text, its words, and where a message may be cut."""
