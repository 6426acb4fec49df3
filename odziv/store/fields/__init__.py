"""Fields: which there are, and what is known of conversations and their customers."""
