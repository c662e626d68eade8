"""The reports: what is asked of the store, summed up by hour or day, as figures and as charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from litestar.exceptions import ValidationException

from alpr.domain import Kind
from alpr.iso6346 import size_type_words
from alpr.store import traffic
from alpr.store.traffic import Flow, Share, Sureness
from alpr.web.charts.drawing import Chart, Series, columns, histogram, trend, with_csv
from alpr.web.words.language import decimal, later, number
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alpr.store.database import Database

PRESETS: Final = {"": later("7 days"), "today": later("Today"), "month": later("30 days"), "quarter": later("90 days")}
_DAYS: Final = {"": 7, "today": 1, "month": 30, "quarter": 90}
_LONGEST: Final = 366
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CONTAINER_EDGES: Final = tuple(n * _HOUR for n in (0, 4, 12, 24, 48, 72, 120, 168, 336, 720))
VEHICLE_EDGES: Final = tuple(n * _MINUTE for n in (0, 5, 15, 30, 60, 120, 240, 480, 1440))
_OWNERS: Final = 12
NAMES: Final = ("containers", "vehicles", "balance", "dwell", "stays", "confidence", "sizes", "owners")
"""The charts, each with a CSV of this name."""

_T = TypeVar("_T", Flow, Sureness)


@dataclass(frozen=True, slots=True)
class Range:
    """Which days a report is about, both included, by the site's calendar."""

    when: str
    begin: date
    end: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.begin, time(), self.zone)

    @property
    def until(self) -> datetime:
        """When the last day is over."""
        return datetime.combine(self.end + _DAY, time(), self.zone)

    @property
    def by_hour(self) -> bool:
        """Whether the steps are hours: of a single day."""
        return self.begin == self.end

    @property
    def query(self) -> str:
        """The part of an address that means these days."""
        return f"when={self.when}" if self.when != "days" else f"from={self.begin}&to={self.end}"

    def steps(self) -> list[str]:
        """Return every step of the range, as `step_of` names it."""
        if self.by_hour:
            return [f"{hour:02d}:00" for hour in range(24)]
        return [(self.begin + n * _DAY).isoformat() for n in range((self.end - self.begin).days + 1)]

    def step_of(self, at: datetime) -> str:
        """Name the step that a moment lies in."""
        local = at.astimezone(self.zone)
        return f"{local.hour:02d}:00" if self.by_hour else local.date().isoformat()


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a range."""

    range: Range
    flow: Mapping[str, Flow]
    sureness: Mapping[str, Sureness]
    container_dwell: tuple[int, ...]
    vehicle_dwell: tuple[int, ...]
    sizes: tuple[Share, ...]
    owners: tuple[Share, ...]


def parse_range(when: str, begin: str, end: str, zone: ZoneInfo, now: datetime) -> Range:
    """Read what the address says; raises ValidationException."""
    today = now.astimezone(zone).date()
    if begin or end:
        try:
            first, last = (date.fromisoformat(text) if text else today for text in (begin, end))
        except ValueError as error:
            raise ValidationException("a day is written like 2026-03-01") from error
        if not timedelta() <= last - first < timedelta(days=_LONGEST):
            raise ValidationException(f"a report covers 1 to {_LONGEST} days, the first before the last")
        return Range("days", first, last, zone)
    if when not in _DAYS:
        raise ValidationException("unknown range")
    return Range(when, today - timedelta(days=_DAYS[when] - 1), today, zone)


async def report(db: Database, chosen: Range) -> Report:
    """Ask for all figures of a range."""
    span = chosen.since, chosen.until
    return Report(
        chosen,
        _stepped(chosen, await traffic.flow(db, *span), Flow),
        _stepped(chosen, await traffic.sureness(db, *span), Sureness),
        await traffic.dwell(db, Kind.CONTAINER, CONTAINER_EDGES, *span),
        await traffic.dwell(db, Kind.PLATE, VEHICLE_EDGES, *span),
        await traffic.sizes(db, *span),
        await traffic.owners(db, *span),
    )


def charts(found: Report) -> dict[str, Chart]:
    """Draw everything, each chart under its name."""
    step = _("Hour") if found.range.by_hour else _("Day")
    labels = [_short(key) for key in found.flow]
    flows = list(found.flow.values())
    drawn = {
        "containers": columns(
            _("Containers"), (step, _("Containers")), _bars(labels, [one.containers for one in flows])
        ),
        "vehicles": columns(_("Vehicles"), (step, _("Vehicles")), _bars(labels, [one.vehicles for one in flows])),
        "balance": _balance(step, labels, flows),
        "dwell": _dwell(_("Days on the site"), CONTAINER_EDGES, found.container_dwell),
        "stays": _dwell(_("Time inside"), VEHICLE_EDGES, found.vehicle_dwell),
        "confidence": trend(
            _("How sure containers were read"),
            step,
            labels,
            [Series(_("Mean confidence"), tuple(one.mean for one in found.sureness.values()), "first")],
            _share,
            top=1.0,
        ),
        "sizes": columns(
            _("Sizes and types"),
            (_("Size and type"), _("Containers")),
            [(share.key or _("unread"), share.containers) for share in found.sizes],
            number,
        ),
        "owners": columns(
            _("Owners"),
            (_("Owner"), _("Containers")),
            [(share.key, share.containers) for share in found.owners[:_OWNERS]],
            number,
        ),
    }
    return {name: with_csv(one, f"/reports/{name}.csv?{found.range.query}") for name, one in drawn.items()}


def _share(value: float) -> str:
    return f"{decimal(100 * value)} %"


def totals(found: Report) -> list[tuple[str, str]]:
    """Return what stands above the charts."""
    every = sum(found.flow.values(), Flow())
    sure = sum(found.sureness.values(), Sureness()).mean
    return [
        (_("Containers in"), number(every.containers_in)),
        (_("Containers out"), number(every.containers_out)),
        (_("Vehicles in"), number(every.vehicles_in)),
        (_("Vehicles out"), number(every.vehicles_out)),
        (_("Read with"), "–" if sure is None else _share(sure)),  # noqa: RUF001  nothing was read
    ]


def sheet(found: Report, name: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return the heads and rows of the file behind a chart; names and figures are those of the API, in English."""
    step = "hour" if found.range.by_hour else "day"
    flows: dict[str, Callable[[Flow], tuple[int, int, int]]] = {
        "containers": lambda one: (one.containers, one.containers_in, one.containers_out),
        "vehicles": lambda one: (one.vehicles, one.vehicles_in, one.vehicles_out),
    }
    if name in flows:
        return (step, name, "in", "out"), [(key, *flows[name](one)) for key, one in found.flow.items()]
    if name == "balance":
        running = _running([one.containers_in - one.containers_out for one in found.flow.values()])
        rows = zip(found.flow.items(), running, strict=True)
        heads = (step, "in", "out", "balance")
        return heads, [(key, one.containers_in, one.containers_out, left) for (key, one), left in rows]
    if name in {"dwell", "stays"}:
        edges, counts = (
            (CONTAINER_EDGES, found.container_dwell) if name == "dwell" else (VEHICLE_EDGES, found.vehicle_dwell)
        )
        ends = [*(str(edge // _MINUTE) for edge in edges[1:]), ""]
        beginnings = (edge // _MINUTE for edge in edges)
        return ("from_minutes", "to_minutes", "visits"), list(zip(beginnings, ends, counts, strict=True))
    if name == "confidence":
        rows_of: list[tuple[object, ...]] = [
            (key, one.reads, _rounded(one.mean)) for key, one in found.sureness.items()
        ]
        return (step, "reads", "mean_confidence"), rows_of
    if name == "sizes":
        return ("size_type", "meaning", "containers"), [
            (share.key, size_type_words(share.key), share.containers) for share in found.sizes
        ]
    return ("owner", "containers"), [(share.key, share.containers) for share in found.owners]


def _stepped(chosen: Range, found: Sequence[tuple[datetime, _T]], zero: Callable[[], _T]) -> dict[str, _T]:
    steps = {key: zero() for key in chosen.steps()}
    for at, value in found:
        key = chosen.step_of(at)
        steps[key] = steps[key] + value
    return steps


def _balance(step: str, labels: Sequence[str], flows: Sequence[Flow]) -> Chart:
    series = [
        Series(_("In"), tuple(one.containers_in for one in flows), "first"),
        Series(_("Out"), tuple(one.containers_out for one in flows), "second"),
    ]
    return trend(_("Containers in and out"), step, labels, series, number, top=4.0)


def _dwell(title: str, edges: Sequence[timedelta], counts: Sequence[int]) -> Chart:
    return histogram(title, (title, _("Visits")), [*map(_length, edges), _("more")], counts, number)


def _length(edge: timedelta) -> str:
    if edge < _HOUR:
        return _("%(n)s min") % {"n": edge // _MINUTE} if edge else "0"
    return _("%(n)s h") % {"n": edge // _HOUR} if edge < 2 * _DAY else _("%(n)s d") % {"n": edge // _DAY}


def _bars(labels: Sequence[str], values: Sequence[float]) -> list[tuple[str, float]]:
    return list(zip(labels, values, strict=True))


def _short(key: str) -> str:
    """Leave the year out: `03-01`."""
    return key[5:] if key.count("-") == 2 else key  # noqa: PLR2004  a day, not an hour


def _running(changes: Sequence[int]) -> list[int]:
    total, found = 0, []
    for change in changes:
        total += change
        found.append(total)
    return found


def _rounded(value: float | None) -> object:
    return "" if value is None else round(value, 4)
