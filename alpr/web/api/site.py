"""`/api/v1/cameras`, `/api/v1/statistics` and `/api/v1/health`."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import QueryParameter

from alpr import __version__
from alpr.domain import State, utc_now
from alpr.store import statistics
from alpr.store.statistics import Count
from alpr.web.api import parameters as given
from alpr.web.api.problems import document, wrong
from alpr.web.api.shapes import Cameras, camera_shape
from alpr.web.cameras_view import health_of
from alpr.web.context import WebParts

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
    reads, unread = Counter[str](), Counter[str]()
    key = _key_of(by, web.zone)
    for count in await statistics.quarters(web.database, begin, end, camera):
        reads[key(count)] += count.reads
        unread[key(count)] += count.reads if count.state is State.UNREAD else 0
    return Statistics(
        since=begin,
        until=end,
        timezone=str(web.zone),
        by=by,
        total=reads.total(),
        unread=unread.total(),
        counts=[Bucket(name, number, unread[name]) for name, number in reads.items()],
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


def _key_of(by: By, zone: ZoneInfo) -> Callable[[Count], str]:
    def hour(count: Count) -> str:
        return count.begins.astimezone(zone).replace(minute=0).isoformat()

    def day(count: Count) -> str:
        return count.begins.astimezone(zone).date().isoformat()

    return {
        By.HOUR: hour,
        By.DAY: day,
        By.CAMERA: lambda count: count.camera,
        By.KIND: lambda count: count.kind.value,
        By.STATE: lambda count: count.state.value,
    }[by]
