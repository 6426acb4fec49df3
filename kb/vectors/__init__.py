"""Text to vectors, and vectors that survive a restart."""
