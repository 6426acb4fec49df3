"""The installation's own key for Web Push (VAPID, RFC 8292), and notifications encrypted for one browser (RFC 8291)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

# The order of the curve P-256: a private key is a number from 1 to one less.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
POINT_BYTES, SECRET_BYTES = 65, 16
VALID_SECONDS = 12 * 60 * 60  # push services take no signature that is valid for more than a day


class NotAKey(ValueError):
    """A browser sent something else than its keys."""


def make_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The key of an installation, worked out from its secret: the same for every process."""
    wide = hashlib.sha512(b"odziv web push " + secret.encode()).digest()
    return ec.derive_private_key(int.from_bytes(wide, "big") % (ORDER - 1) + 1, ec.SECP256R1())


@lru_cache(maxsize=8)
def public_key(secret: str) -> str:
    """What browsers subscribe with, of the key that is made of a secret: an uncompressed point in base64url.

    Worked out once: each page of the desk has it.
    """
    point = make_key(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def sign(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: int) -> dict[str, str]:
    """The headers that tell a push service who sends. `contact` is a mailto: or https: address, `now` in seconds."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": contact, "exp": now + VALID_SECONDS}
    return dict(Vapid02(key).sign(claims))


def encrypt(text: str, p256dh: str, auth: str) -> bytes:
    """`text` so that only the browser with these keys reads it. Raises NotAKey."""
    own = ec.generate_private_key(ec.SECP256R1())
    try:
        sealed: bytes = http_ece.encrypt(
            text.encode(), private_key=own, dh=read_point(p256dh), auth_secret=read_secret(auth), version="aes128gcm"
        )
    except http_ece.ECEException as error:
        raise NotAKey(str(error)) from error
    return sealed


def read_point(p256dh: str) -> bytes:
    """A browser's public key. Raises NotAKey for what is no point of the curve."""
    point = _decode(p256dh)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise NotAKey("no point of P-256") from error
    if len(point) != POINT_BYTES:
        raise NotAKey("a compressed point")
    return point


def read_secret(auth: str) -> bytes:
    """A browser's secret. Raises NotAKey."""
    secret = _decode(auth)
    if len(secret) != SECRET_BYTES:
        raise NotAKey("not 16 bytes")
    return secret


def _decode(text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        return base64.b64decode((bare + "=" * (-len(bare) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NotAKey("not base64url") from error
