"""An entry as people type it, in a form, a file or a program's request: text there, text back, every fault named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from alpr.access import Entry, ListKind, Window
from alpr.domain import compact
from alpr.site.schedule import parse_schedule, schedule_words

FIELDS = ("plate", "owner", "company", "note", "opens_inexact", "valid_from", "valid_until", "cameras", "schedule")
LONGEST_PLATE = 32
LONGEST_TEXT = 200
_ODD = re.compile(r"[^\w\s*?.·:/-]|_")
_YES, _NO = frozenset({"yes", "true", "1", "on", "y"}), frozenset({"", "no", "false", "0", "off", "n"})


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field, and what to do."""

    field: str
    words: str


class EntryFaultsError(ValueError):
    """All that is wrong with what was typed."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.words}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What an entry is checked against: its list, the site's clock and cameras."""

    name: str
    kind: ListKind
    zone: ZoneInfo
    cameras: Collection[str]


def parse_entry(typed: Mapping[str, str], facts: ListFacts, entry_id: int = 0) -> Entry:
    """Read an entry from its fields; raises EntryFaultsError with every fault at once."""
    faults: list[FieldFault] = []

    def take(field: str) -> str:
        words = "".join(sign for sign in " ".join(typed.get(field, "").split()) if sign.isprintable())
        if len(words) > LONGEST_TEXT:
            faults.append(FieldFault(field, f"is longer than {LONGEST_TEXT} characters"))
        return words[:LONGEST_TEXT]

    plate = take("plate").upper()
    faults += [FieldFault("plate", words) for words in _plate_faults(plate)]
    begins = _moment(take("valid_from"), "valid_from", facts.zone, faults)
    ends = _moment(take("valid_until"), "valid_until", facts.zone, faults)
    if begins and ends and ends <= begins:
        faults.append(FieldFault("valid_until", "lies before valid_from"))
    inexact = take("opens_inexact").casefold()
    if inexact not in _YES | _NO:
        faults.append(FieldFault("opens_inexact", f"{inexact!r} is neither yes nor no"))
    entry = Entry(
        id=entry_id,
        list_name=facts.name,
        list_kind=facts.kind,
        pattern=plate,
        owner=take("owner"),
        company=take("company"),
        note=take("note"),
        opens_inexact=inexact in _YES,
        valid_from=begins,
        valid_until=ends,
        cameras=_cameras(typed.get("cameras", ""), facts.cameras, faults),
        schedule=_schedule(typed.get("schedule", ""), faults),
    )
    if faults:
        raise EntryFaultsError(tuple(faults))
    return entry


def entry_fields(entry: Entry, zone: ZoneInfo) -> dict[str, str]:
    """Write an entry as `parse_entry` reads it."""
    return {
        "plate": entry.pattern,
        "owner": entry.owner,
        "company": entry.company,
        "note": entry.note,
        "opens_inexact": "yes" if entry.opens_inexact else "",
        "valid_from": _written(entry.valid_from, zone),
        "valid_until": _written(entry.valid_until, zone),
        "cameras": ", ".join(sorted(entry.cameras)),
        "schedule": schedule_words(entry.schedule),
    }


def _plate_faults(plate: str) -> list[str]:
    if odd := _ODD.search(plate):
        return [f"has the sign {odd[0]}, which no plate has: * stands for any run, ? for any one character"]
    if not compact(plate):
        return ["needs at least one letter or digit"]
    if len(plate) > LONGEST_PLATE:
        return [f"is longer than {LONGEST_PLATE} characters"]
    return []


def _moment(text: str, field: str, zone: ZoneInfo, faults: list[FieldFault]) -> datetime | None:
    """Read a day or a time of the site's clock; the last day of an entry is included."""
    if not text:
        return None
    try:
        if len(text) <= len("2026-06-18"):
            day = date.fromisoformat(text) + timedelta(days=field == "valid_until")
            return datetime.combine(day, time(), zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        faults.append(FieldFault(field, f"{text!r} is no day or time: write 2026-06-18 or 2026-06-18 17:30"))
        return None


def _written(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment by the site's clock, with its offset where the clock shows that time twice."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    told = local.replace(tzinfo=None)
    sure = told.replace(tzinfo=zone).astimezone(UTC) == moment
    return (told if sure else local).isoformat(" ", "minutes" if not (local.second or local.microsecond) else "auto")


def _cameras(text: str, known: Collection[str], faults: list[FieldFault]) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in sorted(names.difference(known)):
        near = get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]}?" if near else ""
        faults.append(FieldFault("cameras", f"no camera is called {name}{hint}"))
    return names


def _schedule(text: str, faults: list[FieldFault]) -> tuple[Window, ...]:
    try:
        return parse_schedule(text)
    except ValueError as error:
        faults.append(FieldFault("schedule", str(error)))
        return ()
