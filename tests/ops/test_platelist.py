"""`alpr list`: what it takes, what it tells, what it writes."""

from __future__ import annotations

import pytest

from alpr.cli import main

CSV = "plate;owner;cameras\nAB123;Ada;gate-in\nAB124;Bob;gate-im\nab-123;Eve;\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give a folder with a configuration, in which commands run."""
    (tmp_path / "alpr.toml").write_text('[[camera]]\nname = "gate-in"\nurl = "rtsp://127.0.0.1/"\n')
    (tmp_path / "staff.csv").write_text(CSV)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_makes_a_list_and_its_bad_rows_are_told(site, capsys):
    """Each with file and line; what was taken can be written and taken elsewhere."""
    assert main(["list", "show"]) == 0
    assert "no lists" in capsys.readouterr().out
    assert main(["list", "import", "Staff", "staff.csv", "--kind", "allow"]) == 0
    said = capsys.readouterr()
    assert said.out == "list Staff: 1 added, 1 on it already, 1 faults\n"
    assert said.err.splitlines() == [
        "staff.csv:3: cameras: no camera is called gate-im: did you mean gate-in?",
        "staff.csv:4: plate: AB-123 stands in line 2 already",
    ]
    assert main(["list", "export", "staff"]) == 0
    written = capsys.readouterr().out
    assert written.splitlines()[1] == "AB123,Ada,,,,,,gate-in,"
    (site / "again.csv").write_text(written)
    assert main(["list", "import", "Others", "again.csv", "--kind", "watch"]) == 0
    assert main(["list", "show"]) == 0
    assert "Others  watch       1 entries, 0 over" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["import", "Nobody", "staff.csv"], "list Nobody: no such list"),
        (["export", "Nobody"], "list Nobody: no such list"),
        (["import", "Staff", "nothing.csv", "--kind", "allow"], "file nothing.csv: No such file or directory"),
        (["import", "x" * 65, "staff.csv", "--kind", "allow"], "a name has 1 to 64 visible characters"),
    ],
)
def test_a_slip_is_told_in_one_line(site, capsys, words, fault):
    """And ends with exit code 1."""
    assert main(["list", *words]) == 1
    said = capsys.readouterr().err
    assert fault in said
    assert len(said.splitlines()) == 1


def test_a_list_keeps_its_kind(site, capsys):
    """Importing with another one is refused."""
    assert main(["list", "import", "Staff", "staff.csv", "--kind", "allow"]) == 0
    assert main(["list", "import", "Staff", "staff.csv", "--kind", "deny"]) == 1
    assert "is a list of kind allow" in capsys.readouterr().err
