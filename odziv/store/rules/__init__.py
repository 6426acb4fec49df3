"""Rules: which there are, what happened that they may answer to, and what they did."""
