"""Passwords: argon2id (RFC 9106), computed in a thread because one hash takes tens of milliseconds."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password fits, and the new hash to keep when the parameters have changed since."""

    fits: bool
    rehashed: str | None = None


async def hash_password(password: str) -> str:
    """Return the argon2id hash of the password in PHC string format."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _HASHER.hash, password)


async def verify_password(password: str, hashed: str | None) -> Verdict:
    """Compare a password with its hash; `None` (no such account) takes as long and never fits."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _verify, password, hashed)


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the two threads: a check takes 64 MiB, and a flood of logins must not take the cameras' memory."""
    return ThreadPoolExecutor(2, thread_name_prefix="password")


def _verify(password: str, hashed: str | None) -> Verdict:
    try:
        _HASHER.verify(hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return Verdict(fits=False)
    if hashed is None:
        return Verdict(fits=False)
    stale = _HASHER.check_needs_rehash(hashed)
    return Verdict(fits=True, rehashed=_HASHER.hash(password) if stale else None)


@cache
def _nobody() -> str:
    """Return the hash that unknown names are checked against."""
    return _HASHER.hash("nobody has this password")
