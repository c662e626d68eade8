"""The charts of the factory: where the planned time goes, how it went day by day, who did what when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from alpr.activity import SECOND, ActivityState, FactoryPlan, Span
from alpr.site.factory.productivity import Amounts, waterfall
from alpr.store.productivity import Step, TrendPoint
from alpr.web.charts import drawing as charts
from alpr.web.charts.drawing import Chart, Series, Strip, Table
from alpr.web.charts.scale import Tick, day_month
from alpr.web.factory.filter import FactoryFilter, Stretch
from alpr.web.factory.view import LOOKS, STATES, hours, rate, share
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, number

_FALLS: Final = {
    "planned": (later("Planned time"), "soft"),
    "breaks": (later("Breaks"), "half"),
    "absent": (later("Absent"), "ink"),
    "unknown": (later("Unknown"), "hatch"),
    "idle": (later("Idle"), "half"),
    "productive": (later("Productive time"), "full"),
}
_SLOTS: Final = 96, 720
"""A strip of more pieces than this is drawn in slots, each in the state that took most of it: at least and at most so
many, and all strips together in no more than"""
_PIECES: Final = 6000
_MOST_ROWS: Final = 400
"""Of the table behind the timeline; the file has all."""
_TWO_DAYS, _TWO_MONTHS, _YEAR = timedelta(days=2), timedelta(days=62), timedelta(days=400)


def waterfall_chart(total: Amounts, file: str) -> Chart:
    """Draw what takes the planned time away, down to the productive time; `file` is the address of its figures."""
    rows = []
    for fall in waterfall(total):
        words, look = _FALLS[fall.name]
        ends = fall.name in {"planned", "productive"}
        start, end = (0, fall.amount) if ends else (fall.left, fall.left + fall.amount)
        rows.append(charts.Step(_(words), start, end, look, _of_planned(fall.amount, total.planned)))
    drawn = charts.steps(_("Where the planned time goes"), (_("Part"), _("Time")), rows if total.planned else ())
    return charts.with_csv(drawn, file)


def waterfall_rows(total: Amounts) -> Iterator[tuple[object, ...]]:
    """Give the waterfall as rows of a file: part, seconds, what is left after it."""
    for fall in waterfall(total):
        yield fall.name, fall.amount / SECOND, fall.left / SECOND


WATERFALL_HEADS: Final = ("part", "seconds", "left_s")


def _of_planned(amount: int, planned: int) -> str:
    return f"{hours(amount)} · {share(amount / planned)}" if planned else hours(amount)


def step_of(window: Stretch) -> Step:
    """Return in what steps a window is told: hours, days, weeks or months."""
    if window.length <= _TWO_DAYS:
        return Step.HOUR
    if window.length <= _TWO_MONTHS:
        return Step.DAY
    return Step.WEEK if window.length <= _YEAR else Step.MONTH


def trend_charts(points: Sequence[TrendPoint], step: Step, zone: ZoneInfo, file: str) -> tuple[Chart, ...]:
    """Draw utilisation, units and rate of each step; steps of which nothing is known are gaps in the lines."""
    labels, head = _labels(points, step, zone), _step_head(step)
    used = Series(_("Utilisation"), tuple(point.amounts.utilisation for point in points))
    made = [(label, float(point.amounts.units)) for label, point in zip(labels, points, strict=True)]
    fast = Series(_("Units an hour of work"), tuple(point.amounts.rate for point in points))
    drawn = (
        charts.trend(used.name, head, labels, [used], share, top=1.0, scale=_whole_share),
        charts.columns(_("Units"), (head, _("Units")), made, number),
        charts.trend(fast.name, head, labels, [fast], rate, scale=number),
    )
    return tuple(charts.with_csv(chart, file) for chart in drawn)


def trend_rows(points: Sequence[TrendPoint], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """Give the trend as rows of a file: from, to, hours in each state, units, utilisation."""
    for point in points:
        one = point.amounts
        seconds = (one.planned, one.breaks, one.working, one.idle, one.absent, one.unknown)
        yield (
            point.start.astimezone(zone).isoformat(),
            point.end.astimezone(zone).isoformat(),
            *(amount / SECOND for amount in seconds),
            one.units,
            "" if one.utilisation is None else round(one.utilisation, 6),
        )


def _whole_share(value: float) -> str:
    return f"{number(100 * value)} %"


TREND_HEADS: Final = (
    "from", "to", "planned_s", "breaks_s", "working_s", "idle_s", "absent_s", "unknown_s", "units", "utilisation",
)  # fmt: skip


def timeline_chart(
    spans: Iterable[Span], window: Stretch, plan: FactoryPlan, zone: ZoneInfo, zoom: Callable[[datetime], str]
) -> Chart:
    """Draw who did what when, a strip for each worker; `zoom` gives the address of the hour that a mark begins."""
    told = sorted(spans, key=lambda span: (span.worker, span.start))
    by_worker = {worker: list(ones) for worker, ones in groupby(told, lambda span: span.worker)}
    slots = max(_SLOTS[0], min(_SLOTS[1], _PIECES // max(1, len(by_worker))))
    rows = [_strip(worker, ones, window, plan, zone, slots) for worker, ones in by_worker.items()]
    rows.sort(key=lambda row: row.name.casefold())
    ticks = tuple(_linked(tick, window, zoom) for tick in charts.time_ticks(window.since, window.until, zone))
    keys = [(look, _(STATES[state])) for state, look in LOOKS.items()]
    if any(len(ones) > slots for ones in by_worker.values()):
        step = window.length // slots // timedelta(microseconds=1)
        keys.append(("", _("in steps of %(time)s: go nearer to see every change") % {"time": hours(step)}))
    heads = (_("Worker"), _("Station"), _("State"), _("From"), _("To"), _("Time"))
    written = [_table_row(span, plan, zone) for span in told[:_MOST_ROWS]]
    if len(told) > _MOST_ROWS:
        written.append(
            (_("%(n)s more in the file") % {"n": number(len(told) - _MOST_ROWS)}, *([""] * (len(heads) - 1)))
        )
    table = Table(heads, tuple(written))
    return charts.strips(_("Who did what when"), rows, ticks, table, tuple(keys))


def timeline_rows(spans: Iterable[Span], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """Give the pieces of a timeline as rows of a file."""
    for span in spans:
        start, end = (at.astimezone(zone).isoformat() for at in (span.start, span.end))
        yield span.worker, span.station, span.state.value, span.shift, start, end, span.length / SECOND


TIMELINE_HEADS: Final = ("worker", "station", "state", "shift", "from", "to", "seconds")


def _linked(tick: Tick, window: Stretch, zoom: Callable[[datetime], str]) -> Tick:
    return replace(tick, href=zoom(window.since + tick.at * window.length))


def _strip(worker: str, spans: Sequence[Span], window: Stretch, plan: FactoryPlan, zone: ZoneInfo, slots: int) -> Strip:
    pieces = _coarse(spans, window, slots) if len(spans) > slots else spans
    drawn = (_piece(span, window, plan, zone) for span in pieces if span.state in LOOKS)
    worked = sum(span.length for span in spans if span.state is ActivityState.WORKING)
    return Strip(
        plan.worker(worker).name,
        tuple(drawn),
        _("%(time)s working") % {"time": hours(worked)},
        FactoryFilter(worker=worker).url("/factory/worker"),
    )


def _piece(span: Span, window: Stretch, plan: FactoryPlan, zone: ZoneInfo) -> charts.Span:
    start, end = (charts.fraction(at, window.since, window.until) for at in (span.start, span.end))
    place = f", {plan.station(span.station).name}" if span.station else ""
    clocks = f"{span.start.astimezone(zone):%H:%M:%S} – {span.end.astimezone(zone):%H:%M:%S}"  # noqa: RUF001  a range
    return charts.Span(
        start, end, LOOKS[span.state], f"{_(STATES[span.state])}{place}, {clocks} ({hours(span.length)})"
    )


def _coarse(spans: Sequence[Span], window: Stretch, slots: int) -> list[Span]:
    """Return pieces of whole slots, each slot in the state that took most of it; like ones that touch are one piece."""
    slot = window.length / slots
    longest: dict[int, tuple[timedelta, Span]] = {}
    for span in spans:
        first, last = ((at - window.since) // slot for at in (span.start, span.end - timedelta(microseconds=1)))
        for n in range(max(0, first), min(slots - 1, last) + 1):
            start, end = max(span.start, window.since + n * slot), min(span.end, window.since + (n + 1) * slot)
            if n not in longest or end - start > longest[n][0]:
                longest[n] = end - start, span
    pieces: list[Span] = []
    for n, (_length, span) in sorted(longest.items()):
        start, end = window.since + n * slot, window.since + (n + 1) * slot
        before = pieces[-1] if pieces else None
        if before and before.end == start and (before.state, before.station) == (span.state, span.station):
            pieces[-1] = replace(before, end=end)
        else:
            pieces.append(replace(span, start=start, end=end))
    return pieces


def _table_row(span: Span, plan: FactoryPlan, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        plan.worker(span.worker).name,
        plan.station(span.station).name if span.station else "",
        _(STATES[span.state]),
        f"{span.start.astimezone(zone):%H:%M:%S}",
        f"{span.end.astimezone(zone):%H:%M:%S}",
        hours(span.length),
    )


def _step_head(step: Step) -> str:
    heads = {Step.HOUR: _("Hour"), Step.DAY: _("Day"), Step.WEEK: _("Week from"), Step.MONTH: _("Month")}
    return heads[step]


def _labels(points: Sequence[TrendPoint], step: Step, zone: ZoneInfo) -> list[str]:
    starts = [point.start.astimezone(zone) for point in points]
    if step is Step.HOUR:
        return [f"{start:%H:%M}" for start in starts]
    return [f"{start:%Y-%m}" if step is Step.MONTH else day_month(start) for start in starts]
