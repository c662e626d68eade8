"""Lists as files: what comes from spreadsheets is taken, and what is wrong is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.access import ListKind
from alpr.site.lists.entryfields import ListFacts
from alpr.site.lists.file import RowFault, decode, parse_list, write_list
from alpr.site.lists.patterns import glob
from tests.site.entries import BERLIN, entry
from tests.site.lists.test_entryfields import ENTRIES

FACTS = ListFacts("Staff", ListKind.ALLOW, BERLIN, ("gate-in", "gate-out"))


def test_bad_rows_are_told_with_their_line_and_the_rest_is_taken():
    """A cell may have line breaks in it; a row is named by the line it begins in."""
    text = (
        "plate,owner,valid_until\r\n"
        "AB123,Ada,\r\n"
        '"AB124","Bob\nand Ben",tomorrow\r\n'
        ",Dan,\r\n"
        "\r\n"
        "ab 123,Eve,\r\n"
        "AB126,Fay,,,too much\r\n"
        "AB125,Gil,2026-06-18\r\n"
        "AB199,on it,\r\n"
    )
    taken = parse_list(text, FACTS, {"AB199"})
    assert [(one.pattern, one.owner) for one in taken.entries] == [("AB123", "Ada"), ("AB125", "Gil")]
    assert taken.faults == (
        RowFault(3, "valid_until", "'tomorrow' is no day or time: write 2026-06-18 or 2026-06-18 17:30"),
        RowFault(5, "plate", "needs at least one letter or digit"),
        RowFault(8, "", "has more cells than columns ('too much' is too many)"),
    )
    assert taken.duplicates == (
        RowFault(7, "plate", "AB 123 stands in line 2 already"),
        RowFault(10, "plate", "AB199 is on the list already"),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"plate;owner\r\nAB123;M\xc3\xbcller\r\n",
        b"\xef\xbb\xbfPlate;Owner\nAB123;M\xc3\xbcller",
        b"License Plate\tOwner\nAB123\tM\xfcller\n",
        b"pattern,owner\nAB123,M\xfcller\n",
    ],
)
def test_files_of_several_spreadsheets_are_understood(content):
    """Comma, semicolon or tab; UTF-8 with or without its mark, or Windows' own characters."""
    (one,) = parse_list(decode(content), FACTS).entries
    assert (one.pattern, one.owner) == ("AB123", "Müller")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [RowFault(1, "plate", "the file is empty: its first line names the columns, plate at least")]),
        ("plate,colour\nAB123,red", [RowFault(1, "colour", "is no known column, left out")]),
        (
            f"plate\n{'A' * 140_000}\nAB123",
            [RowFault(2, "", "is no CSV (field larger than field limit (131072))")],
        ),
    ],
)
def test_what_is_wrong_with_the_file_itself_is_told(text, faults):
    """And what can be taken is taken."""
    taken = parse_list(text, FACTS)
    assert list(taken.faults) == faults
    assert [one.pattern for one in taken.entries] == (["AB123"] if "AB123" in text else [])


def test_a_file_without_a_plate_column_is_not_guessed():
    """One fault for the file, not one for each row."""
    taken = parse_list("AB123,Ada\nAB124,Bob", FACTS)
    assert taken.entries == ()
    assert [(fault.line, fault.field) for fault in taken.faults] == [(1, "plate")]
    assert "the first line names plate, owner" in taken.faults[0].words


def test_no_cell_is_a_formula_to_a_spreadsheet():
    """And comes back as it was."""
    bad = entry("AB123", number=0, owner="=HYPERLINK(1)", company="'=1", note="-5 % each")
    written = write_list([bad], BERLIN)
    assert not any(cell.lstrip('"').startswith(("=", "-", "+", "@")) for cell in written.split(","))
    assert parse_list(written, FACTS).entries == (bad,)


@given(st.lists(ENTRIES, max_size=5, unique_by=lambda one: glob(one.pattern)))
def test_an_exported_list_comes_back_whole(entries):
    """Whatever people wrote into it."""
    taken = parse_list(write_list(entries, BERLIN), FACTS)
    assert taken.entries == tuple(entries)
    assert taken.faults == ()
