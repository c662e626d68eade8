"""How often somebody may try to log in, per address and per account."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from alpr.web.words.language import ngettext

_FREE_TRIES = {"account": 5, "address": 20}
"""Tries before the first lock; many people can share the address of a proxy or a router."""
_FIRST_LOCK = 30.0
_LONGEST_LOCK = 900.0
_FORGET_AFTER = 3600.0
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Tries:
    """Failed tries under one key and until when the key is locked, on the limiter's clock."""

    failed: int = 0
    last: float = 0.0
    locked_until: float = 0.0


class LoginLimiter:
    """Counts tries before the password is looked at, so that parallel guesses count as well."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def begin(self, address: str, account: str) -> float:
        """Count a try; return 0, or the seconds to wait before the next one will be looked at."""
        now = self._clock()
        keys = (("account", account), ("address", address))
        wait = max(self._of(key, now).locked_until - now for key in keys)
        if wait > 0:
            return wait
        for key in keys:
            self._count(key, now)
        return 0.0

    def succeeded(self, address: str, account: str) -> None:
        """Forget the account's tries, and take this one off the address."""
        self._tries.pop(("account", account), None)
        tries = self._tries.get(("address", address))
        if tries is not None:
            tries.failed = max(0, tries.failed - 1)
            if tries.failed < _FREE_TRIES["address"]:
                tries.locked_until = 0.0

    def _of(self, key: tuple[str, str], now: float) -> _Tries:
        tries = self._tries.get(key)
        if tries is None or now - max(tries.last, tries.locked_until) > _FORGET_AFTER:
            tries = self._tries[key] = _Tries(last=now)
        self._tries.move_to_end(key)
        if len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)
        return tries

    def _count(self, key: tuple[str, str], now: float) -> None:
        tries = self._of(key, now)
        tries.failed, tries.last = tries.failed + 1, now
        over = tries.failed - _FREE_TRIES[key[0]]
        if over >= 0:
            tries.locked_until = now + min(_LONGEST_LOCK, _FIRST_LOCK * 2.0 ** min(over, 10))


def wait_words(seconds: float) -> str:
    """Say a waiting time: `25 seconds`, `2 minutes`."""
    if seconds < 90:  # noqa: PLR2004  up to here seconds say it better
        whole = max(1, math.ceil(seconds))
        return ngettext("%(n)s second", "%(n)s seconds", whole) % {"n": whole}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def neighbourhood(address: str) -> str:
    """Return what one household or attacker owns: an IPv4 address, or the /64 network of an IPv6 one (RFC 6177)."""
    with suppress(ValueError):
        known = ip_address(address)
        if known.version == 6:  # noqa: PLR2004
            return str(ip_network(f"{address}/64", strict=False))
    return address
