"""Which score of an intent loses nowhere? The product's own beside plain ones, on sets of messages with intents."""
