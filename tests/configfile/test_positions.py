"""Line numbers of TOML keys, hard cases included."""

from __future__ import annotations

import tomllib

import pytest

from alpr.configfile.positions import Positions

HARD = '''\
# [not.a.table]
top = 1
"quoted key" = "a # no comment"   # a comment with "quotes" and = signs
dotted.inner . 'deep key' = 2
"esc\\u0061pe" = 3

[table]   # ]]
text = """
key = "not a key"
[[not.a.table]]
she said ""hi"" """
after = \'\'\'
x = 1 \'\'\'
ends = """quoted""""
after_ends = 1
empty = ""
path = 'C:\\'
when = 1979-05-27 07:32:00

[[camera]]
name = "a"
points = [
  # a comment, with [ brackets ]
  [0, 1],   # and here ]
  [
    2,
    "],",
  ],
]
inline = { a = 1, b = { "c d" = [ { e = 1 } ] } }

  [[camera.zone]]
  mode = "x"
  [[ camera . "zone" ]]
  mode = "y"
  [camera.zone.extra]
  k = 1

[[camera]]
name = "b"
[[camera.zone]]
mode = "z"
[a.b.c]
[a]
z = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("dotted",), 4),
        (("dotted", "inner", "deep key"), 4),
        (("escape",), 5),
        (("table",), 7),
        (("table", "text"), 8),
        (("table", "after"), 12),
        (("table", "ends"), 14),
        (("table", "after_ends"), 15),
        (("table", "empty"), 16),
        (("table", "path"), 17),
        (("table", "when"), 18),
        (("camera",), 20),
        (("camera", 0), 20),
        (("camera", 0, "name"), 21),
        (("camera", 0, "points"), 22),
        (("camera", 0, "points", 0, 1), 24),
        (("camera", 0, "points", 1), 25),
        (("camera", 0, "points", 1, 0), 26),
        (("camera", 0, "points", 1, 1), 27),
        (("camera", 0, "inline", "b", "c d", 0, "e"), 30),
        (("camera", 0, "zone", 0, "mode"), 33),
        (("camera", 0, "zone", 1), 34),
        (("camera", 0, "zone", 1, "mode"), 35),
        (("camera", 0, "zone", 1, "extra", "k"), 37),
        (("camera", 1), 39),
        (("camera", 1, "zone", 0, "mode"), 42),
        (("a", "b", "c"), 43),
        (("a", "z"), 45),
    ],
)
def test_lines(path, line):
    """Every key, table and element is found in its line."""
    assert Positions(HARD).line(path) == line


def every_path(value, path=()):
    """Give the paths of all keys and elements."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from every_path(child, (*path, key))


def test_nothing_is_missed():
    """Every path that tomllib finds has a position of its own."""
    positions = Positions(HARD)
    assert [path for path in every_path(tomllib.loads(HARD)) if path not in positions._lines] == []


@pytest.mark.parametrize(
    ("path", "line"), [(("camera", 1, "url"), 39), (("camera", 1, "zone", 0, "polygon", 2), 41), (("nothing",), 1)]
)
def test_what_is_not_there_is_told_where_it_should_be(path, line):
    """A missing key falls back to its table, and what has no table to the first line."""
    assert Positions(HARD).line(path) == line


def test_windows_line_ends():
    """A file from Notepad has the same lines."""
    assert Positions("a = 1\r\n[t]\r\nb = [\r\n 1,\r\n 2]\r\nc = 3\r\n").line(("t", "c")) == 6


def test_an_empty_file_has_one_line():
    """Nothing to walk is no fault."""
    assert Positions("").line(("x",)) == 1
