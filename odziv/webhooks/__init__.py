"""Tells other programs what happens here: signed, retried, and never into our own network unasked."""

from odziv.webhooks.sender import WebhookSender

__all__ = ["WebhookSender"]
