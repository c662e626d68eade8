"""Whether an entry holds at a time and a gate, and in words why not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from alpr.access import Entry
from alpr.site.schedule import holds, schedule_words

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def why_not(entry: Entry, camera: str, now: datetime, zone: ZoneInfo) -> str:
    """Say why the entry does not hold at the camera now (aware); empty when it holds."""
    if entry.valid_until is not None and now >= entry.valid_until:
        return f"expired {_span((now - entry.valid_until).total_seconds())} ago"
    if entry.valid_from is not None and now < entry.valid_from:
        return f"valid from {entry.valid_from.astimezone(zone):%Y-%m-%d %H:%M}"
    if entry.cameras and camera not in entry.cameras:
        return f"holds at {', '.join(sorted(entry.cameras))} only"
    if not holds(entry.schedule, now, zone):
        return f"holds {schedule_words(entry.schedule)} only"
    return ""


def _span(seconds: float) -> str:
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        number = int(seconds // unit)
        if number:
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "a moment"
