"""`/factory/workers`, `/factory/stations`: tables, also as CSV; `/factory/worker`, `/factory/station`: one of them."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Template

from alpr.domain import utc_now
from alpr.store import productivity
from alpr.web.auth.access import PageRequest
from alpr.web.charts.drawing import with_csv
from alpr.web.context import Web, WebParts
from alpr.web.factory.charts import step_of, timeline_chart, trend_charts, waterfall_chart
from alpr.web.factory.filter import FactoryFilter, name_chips, parse_factory, stretch
from alpr.web.factory.floor import last_hours, timeline_url, zoom_to
from alpr.web.factory.pages import bar, measured, narrow, plan_of, stations_known, workers_known
from alpr.web.factory.table import (
    STATION_COLUMNS,
    WORKER_COLUMNS,
    Row,
    columns,
    file_heads,
    file_rows,
    place_rows,
    station_rows,
    worker_rows,
)
from alpr.web.factory.view import figures, station_figures
from alpr.web.page import page
from alpr.web.tablefile import csv_answer
from alpr.web.words.language import gettext as _

_WORKERS: Final = "/factory/workers"
_STATIONS: Final = "/factory/stations"


@get(_WORKERS)
async def show_workers(request: PageRequest, web: WebParts) -> Template:
    """Show what each worker did."""
    if web.factory is None:
        return page(request, web, "factory_off.html", here="factory")
    chosen = parse_factory(request.query_params)
    return page(
        request,
        web,
        "factory_table.html",
        here="factory",
        title=_("Workers"),
        rows=await _workers(web, chosen),
        columns=columns(chosen, _WORKERS, _("Worker"), WORKER_COLUMNS),
        narrowing_chips=name_chips(chosen, _WORKERS, "station", await stations_known(web, web.factory)),
        file=chosen.url("/factory/workers.csv"),
        **bar(web.factory, chosen, _WORKERS, "workers"),
    )


@get(_STATIONS)
async def show_stations(request: PageRequest, web: WebParts) -> Template:
    """Show what was done at each station."""
    if web.factory is None:
        return page(request, web, "factory_off.html", here="factory")
    chosen = parse_factory(request.query_params)
    return page(
        request,
        web,
        "factory_table.html",
        here="factory",
        title=_("Stations"),
        rows=await _stations(web, chosen),
        columns=columns(chosen, _STATIONS, _("Station"), STATION_COLUMNS),
        narrowing_chips=name_chips(chosen, _STATIONS, "worker", await workers_known(web, web.factory)),
        file=chosen.url("/factory/stations.csv"),
        **bar(web.factory, chosen, _STATIONS, "stations"),
    )


@get("/factory/workers.csv")
async def export_workers(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send the table of workers as CSV."""
    rows = await _workers(web, parse_factory(request.query_params))
    return csv_answer("workers", file_heads(WORKER_COLUMNS, "worker"), file_rows(rows))


@get("/factory/stations.csv")
async def export_stations(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send the table of stations as CSV."""
    rows = await _stations(web, parse_factory(request.query_params))
    return csv_answer("stations", file_heads(STATION_COLUMNS, "station"), file_rows(rows))


@get("/factory/worker")
async def show_worker(request: PageRequest, web: WebParts) -> Template:
    """Show one worker: figures, where the time went, strips, where he worked."""
    return await _show_one(request, web, "worker")


@get("/factory/station")
async def show_station(request: PageRequest, web: WebParts) -> Template:
    """Show one station: figures, who was there, how it went."""
    return await _show_one(request, web, "station")


async def _show_one(request: PageRequest, web: Web, what: str) -> Template:
    plan, chosen, now = plan_of(web), parse_factory(request.query_params), utc_now()
    key, path = getattr(chosen, what), f"/factory/{what}"
    known = await (workers_known(web, plan) if what == "worker" else stations_known(web, plan))
    if key not in dict(known):
        raise NotFoundException
    window = stretch(chosen, web.zone, now)
    one = await measured(web, plan, chosen, window)
    step, hours = step_of(window), last_hours(window)
    points = await productivity.trend(web.database, plan, window.since, window.until, now, step, narrow(chosen))
    spans = await productivity.timeline(web.database, plan, hours.since, hours.until, now, narrow(chosen))
    current = await productivity.current(web.database, plan, now)
    values: dict[str, Any] = (
        {
            "figures": figures(one),
            "rows": place_rows(chosen, plan, one.stations),
            "columns": columns(chosen, path, _("Station"), WORKER_COLUMNS),
            "beside": _("At which stations"),
        }
        if what == "worker"
        else {
            "figures": station_figures(one, key),
            "rows": worker_rows(chosen, plan, one.workers, {each.worker: each for each in current}),
            "columns": columns(chosen, path, _("Worker"), WORKER_COLUMNS),
            "beside": _("Who worked there"),
        }
    )
    return page(
        request,
        web,
        "factory_one.html",
        here="factory",
        title=dict(known)[key],
        key=key,
        waterfall=waterfall_chart(one.total, chosen.url("/factory/waterfall.csv")),
        trends=trend_charts(points, step, web.zone, chosen.url("/factory/trend.csv")),
        timeline=with_csv(
            timeline_chart(spans, hours, plan, web.zone, zoom_to(chosen, web.zone)),
            timeline_url(chosen, web.zone, hours.since, 24, "/factory/timeline.csv"),
        ),
        timeline_url=timeline_url(chosen, web.zone, None, 12),
        **values,
        **bar(plan, chosen, path, f"{what}s"),
    )


async def _workers(web: Web, chosen: FactoryFilter) -> tuple[Row, ...]:
    plan, now = plan_of(web), utc_now()
    one = await measured(web, plan, chosen, stretch(chosen, web.zone, now))
    current = await productivity.current(web.database, plan, now)
    return worker_rows(chosen, plan, one.workers, {each.worker: each for each in current})


async def _stations(web: Web, chosen: FactoryFilter) -> tuple[Row, ...]:
    plan, now = plan_of(web), utc_now()
    one = await measured(web, plan, chosen, stretch(chosen, web.zone, now))
    return station_rows(chosen, plan, one.stations, await productivity.current(web.database, plan, now))
