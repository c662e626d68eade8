"""Pre-arrivals from a file: what is taken, and what is told of the rest."""

from __future__ import annotations

from datetime import date

from alpr.iso6346 import check_digit
from alpr.site.yard.arrivals import Expected
from alpr.site.yard.expectedfile import parse_file, write_file

GOOD, OTHER = (f"{ten}{check_digit(ten)}" for ten in ("MSCU123456", "TCLU765432"))
WRONG = f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}"
TODAY = date(2026, 3, 1)


def told(text, known=()):
    file = parse_file(text, known)
    return [(one.line, one.field, one.words) for one in (*file.faults, *file.duplicates)]


def test_a_file_is_taken_with_other_names_and_separators():
    """Spreadsheets differ in what they call columns, how they part them and how they write days."""
    text = (
        f"Container No;Truck plate;ETA;Booking;Note\n{GOOD[:4]} {GOOD[4:10]}-{GOOD[10]};GX-XK 4821;01.03.2026;B7;'=1\n"
    )
    file = parse_file(text)
    assert not file.faults
    assert file.entries == (Expected(GOOD, TODAY, "GX-XK 4821", "B7", "=1"),)


def test_every_fault_is_told_with_line_and_field():
    """The rows that are right are taken all the same."""
    lines = [
        "container,truck,date,colour",
        f"{WRONG},,2026-03-01,",
        f"{GOOD[:10]},,2026-03-01,",
        "30480KGS,,2026-03-01,",
        f"{OTHER},!!,soon,",
        ",,,red",
        f"{OTHER},,2026-03-02,,",
        f"{OTHER},,2026-03-02,",
        f"{GOOD},,2026-03-01,",
    ]
    text = "\n".join(lines)
    assert len(parse_file(text, {(GOOD, TODAY)}).entries) == 1
    assert told(text, {(GOOD, TODAY)}) == [
        (1, "colour", "is no known column, left out"),
        (2, "container", f"{WRONG}: the check digit is {WRONG[-1]}, should be {GOOD[-1]}"),
        (3, "container", f"{GOOD[:10]}: the check digit is missing, should be {GOOD[-1]}"),
        (4, "container", "30480KGS: has 8 characters, not 11"),
        (5, "date", "soon is no date, write it like 2026-03-01"),
        (5, "truck", "has no letter and no digit"),
        (6, "container", "is missing"),
        (6, "date", "is missing"),
        (8, "container", f"{OTHER[:4]} {OTHER[4:10]} {OTHER[10]} stands for that day in line 7 already"),
        (9, "container", f"{GOOD[:4]} {GOOD[4:10]} {GOOD[10]} is announced for that day already"),
    ]


def test_a_file_without_its_columns_says_which():
    """An empty one as well."""
    assert told("container\nX\n")[0][:2] == (1, "date")
    assert told("")[0] == (
        1,
        "container",
        "the file is empty: its first line names the columns, container and date at least",
    )


def test_what_is_written_can_be_read_back():
    """A note that looks like a formula does not become one."""
    entries = (Expected(GOOD, TODAY, "GX-XK 4821", "B7", "=SUM(A1)"), Expected(OTHER, TODAY))
    assert parse_file(write_file(entries)).entries == entries
