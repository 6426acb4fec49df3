"""All conversations: found by words, by what they have in common, and in saved views."""
