"""The form of an entry: what it shows, and what comes back from it. Works without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from litestar.datastructures import FormMultiDict

from alpr.access import Entry, Window
from alpr.site.lists.entryfields import FieldFault, entry_fields
from alpr.site.schedule import DAYS
from alpr.web.words.language import later
from alpr.web.words.said import in_language

_ROWS = 3
LASTS = {
    "always": later("For good"),
    "today": later("Today"),
    "week": later("7 days"),
    "month": later("30 days"),
    "year": later("One year"),
    "own": later("Until"),
}
_DAYS_AHEAD = {"today": 0, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One line of the schedule: days with their boxes, from and to."""

    days: tuple[tuple[int, str, bool], ...]
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class EntryForm:
    """What the form shows."""

    typed: Mapping[str, str]
    lasts: str
    cameras: tuple[tuple[str, bool], ...]
    windows: tuple[WindowRow, ...]
    faults: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by field."""


def entry_form(entry: Entry, zone: ZoneInfo, cameras: Iterable[str]) -> EntryForm:
    """Show an entry that is stored."""
    typed = entry_fields(entry, zone)
    lasts = "own" if entry.valid_until else "always"
    windows = [_window_row(one) for one in entry.schedule]
    return EntryForm(_for_inputs(typed), lasts, _boxes(cameras, entry.cameras), _filled(windows))


def empty_form(plate: str, cameras: Iterable[str]) -> EntryForm:
    """Show a form for a new entry, its plate filled in perhaps."""
    return EntryForm({"plate": plate}, "always", _boxes(cameras, ()), _filled([]))


def form_again(form: FormMultiDict, faults: Iterable[FieldFault], cameras: Iterable[str]) -> EntryForm:
    """Show what was typed, with what is wrong with it."""
    told: dict[str, str] = {}
    for fault in faults:
        told[fault.field] = "; ".join(filter(None, (told.get(fault.field, ""), in_language(fault.words))))
    names = ("plate", "owner", "company", "note", "opens_inexact", "valid_from", "valid_until")
    chosen = _texts(form, "cameras")
    return EntryForm(
        {name: _text(form, name) for name in names},
        _text(form, "lasts") or "always",
        _boxes([*cameras, *(name for name in chosen if name not in cameras)], chosen),
        _filled([row for row in _rows(form) if row.start or row.end or any(on for _, _, on in row.days)]),
        told,
    )


def typed_fields(form: FormMultiDict, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """Return the fields of the form as `parse_entry` takes them; `now` (aware) is where the presets begin."""
    names = ("plate", "owner", "company", "note", "opens_inexact", "valid_from")
    lasts = _text(form, "lasts")
    until = _text(form, "valid_until") if lasts == "own" else ""
    if lasts in _DAYS_AHEAD:
        until = (now.astimezone(zone).date() + timedelta(days=_DAYS_AHEAD[lasts])).isoformat()
    typed = {name: _text(form, name) for name in names}
    windows = "; ".join(filter(None, map(_row_words, _rows(form))))
    return typed | {"valid_until": until, "cameras": ",".join(_texts(form, "cameras")), "schedule": windows}


def _rows(form: FormMultiDict) -> list[WindowRow]:
    rows = []
    for number in range(len(DAYS) * _ROWS):
        days = {int(day) for day in _texts(form, f"days{number}") if day in "0123456"}
        start, end = _text(form, f"start{number}"), _text(form, f"end{number}")
        rows.append(WindowRow(_day_boxes(days), start, end))
    return rows


def _row_words(row: WindowRow) -> str:
    days = ",".join(DAYS[number] for number, _, on in row.days if on)
    if not (row.start or row.end):
        # Days without times are a slip that is told; a line that is all empty is none.
        return days
    return f"{days} {row.start or '?'}-{row.end or '?'}".strip()


def _window_row(window: Window) -> WindowRow:
    return WindowRow(_day_boxes(window.days), f"{window.start:%H:%M}", f"{window.end:%H:%M}")


def _day_boxes(days: Iterable[int]) -> tuple[tuple[int, str, bool], ...]:
    chosen = set(days)
    return tuple((number, name, number in chosen) for number, name in enumerate(DAYS))


def _filled(rows: list[WindowRow]) -> tuple[WindowRow, ...]:
    """Return the rows and an empty one more, three at least."""
    blank = WindowRow(_day_boxes(()))
    return (*rows, *(blank for _ in range(max(1, _ROWS - len(rows)))))


def _boxes(cameras: Iterable[str], chosen: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    on = set(chosen)
    return tuple((name, name in on) for name in dict.fromkeys([*cameras, *sorted(on)]))


def _for_inputs(typed: Mapping[str, str]) -> dict[str, str]:
    # A datetime-local input takes neither a space nor an offset.
    moments = {name: typed[name].replace(" ", "T")[:19] for name in ("valid_from", "valid_until")}
    return {**typed, **moments}


def _text(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _texts(form: FormMultiDict, name: str) -> list[str]:
    return [value for value in form.getall(name, []) if isinstance(value, str)]
