"""Search: what was said and who said it, as words without case and diacritics; and which conversations have them."""
