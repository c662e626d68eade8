"""`/live`: the wall of cameras. `/live/{camera}`: one of them, large, with its last reads."""

from http import HTTPStatus

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from alpr.domain import utc_now
from alpr.status import CameraState, CameraStatus
from alpr.store import reads
from alpr.store.reads import ReadQuery
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.gate.barriers import openers
from alpr.web.live.view import Tile, Wall, tile, wall
from alpr.web.page import page
from alpr.web.reads.view import ReadRow, read_row

_LAST_READS = 8


@get("/live")
async def show_wall(request: PageRequest, web: WebParts) -> Template:
    """Show a tile for every camera, and the last reads below where one row of tiles leaves room."""
    shown = await _wall(web)
    rows = await _last_reads(web) if shown.rows == 1 else None
    return page(request, web, "live.html", here="live", wall=shown, rows=rows, opens=openers(web, request.user))


@get("/live/state")
async def show_wall_state(web: WebParts, key: FromQuery[str] = "") -> Template | Response[None]:
    """Show what stands below and over the pictures; a wall whose cameras changed is told to load anew."""
    shown = await _wall(web)
    if shown.key != key:
        return Response(None, headers={"HX-Refresh": "true"})
    rows = await _last_reads(web) if shown.rows == 1 else None
    return Template("_wall_state.html", context={"wall": shown, "rows": rows})


@get("/live/{camera:str}")
async def show_camera(request: PageRequest, web: WebParts, camera: FromPath[str]) -> Template:
    """Show one camera as large as the window, with its last reads below."""
    status = _known(web, camera)
    shown = await _tile(web, status, 0)
    names = list(web.status.cameras)
    return page(
        request,
        web,
        "camera.html",
        here="live",
        wall=wall([shown]),
        tile=shown,
        rows=await _last_reads(web, camera),
        others=[name for name in names if name != camera],
        opens=openers(web, request.user),
    )


@get("/live/{camera:str}/state")
async def show_camera_state(web: WebParts, camera: FromPath[str]) -> Template:
    """Show what stands below and over one picture, and its last reads."""
    shown = await _tile(web, _known(web, camera), 0)
    return Template("_wall_state.html", context={"wall": wall([shown]), "rows": await _last_reads(web, camera)})


@get("/live/{camera:str}/picture.jpg")
async def show_picture(request: PageRequest, web: WebParts, camera: FromPath[str]) -> Response[bytes]:
    """Send the newest picture with what was found in it; nothing when the viewer has that one already."""
    made = await web.pictures.picture(_known(web, camera).name)
    if made is None:
        return Response(b"", status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
    etag = f'"{made.number}"'
    known = etag in request.headers.get("if-none-match", "")
    return Response(
        b"" if known else made.content,
        status_code=HTTPStatus.NOT_MODIFIED if known else HTTPStatus.OK,
        media_type="image/jpeg",
        headers={"ETag": etag, "Cache-Control": "private, no-cache"},
    )


def _known(web: Web, camera: str) -> CameraStatus:
    status = web.status.cameras.get(camera)
    if status is None:
        raise NotFoundException
    return status


async def _wall(web: Web) -> Wall:
    cameras = [camera for camera in web.status.cameras.values() if camera.state is not CameraState.DISABLED]
    return wall([await _tile(web, camera, index) for index, camera in enumerate(cameras)])


async def _tile(web: Web, camera: CameraStatus, index: int) -> Tile:
    last = await reads.page(web.database, ReadQuery(camera=camera.name, limit=1))
    pictured = web.live.watch(camera.name) is not None
    return tile(camera, index, last[0] if last else None, web.zone, utc_now(), pictured=pictured)


async def _last_reads(web: Web, camera: str | None = None) -> list[ReadRow]:
    found = await reads.page(web.database, ReadQuery(camera=camera, limit=_LAST_READS))
    return [read_row(stored, web.zone, utc_now()) for stored in found]
