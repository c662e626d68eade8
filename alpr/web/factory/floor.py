"""`/factory/timeline`: who did what when, for an hour to a day, with links that go earlier, later, nearer, away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.exceptions import ValidationException
from litestar.response import Template

from alpr.domain import utc_now
from alpr.store import productivity
from alpr.web.auth.access import PageRequest
from alpr.web.charts.drawing import with_csv
from alpr.web.context import WebParts
from alpr.web.factory.charts import TIMELINE_HEADS, timeline_chart, timeline_rows
from alpr.web.factory.filter import FactoryFilter, Stretch, name_chips, parse_factory
from alpr.web.factory.pages import bar, narrow, plan_of, stations_known, workers_known
from alpr.web.page import page
from alpr.web.reads.filter_chips import Chip
from alpr.web.tablefile import csv_answer
from alpr.web.words.language import gettext as _

_PATH: Final = "/factory/timeline"
_HOURS: Final = (1, 4, 12, 24)
_USUAL: Final = 12
_DAY: Final = timedelta(days=1)


@get(_PATH)
async def show_timeline(request: PageRequest, web: WebParts) -> Template:
    """Show a strip for each worker over some hours, the last ones unless the address says which."""
    if web.factory is None:
        return page(request, web, "factory_off.html", here="factory")
    plan, now = web.factory, utc_now()
    chosen, span = parse_factory(request.query_params), _span(request.query_params)
    begin = _begin(request.query_params, web.zone)
    window = _window(begin, span, now)
    spans = await productivity.timeline(web.database, plan, window.since, window.until, now, narrow(chosen))
    drawn = timeline_chart(spans, window, plan, web.zone, zoom_to(chosen, web.zone))
    return page(
        request,
        web,
        "factory_timeline.html",
        here="factory",
        timeline=with_csv(drawn, timeline_url(chosen, web.zone, begin, span, f"{_PATH}.csv")),
        begin=window.since.astimezone(web.zone),
        end=window.until.astimezone(web.zone),
        span=span,
        spans=[
            Chip(_("%(n)s h") % {"n": n}, timeline_url(chosen, web.zone, begin and _around(window, n), n), n == span)
            for n in _HOURS
        ],
        earlier=timeline_url(chosen, web.zone, window.since - window.length, span),
        later=timeline_url(chosen, web.zone, window.until, span) if window.until < now else "",
        newest=timeline_url(chosen, web.zone, None, span) if begin else "",
        workers=name_chips(chosen, _PATH, "worker", await workers_known(web, plan)),
        stations=name_chips(chosen, _PATH, "station", await stations_known(web, plan)),
        **bar(plan, chosen, _PATH, "timeline"),
    )


@get("/factory/timeline.csv")
async def export_timeline(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send the pieces of a timeline as CSV."""
    plan, now, chosen = plan_of(web), utc_now(), parse_factory(request.query_params)
    window = _window(_begin(request.query_params, web.zone), _span(request.query_params), now)
    spans = await productivity.timeline(web.database, plan, window.since, window.until, now, narrow(chosen))
    return csv_answer("timeline", TIMELINE_HEADS, timeline_rows(spans, web.zone))


def last_hours(window: Stretch) -> Stretch:
    """Return the end of a window, a day of it at most: what strips can show."""
    return Stretch(max(window.since, window.until - _DAY), window.until)


def zoom_to(chosen: FactoryFilter, zone: ZoneInfo) -> Callable[[datetime], str]:
    """Return the address of the hour that begins at a time."""
    return lambda at: timeline_url(chosen, zone, at, 1)


def timeline_url(chosen: FactoryFilter, zone: ZoneInfo, begin: datetime | None, span: int, path: str = _PATH) -> str:
    """Return the address of so many hours from a time on, of the last ones without a time."""
    pairs = [pair for pair in chosen.pairs if pair[0] in {"worker", "station", "shift"}]
    if begin is not None:
        pairs.append(("at", f"{begin.astimezone(zone):%Y-%m-%dT%H:%M}"))
    if span != _USUAL:
        pairs.append(("span", str(span)))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _window(begin: datetime | None, span: int, now: datetime) -> Stretch:
    since = now - timedelta(hours=span) if begin is None else begin
    return Stretch(since, since + timedelta(hours=span))


def _around(window: Stretch, hours: int) -> datetime:
    """Return where a window of other length begins that has the same middle."""
    return window.since + window.length / 2 - timedelta(hours=hours) / 2


def _span(query: Mapping[str, str]) -> int:
    text = query.get("span", str(_USUAL))
    if text not in {str(n) for n in _HOURS}:
        raise ValidationException("unknown span")
    return int(text)


def _begin(query: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """Read a time of the site's clock; raises ValidationException."""
    if not (text := query.get("at", "")):
        return None
    try:
        at = datetime.fromisoformat(text[:16])
        return at.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValidationException("unknown time") from error
