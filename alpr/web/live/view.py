"""Cameras on the wall: state in words, the last read, and how many stand side by side."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from alpr.status import CameraState, View
from alpr.web.reads.view import read_row
from alpr.web.system.cameras_view import camera_words, last_error
from alpr.web.view import Moment, moment, sentence
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.status import CameraStatus
    from alpr.store.reads import StoredRead
    from alpr.web.reads.view import ReadRow

_WIDE, _HIGH = 960, 540
_MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One camera on the wall."""

    name: str
    index: int
    href: str
    picture: str
    width: int
    height: int
    state: str
    shape: str
    pictured: bool
    """Whether the camera ever gave a picture."""
    lost: bool
    """Whether what the picture shows is past."""
    headline: str
    words: str
    since: Moment
    read: ReadRow | None
    unclear: bool
    """Whether it is live and does not see what it is there to see."""


@dataclass(frozen=True, slots=True)
class Wall:
    """All cameras, and the grid that they fill."""

    tiles: tuple[Tile, ...]
    columns: int
    rows: int

    @property
    def key(self) -> str:
        """Changes when cameras come or go, so that an open wall knows."""
        return hashlib.sha256("\n".join(tile.name for tile in self.tiles).encode()).hexdigest()[:12]


def tile(
    camera: CameraStatus, index: int, last: StoredRead | None, zone: ZoneInfo, now: datetime, *, pictured: bool
) -> Tile:
    """Show one camera with its last read; `pictured` says whether it ever gave a picture."""
    state, shape, words = camera_words(camera)
    unclear = camera.state is CameraState.LIVE and camera.view is not View.CLEAR
    since = moment(camera.view_since if unclear else camera.since, zone, now)
    wide = _WIDE if not camera.width else min(_WIDE, camera.width)
    high = _HIGH if not camera.width else round(camera.height * wide / camera.width)
    lost = camera.state is not CameraState.LIVE
    headline = ""
    if lost:
        headline = f"{sentence(state)} {since.ago}" if pictured else sentence(state)
    elif not pictured:
        headline, words = _("Waiting"), _("The camera is live; its first picture is on its way.")
    path = quote(camera.name, safe="")
    return Tile(
        name=camera.name,
        index=index,
        href=f"/live/{path}",
        picture=f"/live/{path}/picture.jpg",
        width=wide,
        height=high,
        state=state,
        shape=shape,
        pictured=pictured,
        lost=lost,
        headline=headline,
        words=last_error(camera) if lost and camera.error else words,
        since=since,
        read=read_row(last, zone, now) if last else None,
        unclear=unclear,
    )


def wall(tiles: Sequence[Tile]) -> Wall:
    """Arrange the tiles as near to a square as their count allows."""
    columns = min(_MOST_COLUMNS, math.ceil(math.sqrt(len(tiles)))) or 1
    return Wall(tuple(tiles), columns, math.ceil(len(tiles) / columns) or 1)
