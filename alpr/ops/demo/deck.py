"""The demo's parking deck: another system with a plate reader of its own, which sends what it reads over HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from alpr.domain import utc_now
from alpr.ops.demo.floor import BREATH
from alpr.store import tokens
from alpr.store.database import Database
from alpr.store.tokens import NewToken
from alpr.store.users import Role

SOURCE: Final = "parking deck"
TABLE: Final = '[[exchange.camera]]\nname = "deck"\nknown_as = ["P2-LPR-1"]\n'
"""What the demo's `alpr.toml` says of it."""
_A_DAY: Final = 9
_STAYS: Final = (0.3, 6.0)
_ROUND: Final = 45.0
_TRIES: Final = 120
_BATCH: Final = 10
"""Reads that are sent together: the cameras' own do not wait long behind them."""


@dataclass(frozen=True, slots=True)
class _Stay:
    text: str
    came: datetime
    left: datetime


async def play_deck(db: Database, port: int, days: int, clock: Callable[[], datetime] = utc_now) -> None:
    """Send the past days once, then each vehicle as it comes and leaves, until cancelled."""
    secret = await _token(db, clock())
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        now = clock()
        # Made up from the day alone: a second start tells the same stays again, which are known then.
        stays = [stay for day in range(days + 1) for stay in stays_of(now - timedelta(days=day))]
        past = [told for stay in stays for told in reads_of(stay) if told["captured_at"] <= now.isoformat()]
        for begin in range(0, len(past), _BATCH):
            if not await _sent(client, {"reads": past[begin : begin + _BATCH]}):
                return
            await asyncio.sleep(BREATH)
        while True:
            await asyncio.sleep(_ROUND)
            since, now = now, clock()
            passing = [told for stay in stays_of(now) for told in reads_of(stay)]
            news = [told for told in passing if since.isoformat() < told["captured_at"] <= now.isoformat()]
            for told in news:
                await _sent(client, told)


def stays_of(day: datetime) -> Iterator[_Stay]:
    """Make up who parks on a day (UTC), the same whenever it is asked."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    dice = random.Random(midnight.toordinal())  # noqa: S311 - made-up traffic
    for _ in range(_A_DAY):
        came = midnight + timedelta(seconds=dice.uniform(6, 17) * 3600)
        left = came + timedelta(hours=dice.uniform(*_STAYS))
        yield _Stay(f"PD {dice.choice('ABCEHKMX')}{dice.choice('ABCEHKMX')} {dice.randrange(10, 99)}", came, left)


def reads_of(stay: _Stay) -> Iterator[dict[str, Any]]:
    """Give what the deck's reader says of a stay, in our own shape."""
    for direction, at in (("in", stay.came), ("out", stay.left)):
        yield {
            "id": f"{stay.text}/{direction}/{at:%Y%m%dT%H%M%S}",
            "camera": "P2-LPR-1",
            "captured_at": at.isoformat(),
            "text": stay.text,
            "confidence": 0.94,
            "direction": direction,
            "vehicle": {"type": "car"},
        }


async def _token(db: Database, now: datetime) -> str:
    """Make the deck's token anew: the secret of an earlier demo is gone."""
    secret = tokens.new_secret()
    await tokens.revoke(db, SOURCE, now)
    await tokens.create(db, NewToken(SOURCE, tokens.digest(secret), Role.SENDER, now, "demo"))
    return secret


async def _sent(client: httpx.AsyncClient, body: dict[str, Any]) -> bool:
    """Send until the site answers; it may still be starting."""
    for _ in range(_TRIES):
        with suppress(httpx.TransportError):
            answer = await client.post("/api/v1/reads", json=body)
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer.is_success
        await asyncio.sleep(1)
    return False
