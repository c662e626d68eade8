"""`/api/v1/reads` and `/api/v1/search`: lists, one read, its looks and pictures."""

from dataclasses import replace
from http import HTTPStatus

from litestar import Response, get
from litestar.datastructures import ETag
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from alpr.store import reads
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.store.search import match
from alpr.web.api import parameters as given
from alpr.web.api.narrowing import NARROWED, Narrowed
from alpr.web.api.problems import document
from alpr.web.api.shapes import (
    Looks,
    Read,
    Reads,
    SearchResult,
    found_shape,
    look_shape,
    read_shape,
)
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.reads import pictures

_BAD = document(HTTPStatus.BAD_REQUEST)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_JPEG = "image/jpeg"


@get("/reads", dependencies=NARROWED, responses=_BAD, summary="Reads, newest first")
async def list_reads(web: WebParts, narrowed: Narrowed, *, cursor: given.Next = None, limit: given.Limit = 50) -> Reads:
    """Page through the reads that fit all filters."""
    query = replace(narrowed, before=given.parse_cursor(cursor), limit=limit)
    shown, following = await _page(web, query)
    return Reads([read_shape(stored) for stored in shown], following)


@get("/search", responses=_BAD, summary="Find reads by their text")
async def search_reads(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    q: given.Query,
    mode: given.HowMuch = None,
    look_alikes: given.LookAlikes = True,
    camera: given.CameraName = None,
    since: given.Since = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> SearchResult:
    """Find reads and say of each why it fits, such as `matched with O=0`."""
    pattern = given.pattern_of("q", q, mode, look_alikes=look_alikes)
    query = ReadQuery(
        text=pattern,
        camera=camera,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        before=given.parse_cursor(cursor),
        limit=limit,
    )
    shown, following = await _page(web, query)
    why = ((stored, match(pattern, stored.read.text)) for stored in shown)
    return SearchResult([found_shape(stored, reason) for stored, reason in why if reason is not None], following)


@get("/reads/{read_id:str}", responses=_GONE, summary="One read")
async def get_read(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Response[Read]:
    """Give one read; with `If-None-Match` only when it has changed."""
    stored = await _stored(web, read_id)
    tag = ETag(value=f"{int(stored.updated_at.timestamp() * 1_000_000):x}")
    headers = {"ETag": tag.to_header(), "Cache-Control": "private, no-cache"}
    if tag.to_header() in request.headers.get("if-none-match", ""):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)  # type: ignore[arg-type]  # no body
    return Response(read_shape(stored), headers=headers)


@get("/reads/{read_id:str}/looks", responses=_GONE, summary="The looks of one read")
async def list_looks(web: WebParts, read_id: FromPath[str]) -> Looks:
    """Give the looks that were fused into the read."""
    await _stored(web, read_id)
    return Looks([look_shape(read_id, look) for look in await reads.looks(web.database, read_id)])


@get("/reads/{read_id:str}/frame.jpg", responses=_GONE, summary="The frame", media_type=_JPEG)
async def get_frame(
    request: PageRequest, web: WebParts, read_id: FromPath[str], v: FromQuery[str] = ""
) -> Response[bytes]:
    """Send the frame that the text was read from, as stored."""
    response: Response[bytes] = await pictures.show_frame.fn(request, web, read_id, v)
    return response


@get("/reads/{read_id:str}/crop.jpg", responses=_GONE, summary="The crop", media_type=_JPEG)
async def get_crop(
    request: PageRequest, web: WebParts, read_id: FromPath[str], v: FromQuery[str] = ""
) -> Response[bytes]:
    """Send the crop of the plate, or of the vehicle that could not be read, as stored."""
    response: Response[bytes] = await pictures.show_crop.fn(request, web, read_id, v)
    return response


@get("/reads/{read_id:str}/looks/{name:str}", responses=_GONE, summary="The crop of one look", media_type=_JPEG)
async def get_look(request: PageRequest, web: WebParts, read_id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Send the small crop of a look, `<ordinal>.jpg`."""
    response: Response[bytes] = await pictures.show_look.fn(request, web, read_id, name)
    return response


async def _page(web: Web, query: ReadQuery) -> tuple[tuple[StoredRead, ...], str | None]:
    """Return a page of reads and where the next one begins."""
    found = await reads.page(web.database, replace(query, limit=query.limit + 1))
    shown = found[: query.limit]
    if len(found) <= query.limit:
        return shown, None
    last = shown[-1].read
    return shown, given.cursor_text(Cursor(last.captured_at, last.id))


async def _stored(web: Web, read_id: str) -> StoredRead:
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    return stored
