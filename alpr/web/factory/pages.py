"""`/factory`: its figures, who does what now, where the time goes and how it went; live by `/factory/events`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Template

from alpr.activity import FactoryPlan
from alpr.domain import utc_now
from alpr.site.factory.ledger import Narrow
from alpr.site.factory.productivity import Productivity
from alpr.store import activitynames, activitysources, productivity
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.factory.charts import (
    TREND_HEADS,
    WATERFALL_HEADS,
    step_of,
    trend_charts,
    trend_rows,
    waterfall_chart,
    waterfall_rows,
)
from alpr.web.factory.filter import FactoryFilter, Stretch, name_chips, parse_factory, stretch, when_chips
from alpr.web.factory.view import clock_words, doing, figures
from alpr.web.page import is_fragment, page
from alpr.web.tablefile import csv_answer


@get("/factory")
async def show_factory(request: PageRequest, web: WebParts) -> Template:
    """Show the factory in a window of time; a fragment is the part that follows the events."""
    if web.factory is None:
        return page(request, web, "factory_off.html", here="factory")
    chosen, now = parse_factory(request.query_params), utc_now()
    window = stretch(chosen, web.zone, now)
    one = await measured(web, web.factory, chosen, window)
    current = await productivity.current(web.database, web.factory, now)
    values: dict[str, Any] = {
        "figures": figures(one),
        "doing": doing(current, web.factory, web.zone, now),
        "here_url": chosen.url("/factory"),
        "clocks": clock_words(await activitysources.everyone(web.database)),
    }
    if is_fragment(request):
        return Template("_factory_now.html", context=values)
    values |= await _charts(web, web.factory, chosen, window, one)
    return page(
        request, web, "factory.html", here="factory", **values, **bar(web.factory, chosen, "/factory", "factory")
    )


async def _charts(
    web: Web, plan: FactoryPlan, chosen: FactoryFilter, window: Stretch, one: Productivity
) -> dict[str, Any]:
    step = step_of(window)
    points = await productivity.trend(web.database, plan, window.since, window.until, utc_now(), step, narrow(chosen))
    return {
        "waterfall": waterfall_chart(one.total, chosen.url("/factory/waterfall.csv")),
        "trends": trend_charts(points, step, web.zone, chosen.url("/factory/trend.csv")),
        "nothing": not one.total.known and not one.total.units,
    }


@get("/factory/trend.csv")
async def export_trend(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send the trend of a window as CSV."""
    plan = plan_of(web)
    chosen, now = parse_factory(request.query_params), utc_now()
    window = stretch(chosen, web.zone, now)
    step = step_of(window)
    points = await productivity.trend(web.database, plan, window.since, window.until, now, step, narrow(chosen))
    return csv_answer("factory trend", TREND_HEADS, trend_rows(points, web.zone))


@get("/factory/waterfall.csv")
async def export_waterfall(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send what became of the planned time as CSV."""
    plan, chosen = plan_of(web), parse_factory(request.query_params)
    one = await measured(web, plan, chosen, stretch(chosen, web.zone, utc_now()))
    return csv_answer("factory waterfall", WATERFALL_HEADS, waterfall_rows(one.total))


def plan_of(web: Web) -> FactoryPlan:
    """Return the plan; raises NotFoundException where the factory is switched off."""
    if web.factory is None:
        raise NotFoundException
    return web.factory


def narrow(chosen: FactoryFilter) -> Narrow:
    """Ask for these parts of the factory alone."""
    return Narrow(worker=chosen.worker, station=chosen.station, shift=chosen.shift)


async def measured(web: Web, plan: FactoryPlan, chosen: FactoryFilter, window: Stretch) -> Productivity:
    """Return the figures of a window."""
    return await productivity.measured(web.database, plan, window.since, window.until, utc_now(), narrow(chosen))


async def workers_known(web: Web, plan: FactoryPlan) -> list[tuple[str, str]]:
    """Return key and name of every worker."""
    return [(key, plan.worker(key).name) for key in await activitynames.workers(web.database)]


async def stations_known(web: Web, plan: FactoryPlan) -> list[tuple[str, str]]:
    """Return key and name of every station."""
    return [(key, plan.station(key).name) for key in await activitynames.stations(web.database)]


def bar(plan: FactoryPlan, chosen: FactoryFilter, path: str, tab: str) -> dict[str, Any]:
    """Return what the bar above every page of the factory needs: days, shifts, tabs."""
    unsorted = replace(chosen, sort="")
    return {
        "tab": tab,
        "chosen": chosen,
        "tabs_of": unsorted,
        "path": path,
        "whens": when_chips(chosen, path),
        "shifts": name_chips(chosen, path, "shift", [(shift.name, shift.name) for shift in plan.shifts]),
    }
