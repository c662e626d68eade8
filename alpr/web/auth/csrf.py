"""Cross-site request forgery: every form carries a token that only its own session can have made.

The token is an HMAC (RFC 2104) over the session's secret, which the browser keeps in an HttpOnly cookie: a page of
another site can neither read nor guess it. Before login the secret is a cookie of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

_PURPOSE = b"alpr form"


def new_secret() -> str:
    """Return 256 random bits, safe in a cookie."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """Return the token that belongs into the forms of this session."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def token_fits(secret: str, token: str) -> bool:
    """Compare in constant time; an empty secret fits nothing."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), token.encode())
