"""`/api/v1/cameras`, `/api/v1/statistics` and `/api/v1/health`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from alpr import __version__
from alpr.domain import utc_now
from alpr.store import statistics
from alpr.store.statistics import Count
from alpr.web.api import parameters as given
from alpr.web.api.problems import document, wrong
from alpr.web.api.shapes import Cameras, camera_shape
from alpr.web.context import Web, WebParts
from alpr.web.system.cameras_view import health_of

_LONGEST = timedelta(days=366)
_USUAL = timedelta(days=7)


class By(StrEnum):
    """What to count for; hours and days are those of the site's time zone."""

    HOUR = "hour"
    DAY = "day"
    CAMERA = "camera"
    KIND = "kind"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many reads; `key` is a camera, kind or state, or when an hour or day begins, ISO 8601 in local time."""

    key: str
    reads: int
    unread: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of the reads from `since` until before `until`; what has no reads is left out."""

    since: datetime
    until: datetime
    timezone: str
    by: By
    total: int
    unread: int
    counts: list[Bucket]


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`, or `degraded` while a camera that should be live is not or nothing can be stored."""

    status: str
    version: str
    cameras: int
    live: int
    waiting_to_be_stored: int
    store_error: str


@get("/cameras", responses=document(), summary="All cameras")
async def list_cameras(web: WebParts) -> Cameras:
    """Give each camera's state, last error and counters."""
    return Cameras([camera_shape(camera) for camera in web.status.cameras.values()])


@get("/statistics", responses=document(HTTPStatus.BAD_REQUEST), summary="Counts of reads")
async def count_reads(
    web: WebParts,
    by: Annotated[By, QueryParameter(description="What to count for.")] = By.DAY,
    since: given.Since = None,
    until: given.Until = None,
    camera: given.CameraName = None,
) -> Statistics:
    """Count the reads of at most 366 days; without `since` of the seven days before `until`, by default until now."""
    end = given.zoned("until", until) or utc_now()
    try:
        begin = given.zoned("since", since) or end - _USUAL
    except OverflowError as error:
        raise wrong("until", "lies too far back") from error
    if not begin <= end:
        raise wrong("since", "lies after `until`")
    if end - begin > _LONGEST:
        raise wrong("since", f"lies more than {_LONGEST.days} days before `until`")
    counts = await _counts(web, by, begin, end, camera)
    every = sum(counts.values(), Count(0, 0))
    return Statistics(
        since=begin,
        until=end,
        timezone=str(web.zone),
        by=by,
        total=every.reads,
        unread=every.unread,
        counts=[Bucket(key, count.reads, count.unread) for key, count in counts.items()],
    )


@get("/health", responses=document(), summary="Whether all is well")
async def get_health(web: WebParts) -> Health:
    """Give the overall state in numbers."""
    health = health_of(web.status)
    well = health.live == health.count and not web.status.recorder_error
    return Health(
        "ok" if well else "degraded",
        __version__,
        health.count,
        health.live,
        web.status.recorder_queue,
        web.status.recorder_error,
    )


async def _counts(web: Web, by: By, begin: datetime, end: datetime, camera: str | None) -> dict[str, Count]:
    match by:
        case By.CAMERA:
            return dict(await statistics.by_facet(web.database, "camera", begin, end, camera))
        case By.KIND:
            return dict(await statistics.by_facet(web.database, "kind", begin, end, camera))
        case By.STATE:
            return dict(await statistics.by_facet(web.database, "state", begin, end, camera))
        case By.HOUR | By.DAY:
            counts: dict[str, Count] = {}
            for begins, count in await statistics.by_quarter(web.database, begin, end, camera):
                local = begins.astimezone(web.zone)
                key = local.replace(minute=0).isoformat() if by is By.HOUR else local.date().isoformat()
                counts[key] = counts.get(key, Count(0, 0)) + count
            return counts
