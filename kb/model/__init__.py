"""Which article is asked for, and how sure that is."""
