"""Who we are at a push service: a key pair of this box, made once (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from alpr.store.keyfile import no_key, private_key

FILE: Final = "push-key.pem"
_LOSS: Final = "let all subscribe anew"
_LIFE: Final = 12 * 3600
"""Seconds that a token holds; at most 24 hours (section 2)."""


class Vapid:
    """The box's key pair."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str = "") -> None:
        """Take whom a push service may ask about us: `mailto:` or `https://`, or nothing."""
        self._key, self._contact = key, contact
        point = serialization.PublicFormat.UncompressedPoint
        self.public_key = base64url(key.public_key().public_bytes(serialization.Encoding.X962, point))
        """As browsers take it: the uncompressed point (X9.62), base64url."""

    def authorization(self, audience: str, now: datetime) -> str:
        """Return the Authorization header for an origin such as `https://push.example.org` (RFC 8292, section 3)."""
        claims: dict[str, str | int] = {"aud": audience, "exp": int(now.timestamp()) + _LIFE}
        if self._contact:
            claims["sub"] = self._contact
        signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        # A JWS carries the two numbers side by side (RFC 7518, section 3.4), not in ASN.1.
        signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public_key}"


def load_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key pair in the data folder, made on the first call, readable by its owner alone.

    Browsers tie a subscription to it: with another one all of them would have to subscribe anew. Raises StoreError.
    """
    path = folder / FILE
    key = private_key(path, lambda: ec.generate_private_key(ec.SECP256R1()), _LOSS)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise no_key(path, "is no P-256 key", _LOSS)
    return key


def base64url(content: bytes) -> str:
    """Encode without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _part(content: dict[str, str | int] | dict[str, str]) -> str:
    return base64url(json.dumps(content, separators=(",", ":")).encode())
