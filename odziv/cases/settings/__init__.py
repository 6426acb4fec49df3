"""Settings from the desk: changing them, taking a change back, and having every process follow."""
