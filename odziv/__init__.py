"""The service around the assistant: its store, what can happen to a conversation, and the doors to it."""
