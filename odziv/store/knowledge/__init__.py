"""What customers and agents teach the knowledge base, until an editor has decided."""
