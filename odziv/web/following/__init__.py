"""What a stream waits for, and how it becomes a response."""
