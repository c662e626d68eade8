"""Lists as CSV (RFC 4180): bad rows are told with their line, the rest is taken; what is written can be read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from alpr.access import Entry
from alpr.site.lists.entryfields import FIELDS, EntryFaultsError, ListFacts, entry_fields, parse_entry
from alpr.site.lists.patterns import glob

_FORMULA = tuple("=+-@\t\r")
"""What a spreadsheet would take for a formula, when a cell begins with it."""
_OTHER_NAMES = {"pattern": "plate", "text": "plate", "registration": "plate", "license_plate": "plate"}


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row of the file was not taken."""

    line: int
    field: str
    words: str


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file holds."""

    entries: tuple[Entry, ...]
    faults: tuple[RowFault, ...]
    duplicates: tuple[RowFault, ...]
    """Rows whose plate was in the file or on the list before."""


def decode(content: bytes) -> str:
    """Return the text of a file as spreadsheets save it: UTF-8, or else Windows' western characters."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def parse_list(text: str, facts: ListFacts, known: Collection[str] = ()) -> ListFile:
    """Read a file whose first line names its columns; `known` are the plates (`glob`) on the list already."""
    entries: list[Entry] = []
    faults: list[RowFault] = []
    duplicates: list[RowFault] = []
    seen: dict[str, str] = dict.fromkeys(known, "is on the list already")
    for line, row in _rows(text, faults):
        try:
            entry = parse_entry(row, facts)
        except EntryFaultsError as error:
            faults += [RowFault(line, fault.field, fault.words) for fault in error.faults]
            continue
        key = glob(entry.pattern)
        if key in seen:
            duplicates.append(RowFault(line, "plate", f"{entry.pattern} {seen[key]}"))
        else:
            seen[key] = f"stands in line {line} already"
            entries.append(entry)
    return ListFile(tuple(entries), tuple(faults), tuple(duplicates))


def write_list(entries: Iterable[Entry], zone: ZoneInfo) -> str:
    """Write entries, times by the site's clock; no cell is a formula to a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(FIELDS)
    for entry in entries:
        fields = entry_fields(entry, zone)
        writer.writerow([guarded(fields[name]) for name in FIELDS])
    return written.getvalue()


def _rows(text: str, faults: list[RowFault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each row with the number of the line it begins in."""
    lines = csv_cells(text, faults)
    first = next(lines, None)
    if first is None:
        faults.append(RowFault(1, "plate", "the file is empty: its first line names the columns, plate at least"))
        return
    names = _columns(first[1], first[0], faults)
    for line, cells in lines if names else ():
        if extra := [cell for cell in cells[len(names) :] if cell.strip()]:
            faults.append(RowFault(line, "", f"has more cells than columns ({extra[0][:20]!r} is too many)"))
        else:
            yield line, dict(zip(names, map(unguarded, cells), strict=False))


def csv_cells(text: str, faults: list[RowFault]) -> Iterator[tuple[int, list[str]]]:
    """Give the cells of each row that has any; one that cannot be understood is told."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(RowFault(line, "", f"is no CSV ({error})"))
        else:
            if any(cell.strip() for cell in cells):
                yield line, cells
        line = reader.line_num + 1


def _columns(cells: list[str], line: int, faults: list[RowFault]) -> list[str]:
    named = ["_".join(cell.strip().casefold().replace("-", " ").split()) for cell in cells]
    names = [_OTHER_NAMES.get(name, name) for name in named]
    if "plate" not in names:
        faults.append(RowFault(line, "plate", f"no such column: the first line names {', '.join(FIELDS)}"))
        return []
    unknown = [name for name in names if name and name not in FIELDS]
    faults += [RowFault(line, name[:40], "is no known column, left out") for name in unknown]
    return names


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Return what `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell
