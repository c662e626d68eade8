"""The clock of free time and demurrage: how many days a container has stood, and what the days over free time cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rate:
    """What a day costs from the one after `after` days on, for containers of so many feet; 0 feet: for all others."""

    feet: int
    after: int
    per_day: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """How long a container may stand, and what it costs then."""

    free_days: int = 5
    overstay: timedelta = timedelta(days=14)
    currency: str = "EUR"
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock of one container shows."""

    days: int
    """Days of the site's calendar begun, the first one counted."""
    free_left: int
    """Days that are still free, this one not counted; below 0 when free time is over."""
    last_free_day: date
    owed: Decimal
    overstays: bool


def clock_of(tariff: Tariff, feet: int | None, entered: datetime, until: datetime, zone: ZoneInfo) -> Clock:
    """Return what the clock shows at `until`, the time of leaving or now; each day begun counts whole."""
    first, last = entered.astimezone(zone).date(), until.astimezone(zone).date()
    days = max(0, (last - first).days) + 1
    return Clock(
        days=days,
        free_left=tariff.free_days - days,
        last_free_day=first + timedelta(days=max(0, tariff.free_days - 1)),
        owed=_owed(_applying(tariff.rates, feet), tariff.free_days, days),
        overstays=until - entered > tariff.overstay,
    )


def free_before(tariff: Tariff, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time before which containers came in whose free days are over."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=max(0, tariff.free_days - 1))


def _applying(rates: Sequence[Rate], feet: int | None) -> list[Rate]:
    """Return the rates of this length, else those for all others, by the day from which they hold."""
    own = [rate for rate in rates if feet and rate.feet == feet] or [rate for rate in rates if rate.feet == 0]
    return sorted(own, key=lambda rate: rate.after)


def _owed(rates: Sequence[Rate], free_days: int, days: int) -> Decimal:
    """Sum up: each rate holds from the day after its `after` until the next one begins, never on free days."""
    total = Decimal(0)
    for place, rate in enumerate(rates):
        begins = max(rate.after, free_days)
        ends = max(rates[place + 1].after, free_days) if place + 1 < len(rates) else days
        total += rate.per_day * max(0, min(ends, days) - begins)
    return total.quantize(_CENT, ROUND_HALF_UP)
