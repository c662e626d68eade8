"""Charts as small values: columns, histogram, trend, strips, steps; zero-based, each with the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from alpr.web.charts.parts import Block, Chart, Curve, Dot, Label, Rule, Series, Span, Step, Strip, Table
from alpr.web.charts.scale import (
    FOOT,
    MOST_LABELS,
    TOP,
    Point,
    Say,
    Tick,
    axis_labels,
    cut,
    end_labels,
    fraction,
    grid,
    height_of,
    nice_top,
    path,
    runs,
    time_ticks,
)

__all__ = [
    "Chart",
    "Series",
    "Span",
    "Step",
    "Strip",
    "Table",
    "Tick",
    "columns",
    "fraction",
    "histogram",
    "steps",
    "strips",
    "time_ticks",
    "trend",
    "with_csv",
]

_COUNT: Final[Say] = "{:,.0f}".format
_FEW: Final = 14
"""So many rows are told to somebody who cannot see the drawing; more stand in the table."""
_ROOM: Final = 46
"""So many characters fit above the columns; with more of them the highest line carries its figure instead."""
_ROOM_OF_PHONE: Final = 32
_SCALE: Final = 0.07
_FIGURES: Final = 0.15
"""The shares of the width that the scale before curves and the figures at their ends take."""
_TREND: Final = 200.0
_ROW: Final = 42.0
_NAME: Final = 18.0
_TALL: Final = {"half": 0.5, "thin": 0.16}


def columns(
    title: str,
    heads: tuple[str, str],
    bars: Sequence[tuple[str, float]],
    say: Say = _COUNT,
    *,
    height: float = 180.0,
    links: Mapping[str, str] | None = None,
) -> Chart:
    """Draw an upright bar for each (label, value); `links` has addresses by label."""
    table = Table(heads, tuple((label, say(value)) for label, value in bars))
    chart = _upright(title, table, [value for _label, value in bars], say, height, wide=0.72)
    named = tuple(
        replace(one, href=(links or {}).get(label, "")) for one, (label, _) in zip(chart.blocks, bars, strict=True)
    )
    return replace(chart, blocks=named, labels=(*chart.labels, *axis_labels([label for label, _ in bars], height)))


def histogram(
    title: str,
    heads: tuple[str, str],
    edges: Sequence[str],
    counts: Sequence[float],
    say: Say = _COUNT,
    *,
    height: float = 150.0,
) -> Chart:
    """Draw counts between edges (one more edge than counts), the bars touching, the edges named."""
    rows = zip(edges, edges[1:], counts, strict=False)
    table = Table(heads, tuple((f"{low} – {high}", say(count)) for low, high, count in rows))  # noqa: RUF001  a range
    chart = _upright(title, table, counts, say, height, wide=0.97)
    last, every = len(edges) - 1, max(1, -(-len(edges) // MOST_LABELS))
    shown = [n for n in range(len(edges)) if n % every == 0 and (n == last or last - n >= every)] + [last]
    marks = (
        Label(cut(100 * n / max(1, last)), height - 5, edges[n], _anchor(n / max(1, last)))
        for n in dict.fromkeys(shown)
    )
    return replace(chart, labels=(*chart.labels, *marks))


def trend(
    title: str,
    head: str,
    labels: Sequence[str],
    series: Sequence[Series],
    say: Say = _COUNT,
    *,
    top: float = 0.0,
    scale: Say | None = None,
) -> Chart:
    """Draw a line for each series over equally spaced labels, its last figure at its end; unknown values are gaps.

    `top` is the least height of the scale: 1.0 for shares; `scale` writes its figures where `say` is too exact.
    """
    known = [value for one in series for value in one.values if value is not None]
    highest, height = max(top, nice_top(max(known, default=0.0))), _TREND
    foot = height - FOOT
    parted = {one.name: runs(_points(one, highest, foot)) for one in series}
    curves = (Curve(" ".join(path(run) for run in parted[one.name] if len(run) > 1), one.look) for one in series)
    dots = (
        Dot(*run[-1], one.look)
        for one in series
        for run in parted[one.name]
        if len(run) == 1 or run is parted[one.name][-1]
    )
    ends = [(parted[one.name][-1][-1], say(_last(one)), one.look) for one in series if parted[one.name]]
    table = Table(
        (head, *(one.name for one in series)),
        tuple((label, *(_maybe(say, one.values[n]) for one in series)) for n, label in enumerate(labels)),
    )
    rules, figures = grid(highest, foot, scale or say)
    slot = 100 * (1 - _SCALE - _FIGURES) / max(1, len(labels))
    left = 100 * _SCALE
    pointed = (
        Block(cut(left + n * slot), TOP, cut(slot), foot - TOP, "bare", _said(table, n)) for n in range(len(labels))
    )
    return Chart(
        title,
        f"{title}: {', '.join(f'{one.name} {say(_last(one))}' for one in series if parted[one.name])}",
        height,
        table,
        rules,
        tuple(pointed),
        tuple(curve for curve in curves if curve.path),
        tuple(dots),
        (*figures, *end_labels(ends), *axis_labels(labels, height, _SCALE, 1 - _FIGURES)),
        tuple((one.look, one.name) for one in series) if len(series) > 1 else (),
        empty=not known,
    )


def strips(
    title: str,
    rows: Sequence[Strip],
    ticks: Sequence[Tick],
    table: Table,
    keys: tuple[tuple[str, str], ...] = (),
    *,
    tall: float = 18.0,
) -> Chart:
    """Draw a strip for each row over a common axis: who did what when, or shares of a whole.

    `keys` says in (look, words) what the looks of the pieces mean.
    """
    pitch = _NAME + tall + 14
    foot = len(rows) * pitch
    blocks: list[Block] = []
    labels: list[Label] = []
    for n, row in enumerate(rows):
        top = n * pitch + _NAME
        crowded = "minor" * (len(row.name) + len(row.note) > _ROOM)
        labels += [
            Label(0, top - 5, row.name, "start", "strong", row.href),
            Label(100, top - 5, row.note, "end", crowded),
        ]
        blocks.append(Block(0, top + tall, 100, 1, "base"))
        blocks += [_piece(span, top, tall) for span in row.spans]
    marks = (
        Label(cut(100 * one.at), foot + 14, one.text, _anchor(one.at), "minor" * one.minor, one.href) for one in ticks
    )
    rules = tuple(Rule(0, cut(100 * tick.at), foot) for tick in ticks)
    words = f"{title}: {', '.join(f'{row.name} {row.note}'.strip() for row in rows)}"
    return Chart(
        title, words, foot + FOOT, table, rules, tuple(blocks), labels=(*labels, *marks), keys=keys, empty=not rows
    )


def steps(title: str, heads: tuple[str, str], rows: Sequence[Step], say: Say = _COUNT) -> Chart:
    """Draw a lying bar for each row, its name above at the left and its figure at the right."""
    highest = max((max(row.start, row.end) for row in rows), default=0.0) or 1.0
    blocks: list[Block] = []
    labels: list[Label] = []
    for n, row in enumerate(rows):
        low, high = sorted((row.start, row.end))
        top, said = n * _ROW, row.words or say(high - low)
        labels += [
            Label(0, top + 13, row.name, "start", "strong", row.href),
            Label(100, top + 13, said, "end", "strong"),
        ]
        wide = max(0.2, 100 * (high - low) / highest) if high > low else 0.0
        place = min(100 * low / highest, 100 - wide)
        blocks += [
            Block(0, top + 20, 100, 12, "track"),
            Block(cut(place), top + 20, cut(wide), 12, row.look, f"{row.name}: {said}", row.href),
        ]
    table = Table(heads, tuple((row.name, row.words or say(abs(row.end - row.start))) for row in rows))
    return Chart(
        title, _all_said(title, table), _ROW * len(rows), table, (), tuple(blocks), labels=tuple(labels), empty=not rows
    )


def with_csv(chart: Chart, address: str) -> Chart:
    """Say where the table stands as CSV."""
    return replace(chart, csv=address)


def _upright(title: str, table: Table, values: Sequence[float], say: Say, height: float, *, wide: float) -> Chart:
    highest, foot, slot = nice_top(max(values, default=0.0)), height - FOOT, 100 / max(1, len(values))
    letters = max((len(say(value)) + 1 for value in values), default=0) * len(values)
    rules, scale = grid(highest, foot, say)
    blocks, figures = [], []
    for n, value in enumerate(values):
        tall = height_of(value, highest, foot)
        left = (n + (1 - wide) / 2) * slot
        blocks.append(Block(cut(left), cut(foot - tall), cut(wide * slot), cut(tall), "full", _said(table, n)))
        if value and letters <= _ROOM:
            look = "strong minor" if letters > _ROOM_OF_PHONE else "strong"
            figures.append(Label(cut((n + 0.5) * slot), cut(foot - tall - 5), say(value), "middle", look))
    # Figures of the lower lines would stand in the bars.
    words = scale[-1:] if letters > _ROOM else ()
    lines = rules if words else rules[:1]
    told, empty = _all_said(title, table), not any(values)
    return Chart(title, told, height, table, lines, tuple(blocks), labels=(*words, *figures), empty=empty)


def _piece(span: Span, top: float, tall: float) -> Block:
    high = tall * _TALL.get(span.look, 1.0)
    return Block(
        cut(100 * span.start),
        cut(top + tall - high),
        cut(100 * (span.end - span.start)),
        cut(high),
        span.look,
        span.words,
        span.href,
    )


def _points(series: Series, highest: float, foot: float) -> list[Point | None]:
    slot = 100 * (1 - _SCALE - _FIGURES) / max(1, len(series.values))
    return [
        None if value is None else (cut(100 * _SCALE + (n + 0.5) * slot), cut(foot - height_of(value, highest, foot)))
        for n, value in enumerate(series.values)
    ]


def _last(series: Series) -> float:
    return next(value for value in reversed(series.values) if value is not None)


def _maybe(say: Say, value: float | None) -> str:
    return "" if value is None else say(value)


def _anchor(at: float) -> str:
    return "start" if at < 0.03 else "end" if at > 0.97 else "middle"  # noqa: PLR2004  the edges of the drawing


def _said(table: Table, row: int) -> str:
    label, *figures = table.rows[row]
    if len(figures) == 1:
        return f"{label}: {figures[0]}"
    told = (f"{head} {figure}" for head, figure in zip(table.heads[1:], figures, strict=True) if figure)
    return f"{label}: {', '.join(told)}"


def _all_said(title: str, table: Table) -> str:
    if len(table.rows) > _FEW:
        return title
    return f"{title}: {', '.join(_said(table, row).replace(': ', ' ') for row in range(len(table.rows)))}"
