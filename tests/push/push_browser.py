"""A browser as push services and Web Push's standards see it: with keys of its own, by which it reads what arrives."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odziv.store.push.subscriptions import Browser


def in_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class PushBrowser:
    """Reads as RFC 8291 says it, written apart from what writes."""

    def __init__(self, endpoint: str) -> None:
        self._key, self._auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        self.point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.endpoint, self.p256dh, self.auth = endpoint, in_base64url(self.point), in_base64url(self._auth)

    @property
    def told(self) -> Browser:
        """What it tells a server."""
        return Browser(self.endpoint, self.p256dh, self.auth)

    def read(self, body: bytes) -> Any:
        """What a message says."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = _derive(self._auth, shared, b"WebPush: info\x00" + self.point + sender, 32)
        key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        return json.loads(plain.rstrip(b"\x00")[:-1])
