"""Labels: which there are, and which conversations have them."""
