"""The six digits by which an address proves itself. Nothing of them is stored: they follow from the mail's identity."""

from __future__ import annotations

import hashlib
import hmac

DIGITS = 6


def code_of(secret: str, message_id: str) -> str:
    """The code in the mail of that Message-ID; `secret` is this installation's."""
    digest = hmac.new(secret.encode(), message_id.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def is_code(typed: str, code: str) -> bool:
    """Whether that was typed, whatever spaces stand in it."""
    return hmac.compare_digest("".join(typed.split()).encode(errors="replace"), code.encode())
