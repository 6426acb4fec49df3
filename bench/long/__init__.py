"""What a message costs late in a long conversation."""
