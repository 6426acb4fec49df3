"""What can happen to a conversation, one verb each. No Flask and no SQL: doors call this, and this calls the store."""
