"""`/cameras`: how every camera does, refreshed live."""

from typing import Any

from litestar import get
from litestar.response import Template

from alpr.domain import utc_now
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.page import is_fragment, page
from alpr.web.system.cameras_view import camera_card, health_of


@get("/cameras")
async def show_cameras(request: PageRequest, web: WebParts) -> Template:
    """Show the page, or only its cards when htmx refreshes them."""
    cards = _cards(web)
    if is_fragment(request):
        return Template("_cameras.html", context={"cameras": cards})
    return page(request, web, "cameras.html", here="cameras", cameras=cards)


@get("/cameras/health")
async def show_health(web: WebParts) -> Template:
    """Show the dots of the header."""
    for camera in web.status.cameras.values():
        web.rates.look(camera)
    return Template("_health.html", context={"health": health_of(web.status)})


def _cards(web: Web) -> list[Any]:
    now = utc_now()
    return [
        camera_card(camera, web.rates.look(camera), web.zone, now, pictured=web.live.watch(camera.name) is not None)
        for camera in web.status.cameras.values()
    ]
