"""One-time codes from an authenticator app, by pyotp: TOTP (RFC 6238), SHA-1, six digits, 30 seconds.

SHA-1 because common apps ignore what a link says about other digests; in HMAC it is not known to be weak.
"""

from __future__ import annotations

import base64
import hmac
import secrets

from pyotp import TOTP, random_base32

STEP_SECONDS = 30
DIGITS = 6
# How many steps a phone's clock may be off, before and after.
SKEW = 1
RECOVERY_CODES = 10


def new_secret() -> str:
    """160 random bits, as RFC 4226 recommends, in base32."""
    return random_base32(32)


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one step (seconds since 1970 by 30)."""
    return TOTP(secret, digits=digits, interval=STEP_SECONDS).generate_otp(step)


def find_step(secret: str, code: str, now: float) -> int | None:
    """The step whose code this is, the present one or one off; None for a wrong code. `now` in seconds since 1970."""
    present = int(now) // STEP_SECONDS
    steps = range(max(0, present - SKEW), present + SKEW + 1)
    # All are compared, so that the time it takes tells nothing.
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return fitting[-1] if fitting else None


def enrolment_uri(secret: str, email: str, issuer: str) -> str:
    """What an authenticator app reads from the QR code."""
    return TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=issuer)


def new_recovery_codes() -> list[str]:
    """Codes to write down, 80 random bits each: with that, a plain hash of one can't be guessed backwards."""
    return [in_groups(base64.b32encode(secrets.token_bytes(10)).decode(), "-") for _ in range(RECOVERY_CODES)]


def in_groups(text: str, by: str = " ") -> str:
    """In groups of four, to be typed from a screen or a sheet."""
    return by.join(text[start : start + 4] for start in range(0, len(text), 4))


def normalise_code(code: str) -> str:
    """What was typed, without the spaces and dashes it was shown with."""
    return "".join(code[:100].split()).replace("-", "").upper()
