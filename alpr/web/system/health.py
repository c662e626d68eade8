"""`/health`: one word for a watchdog, without login, without details."""

from dataclasses import dataclass

from litestar import get

from alpr.status import CameraState
from alpr.web.context import WebParts
from alpr.web.system.cameras_view import health_of


@dataclass(frozen=True, slots=True)
class Answer:
    """`ok`, or `degraded` while a camera that should be live is not."""

    status: str


@get("/health", opt={"public": True, "anonymous": True})
async def show_overall(web: WebParts) -> Answer:
    """Say whether all is well; the process answers, so the status code is 200 either way."""
    health = health_of(web.status)
    ended = sum(camera.state is CameraState.ENDED for camera in web.status.cameras.values())
    return Answer("ok" if health.live + ended == health.count else "degraded")
