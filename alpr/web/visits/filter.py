"""The filters of the list of visits, as they stand in the address, and the chips that change them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from litestar.exceptions import ValidationException

from alpr.domain import Kind
from alpr.stay import VisitState
from alpr.store.visits import StoredVisit, VisitCursor, VisitQuery
from alpr.web.reads.filter_chips import Chip
from alpr.web.view import sentence
from alpr.web.visits.view import STATES
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alpr.web.auth.access import PageRequest

PAGE: Final = 50
_MOST_TEXT: Final = 32
_MOST_NAME: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES: Final = {"today": later("Today"), "yesterday": later("Yesterday"), "week": later("7 days")}
_NAMES: Final = ("q", "when", "state", "kind", "list", "camera", "before")


def said_of(request: PageRequest) -> dict[str, str]:
    """Return what the address narrows, checked; raises ValidationException."""
    query = request.query_params
    said = {name: " ".join(query.get(name, "").split()) for name in _NAMES}
    known = {"when": _TIMES, "state": set(VisitState), "kind": {Kind.PLATE.value, Kind.CONTAINER.value}}
    for name, values in known.items():
        if said[name] and said[name] not in values:
            raise ValidationException(f"unknown {name}")
    return {name: value[: _MOST_TEXT if name == "q" else _MOST_NAME] for name, value in said.items() if value}


def query_of(said: dict[str, str], zone: ZoneInfo, now: datetime) -> VisitQuery:
    """Return which visits those are, and one more than a page shows."""
    since, until = between(said.get("when", ""), zone, now)
    return VisitQuery(
        text=said.get("q"),
        kind=Kind(said["kind"]) if "kind" in said else None,
        state=VisitState(said["state"]) if "state" in said else None,
        list_name=said.get("list"),
        camera=said.get("camera"),
        since=since,
        until=until,
        before=_cursor(said["before"]) if "before" in said else None,
        limit=PAGE + 1,
    )


def between(when: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a preset lasts, by the site's calendar; None where it is open."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    if when == "today":
        return midnight.astimezone(UTC), None
    if when == "yesterday":
        begins = datetime.combine(midnight.date() - timedelta(days=1), time(), zone)
        return begins.astimezone(UTC), midnight.astimezone(UTC)
    return (now - timedelta(days=7), None) if when == "week" else (None, None)


def chips_of(said: dict[str, str]) -> list[list[Chip]]:
    """Offer the filters in groups: a chosen one takes itself away, another of its group takes its place."""
    like = (
        [Chip(_("Like %(text)s") % {"text": said["q"]}, address_of(_but(said, "q")), chosen=True)]
        if "q" in said
        else []
    )
    groups = [
        like,
        [_chip(said, "when", value, _(words)) for value, words in _TIMES.items()],
        [_chip(said, "state", state.value, sentence(_(words))) for state, words in STATES.items()],
        [
            _chip(said, "kind", Kind.PLATE.value, _("Vehicles")),
            _chip(said, "kind", Kind.CONTAINER.value, _("Containers")),
        ],
        [_chip(said, name, said[name], said[name]) for name in ("list", "camera") if name in said],
    ]
    return [group for group in groups if group]


def _chip(said: dict[str, str], name: str, value: str, words: str) -> Chip:
    on = said.get(name) == value
    return Chip(words, address_of(_but(said, name) | ({} if on else {name: value})), on)


def _but(said: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in said.items() if key != name}


def address_of(said: dict[str, str]) -> str:
    """Return the address of these visits."""
    return f"/visits?{urlencode(said)}" if said else "/visits"


def place_of(one: StoredVisit) -> str:
    """Write where the next page begins."""
    began = one.visit.entered or one.visit.left or one.visit.last_seen
    return f"{(began - _EPOCH) // timedelta(microseconds=1)} {one.visit.id}"


def _cursor(text: str) -> VisitCursor:
    number, _space, last = text.partition(" ")
    try:
        return VisitCursor(_EPOCH + timedelta(microseconds=int(number)), last)
    except (ValueError, OverflowError) as error:
        raise ValidationException("this page address is broken") from error
