"""What messages say: the words behind the placeholders, and the templates filled with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from alpr.access import Decision, Verdict
from alpr.config.rule import parts_of
from alpr.domain import Read
from alpr.site.rules.states import BoxState

_SAID = {
    Verdict.ALLOWED: "Allowed",
    Verdict.DENIED: "Denied",
    Verdict.WATCH: "Watch",
    Verdict.UNKNOWN: "Unknown",
    Verdict.UNREAD: "Unread vehicle",
}


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put the words in the place of their placeholders; what is not known is left empty."""
    return "".join(literal or words.get(name, "") for literal, name in parts_of(template))


def words_of_read(read: Read, decision: Decision, zone: ZoneInfo) -> dict[str, str]:
    """Return what the placeholders mean for a read."""
    entry = decision.matches[0].entry if decision.matches else None
    vehicle = " ".join(filter(None, (read.vehicle.colour, read.vehicle.type))) if read.vehicle else ""
    text, sure = read.text, f"{int(100 * read.reading.confidence)} %"
    said = _SAID[decision.verdict]
    # Whoever cannot see the picture wants to know why, when, what and how sure, in this order.
    parts = (decision.reason, f"{_clock(read.captured_at, zone)}", vehicle, f"{sure} sure" if text else "")
    return {
        "summary": f"{said}: {text} at {read.camera}" if text else f"{said} at {read.camera}",
        "details": ", ".join(part for part in parts if part),
        "plate": text or "unread",
        "camera": read.camera,
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "list": entry.list_name if entry else "",
        "owner": entry.owner if entry else "",
        "company": entry.company if entry else "",
        "note": entry.note if entry else "",
        "confidence": sure if text else "",
        "direction": read.direction or "",
        "vehicle": vehicle,
        "region": (read.reading.region or "").upper(),
        **_when(read.captured_at, zone),
    }


def words_of_state(state: BoxState, at: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Return what the placeholders mean for a state of the box."""
    line = f"Over: {state.words}" if state.over else state.words
    return {
        "summary": line[:1].upper() + line[1:],
        "details": f"{line[:1].upper()}{line[1:]}, {_clock(at, zone)}",
        "plate": state.text,
        "camera": "" if state.on in {"dwell", "overstay", "occupancy"} else state.subject,
        "reason": state.words,
        "value": "" if state.value is None else f"{state.value:g}",
        **_when(at, zone),
    }


def _when(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {"time": _clock(at, zone), "date": f"{at.astimezone(zone):%Y-%m-%d}"}


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M:%S}"
