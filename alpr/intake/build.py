"""What the configuration says of other systems' reads, as the intake takes it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from alpr.config import Config
from alpr.exchange.admission import Station, Terms
from alpr.intake.reads import IntakeSettings

_MEGA = 1_000_000


def intake_settings(config: Config) -> IntakeSettings:
    """Return what the site takes from other systems."""
    exchange = config.exchange
    return IntakeSettings(
        enabled=exchange.enabled,
        terms=Terms(
            zone=ZoneInfo(config.site.timezone),
            stations=_stations(config),
            unknown_camera=exchange.unknown_camera,
            naive_time=exchange.naive_time,
            bad_clock=exchange.bad_clock,
            ahead=timedelta(seconds=exchange.clock_ahead),
        ),
        bad_picture_kept=exchange.bad_picture == "keep",
        picture_bytes=round(exchange.picture_size * _MEGA),
        request_bytes=round(exchange.request_size * _MEGA),
        batch=exchange.batch,
        tell_within=timedelta(seconds=exchange.tell_within),
    )


def _stations(config: Config) -> dict[tuple[str, str], Station]:
    """Return every camera that reads may come from, under each of its names; those of the exchange come first."""
    known = {("", one.name.casefold()): Station(one.name, _way(one.direction)) for one in config.camera}
    for one in config.exchange.camera:
        for name in (one.name, *one.known_as):
            known[one.source.casefold(), name.casefold()] = Station(one.name, one.direction or None, one.opens)
    return known


def _way(direction: str) -> str | None:
    return direction if direction in {"in", "out"} else None
