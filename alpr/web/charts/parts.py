"""What charts are made from (series, strips, steps) and what they are made of: rectangles, lines, words and a table.

x is a percentage of the width and y counts pixels from the top: the drawing has no viewBox, so that it fills any width
while its words keep their size. `templates/charts.html` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SPAN: Final = 1000
"""Curves are drawn in so many steps of the width."""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures behind a chart."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a trend: a value for each label, `None` where nothing is known."""

    name: str
    values: tuple[float | None, ...]
    look: str = "first"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a strip; `start` and `end` are fractions of its length (see `fraction`)."""

    start: float
    end: float
    look: str
    words: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of pieces with its name above and a figure at its end."""

    name: str
    spans: tuple[Span, ...]
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A lying bar from `start` to `end`: of a ranking (from zero) or of a waterfall."""

    name: str
    start: float
    end: float
    look: str = "full"
    words: str = ""
    """Its figure; without one the length as the chart says it."""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle; `look` is `full`, `half`, `thin`, `hatch`, `soft`, `ink`, or `bare` (there to be pointed at)."""

    x: float
    y: float
    width: float
    height: float
    look: str = "full"
    words: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line: across at `y`, or upright at `x` from `y` to `bottom`."""

    y: float
    x: float | None = None
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points: an SVG path, x in steps of `SPAN`; `look` is `first`, `second`, `third` or `aim`."""

    path: str
    look: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve that has to be seen: its end, or one without neighbours."""

    x: float
    y: float
    look: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place; `minor` ones go when there is little room, `strong` ones are names and figures."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, in this order: rules, blocks, curves, dots, labels."""

    title: str
    words: str
    """What somebody hears who cannot see the drawing."""
    height: float
    table: Table
    rules: tuple[Rule, ...] = ()
    blocks: tuple[Block, ...] = ()
    curves: tuple[Curve, ...] = ()
    dots: tuple[Dot, ...] = ()
    labels: tuple[Label, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    """What the looks mean, as (look, words), where the drawing cannot say it at the line."""
    csv: str = ""
    """The address of the table as CSV."""
    empty: bool = False
    """Whether there is nothing to draw: the page says so in words."""
