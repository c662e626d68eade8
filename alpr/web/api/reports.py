"""`/api/v1/reports`: the figures of the reports page; `/api/v1/metrics`: the state of the site for Prometheus."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final

from litestar import Response, get
from litestar.params import QueryParameter
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from alpr.domain import utc_now
from alpr.site.yard.demurrage import free_before
from alpr.status import CameraState
from alpr.store import traffic, yard
from alpr.store.traffic import Sureness
from alpr.web.api.problems import document
from alpr.web.context import Web, WebParts
from alpr.web.reports.view import NAMES, parse_range, report, sheet

_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Figures:
    """One chart as a table: each row has a value for each of `heads`."""

    name: str
    heads: list[str]
    rows: list[list[str | float]]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of the days from `begin` to `end`, both included; by hours of a single day, else by days."""

    begin: date
    end: date
    timezone: str
    figures: list[Figures]


@get("/reports", responses=document(HTTPStatus.BAD_REQUEST), summary="The figures of the reports")
async def get_report(
    web: WebParts,
    begin: Annotated[str, QueryParameter(name="from", max_length=10, description="First day, 2026-03-01.")] = "",
    end: Annotated[str, QueryParameter(name="to", max_length=10, description="Last day; by default today.")] = "",
) -> Report:
    """Give containers and vehicles by time, dwell, balance, sureness, sizes and owners; by default of 7 days."""
    chosen = parse_range("", begin, end, web.zone, utc_now())
    found = await report(web.database, chosen)
    figures = [_figures(name, *sheet(found, name)) for name in NAMES]
    return Report(chosen.begin, chosen.end, str(web.zone), figures)


@get("/metrics", responses=document(), summary="The state of the site for Prometheus", media_type=_FORMAT)
async def get_metrics(web: WebParts) -> Response[bytes]:
    """Give gauges and counters in Prometheus' text format; scrape with a token as `Authorization: Bearer`."""
    registry = CollectorRegistry()
    await _yard(registry, web)
    _cameras(registry, web)
    # Litestar would append the character set to a media type of text once more.
    return Response(generate_latest(registry), headers={"content-type": _FORMAT})


async def _yard(registry: CollectorRegistry, web: Web) -> None:
    now, tariff = utc_now(), web.tariff()
    totals = await yard.totals(web.database, free_before(tariff, now, web.zone), now - tariff.overstay)
    inside = Gauge("alpr_yard_containers", "Containers on the site.", ["feet"], registry=registry)
    for feet, count in totals.by_feet.items():
        inside.labels(str(feet) if feet else "other").set(count)
    Gauge("alpr_yard_over_free_time", "Containers whose free days are over.", registry=registry).set(totals.over_free)
    long = Gauge("alpr_yard_overstaying", "Containers that stand too long.", registry=registry)
    long.set(totals.overstaying)
    today = parse_range("today", "", "", web.zone, now)
    passed = Gauge("alpr_passed_today", "What passed since midnight.", ["what", "direction"], registry=registry)
    for _, one in await traffic.flow(web.database, today.since, today.until):
        passed.labels("container", "in").inc(one.containers_in)
        passed.labels("container", "out").inc(one.containers_out)
        passed.labels("vehicle", "in").inc(one.vehicles_in)
        passed.labels("vehicle", "out").inc(one.vehicles_out)
    sure = await traffic.sureness(web.database, today.since, today.until)
    if (mean := sum((one for _, one in sure), Sureness()).mean) is not None:
        told = Gauge("alpr_container_confidence", "Mean confidence of today's container reads.", registry=registry)
        told.set(mean)


def _cameras(registry: CollectorRegistry, web: Web) -> None:
    live = Gauge("alpr_camera_live", "1 while the camera is live.", ["camera"], registry=registry)
    reads = Gauge("alpr_camera_reads", "Reads since the start of the program.", ["camera"], registry=registry)
    for camera in web.status.cameras.values():
        live.labels(camera.name).set(camera.state is CameraState.LIVE)
        reads.labels(camera.name).set(camera.reads)
    waiting = Gauge("alpr_recorder_queue", "Recordings that wait to be stored.", registry=registry)
    waiting.set(web.status.recorder_queue)


def _figures(name: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> Figures:
    plain = [[cell if isinstance(cell, int | float) else str(cell) for cell in row] for row in rows]
    return Figures(name, list(heads), plain)
