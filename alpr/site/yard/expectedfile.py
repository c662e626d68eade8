"""Pre-arrivals as CSV (RFC 4180) or typed: bad rows are told with their line and field, the rest is taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from alpr.domain import compact
from alpr.iso6346 import fault as code_fault
from alpr.iso6346 import spaced
from alpr.site.lists.file import RowFault, csv_cells, guarded, unguarded
from alpr.site.yard.arrivals import Expected

FIELDS = ("container", "truck", "date", "reference", "note")
_OTHER_NAMES = {
    "container_no": "container", "container_number": "container", "unit": "container", "code": "container",
    "plate": "truck", "truck_plate": "truck", "vehicle": "truck", "licence_plate": "truck", "license_plate": "truck",
    "due": "date", "day": "date", "eta": "date", "arrival": "date",
    "booking": "reference", "order": "reference", "remark": "note", "comment": "note",
}  # fmt: skip
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M")
_LONGEST = {"truck": 16, "reference": 64, "note": 200}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field."""

    field: str
    words: str


class ExpectedFaultsError(Exception):
    """An announcement cannot be taken; says of each field why."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.words}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """What a file holds."""

    entries: tuple[Expected, ...]
    faults: tuple[RowFault, ...]
    duplicates: tuple[RowFault, ...]
    """Rows whose container was announced for that day before."""


def parse_file(text: str, known: Collection[tuple[str, date]] = ()) -> ExpectedFile:
    """Read a file whose first line names its columns; `known` are the containers and days announced already."""
    entries: list[Expected] = []
    faults: list[RowFault] = []
    duplicates: list[RowFault] = []
    seen = dict.fromkeys(known, "is announced for that day already")
    for line, row in _rows(text, faults):
        try:
            entry = parse_row(row)
        except ExpectedFaultsError as error:
            faults += [RowFault(line, fault.field, fault.words) for fault in error.faults]
            continue
        key = entry.container, entry.due
        if key in seen:
            duplicates.append(RowFault(line, "container", f"{spaced(entry.container)} {seen[key]}"))
        else:
            seen[key] = f"stands for that day in line {line} already"
            entries.append(entry)
    return ExpectedFile(tuple(entries), tuple(faults), tuple(duplicates))


def parse_row(row: Mapping[str, str]) -> Expected:
    """Check one announcement; raises ExpectedFaultsError with every fault."""
    given = {name: " ".join(row.get(name, "").split()) for name in FIELDS}
    faults: list[FieldFault] = []
    container = compact(given["container"])
    if not container:
        faults.append(FieldFault("container", "is missing"))
    elif wrong := code_fault(container):
        faults.append(FieldFault("container", f"{given['container'][:32]}: {wrong}"))
    due = _date(given["date"])
    if due is None:
        said = f"{given['date'][:32]} is no date, write it like 2026-03-01" if given["date"] else "is missing"
        faults.append(FieldFault("date", said))
    if given["truck"] and not compact(given["truck"]):
        faults.append(FieldFault("truck", "has no letter and no digit"))
    for name, most in _LONGEST.items():
        if len(given[name]) > most:
            faults.append(FieldFault(name, f"is longer than {most} characters"))
    if faults or due is None:
        raise ExpectedFaultsError(faults)
    return Expected(container, due, given["truck"], given["reference"], given["note"])


def write_file(entries: Iterable[Expected]) -> str:
    """Write announcements so that they can be read back, with what became of each; no cell is a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow((*FIELDS, "arrived"))
    for one in entries:
        arrived = "" if one.arrived_at is None else one.arrived_at.isoformat(timespec="seconds")
        cells = (one.container, one.truck, one.due.isoformat(), one.reference, one.note, arrived)
        writer.writerow([guarded(cell) for cell in cells])
    return written.getvalue()


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day of the site's calendar has no zone
        except ValueError:
            continue
    return None


def _rows(text: str, faults: list[RowFault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = csv_cells(text, faults)
    first = next(lines, None)
    if first is None:
        words = "the file is empty: its first line names the columns, container and date at least"
        faults.append(RowFault(1, "container", words))
        return
    names = _columns(first[1], first[0], faults)
    for line, cells in lines if names else ():
        if extra := [cell for cell in cells[len(names) :] if cell.strip()]:
            faults.append(RowFault(line, "", f"has more cells than columns ({extra[0][:20]!r} is too many)"))
        else:
            yield line, dict(zip(names, map(unguarded, cells), strict=False))


def _columns(cells: list[str], line: int, faults: list[RowFault]) -> list[str]:
    named = ["_".join(cell.strip().casefold().replace("-", " ").split()) for cell in cells]
    names = [_OTHER_NAMES.get(name, name) for name in named]
    missing = [name for name in ("container", "date") if name not in names]
    faults += [RowFault(line, name, f"no such column: the first line names {', '.join(FIELDS)}") for name in missing]
    if missing:
        return []
    unknown = [name for name in names if name and name not in {*FIELDS, "arrived"}]
    faults += [RowFault(line, name[:40], "is no known column, left out") for name in unknown]
    return names
