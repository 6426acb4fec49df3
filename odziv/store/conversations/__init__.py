"""Conversations: their log of messages, the bot's turns, attachments, and how they end."""
