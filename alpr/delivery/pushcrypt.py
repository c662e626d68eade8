"""Encryption of push messages: only the browser that subscribed can read them (RFC 8291 over RFC 8188)."""

from __future__ import annotations

import base64
import binascii
import os
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOST: Final = 3993
"""Bytes that a push service takes for certain: 4096 less header, padding and tag (RFC 8291, section 4)."""
_RECORD: Final = 4096
_LAST_RECORD: Final = b"\x02"
_AUTH: Final = 16
_POINT: Final = 65


@dataclass(frozen=True, slots=True)
class Receiver:
    """The keys of one browser."""

    public: bytes
    """`p256dh`: an uncompressed point of P-256."""
    auth: bytes
    """`auth`: 16 secret bytes."""


def parse_receiver(p256dh: str, auth: str) -> Receiver:
    """Read the keys as a browser gives them, base64url; raises ValueError when they are none."""
    try:
        public, secret = _decoded(p256dh), _decoded(auth)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("the keys are not base64url") from None
    if len(public) != _POINT or len(secret) != _AUTH:
        raise ValueError("the keys have the wrong length")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)  # ValueError when it is not on the curve
    return Receiver(public, secret)


def encrypt(
    message: bytes, receiver: Receiver, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """Return the body to post, with `Content-Encoding: aes128gcm`; key and salt are new for each message."""
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    point = serialization.PublicFormat.UncompressedPoint
    own = key.public_key().public_bytes(serialization.Encoding.X962, point)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver.public))
    secret = _derived(shared, receiver.auth, b"WebPush: info\0" + receiver.public + own, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + struct.pack(">IB", _RECORD, len(own)) + own
    return header + AESGCM(content_key).encrypt(nonce, message + _LAST_RECORD, None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
