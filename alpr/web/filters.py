"""The filters of the list of reads, as they stand in the address, and the chips that change them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from litestar.exceptions import ValidationException

from alpr.domain import Kind, State
from alpr.store.reads import Cursor, ReadQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST_TEXT = 32
_STATES = ((State.PREVIEW, "Passing now", ""), (State.FINAL, "Complete", ""), (State.UNREAD, "Unread", "unread"))


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Which reads to show; empty means all."""

    camera: str = ""
    kind: str = ""
    state: str = ""
    q: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.camera or self.kind or self.state or self.q)

    def url(self, path: str = "/reads", **extra: str) -> str:
        """Return the address of these reads."""
        pairs = {"camera": self.camera, "kind": self.kind, "state": self.state, "q": self.q, **extra}
        query = urlencode({key: value for key, value in pairs.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter above the list: a link that switches it."""

    words: str
    href: str
    chosen: bool
    icon: str = ""


def parse_filter(query: Mapping[str, str]) -> ReadFilter:
    """Check what the query string says; raises ValidationException on an unknown kind or state."""
    camera, kind, state, q = (query.get(name, "") for name in ("camera", "kind", "state", "q"))
    if (kind and kind not in set(Kind)) or (state and state not in set(State)):
        raise ValidationException("unknown kind or state")
    return ReadFilter(camera[:64], kind, state, " ".join(q.split())[:_MOST_TEXT])


def read_query(chosen: ReadFilter, before: Cursor | None, limit: int) -> ReadQuery:
    """Ask the store for these reads."""
    return ReadQuery(
        camera=chosen.camera or None,
        kind=Kind(chosen.kind) if chosen.kind else None,
        state=State(chosen.state) if chosen.state else None,
        text=chosen.q or None,
        before=before,
        limit=limit,
    )


def parse_cursor(text: str) -> Cursor | None:
    """Read the place of a page from the address; raises ValidationException."""
    if not text:
        return None
    at, _, read_id = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise ValidationException("this page address is broken") from error
    if moment.tzinfo is None or not read_id:
        raise ValidationException("this page address is broken")
    return Cursor(moment, read_id)


def cursor_text(cursor: Cursor) -> str:
    """Write the place of a page for the address."""
    return f"{cursor.captured_at.isoformat()}_{cursor.id}"


def chips(chosen: ReadFilter, cameras: Iterable[str]) -> list[Chip]:
    """Offer the filters: a chosen one takes itself away."""
    offered = [Chip(f"Like {chosen.q}", replace(chosen, q="").url(), chosen=True)] if chosen.q else []
    for state, words, icon in _STATES:
        on = chosen.state == state.value
        offered.append(Chip(words, replace(chosen, state="" if on else state.value).url(), on, icon))
    for camera in dict.fromkeys([*cameras, *filter(None, [chosen.camera])]):
        on = chosen.camera == camera
        offered.append(Chip(camera, replace(chosen, camera="" if on else camera).url(), on, "cameras"))
    return offered
