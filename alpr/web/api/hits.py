"""`/api/v1/hits`: what lists said of reads, newest first."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter

from alpr.access import ListKind, Verdict
from alpr.store import hitpages
from alpr.store.hitpages import HitCursor, HitQuery, ReadHit
from alpr.web.api import parameters as given
from alpr.web.api.listshapes import HitShape, hit_shape
from alpr.web.api.problems import document, wrong
from alpr.web.context import WebParts

_BAD = document(HTTPStatus.BAD_REQUEST)
OfList: TypeAlias = Annotated[
    str | None, QueryParameter(name="list", max_length=80, description="Hits of this list alone, by its name.")
]
OfListKind: TypeAlias = Annotated[ListKind | None, QueryParameter(description="Hits of lists of this kind alone.")]
Applying: TypeAlias = Annotated[
    bool | None, QueryParameter(description="Whether the entry held at that time and gate; left out, both.")
]


@dataclass(frozen=True, slots=True)
class SeenHit:
    """A hit with the read that it is of."""

    read: str
    camera: str
    captured_at: datetime
    text: str
    verdict: Verdict | None
    hit: HitShape


@dataclass(frozen=True, slots=True)
class SeenHits:
    """A page of hits, newest read first; `next` is the `cursor` of the page that follows, null on the last one."""

    hits: list[SeenHit]
    next: str | None


@get("/hits", responses=_BAD, summary="Hits, newest first")
async def list_all_hits(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    of_list: OfList = None,
    kind: OfListKind = None,
    applies: Applying = None,
    camera: given.CameraName = None,
    since: given.Since = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> SeenHits:
    """Page through the entries that fitted reads, as they were then."""
    query = HitQuery(
        list_name=of_list,
        kind=kind,
        applies=applies,
        camera=camera,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        before=_parse_cursor(cursor),
        limit=limit + 1,
    )
    found = await hitpages.page(web.database, query)
    shown = found[:limit]
    return SeenHits([_shape(one) for one in shown], _cursor(shown[-1].cursor) if len(found) > limit else None)


def _shape(one: ReadHit) -> SeenHit:
    read = one.stored.read
    return SeenHit(read.id, read.camera, read.captured_at, read.text, one.stored.verdict, hit_shape(one.hit))


def _cursor(cursor: HitCursor) -> str:
    return base64.urlsafe_b64encode(f"{cursor.place} {cursor.ordinal}".encode()).decode().rstrip("=")


def _parse_cursor(text: str | None) -> HitCursor | None:
    if text is None:
        return None
    try:
        place, _, ordinal = (
            base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode().partition(" ")
        )
        found = HitCursor(int(place), int(ordinal))
    except (ValueError, binascii.Error) as error:
        raise wrong("cursor", "is not one that this API gave: begin without it") from error
    if not (0 <= found.place < 1 << 63 and 0 <= found.ordinal < 1 << 31):
        raise wrong("cursor", "is not one that this API gave: begin without it")
    return found
