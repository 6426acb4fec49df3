"""What the assistant does, one file an action. It runs beside the knowledge base and knows only that."""
