"""Signatures as Standard Webhooks has them (https://www.standardwebhooks.com), so that receivers have a library.

Beside "timestamp.body" its signature covers the event's id: nobody can pass an old event off as a new one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, event_id: str, timestamp: int, body: str) -> str:
    """The value of `webhook-signature`: "v1," and the base64 HMAC-SHA256 of id, timestamp (s) and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(secret: str, event_id: str, timestamp: int, body: str) -> dict[str, str]:
    """What goes with a body."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Odziv-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, event_id, timestamp, body),
    }
