"""What editors decide of what was proposed (odziv/cases/conversations/propose.py): phrasings, and new articles."""
