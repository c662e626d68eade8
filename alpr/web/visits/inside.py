"""`/inside`: who is inside now, and how full it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from litestar import get
from litestar.exceptions import ValidationException
from litestar.response import Template

from alpr.domain import Kind, utc_now
from alpr.store import visits
from alpr.store.visits import Occupancy, StoredVisit, VisitQuery
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.page import is_fragment, page
from alpr.web.reads.filter_chips import Chip
from alpr.web.visits.view import Known, known_of, lists_of, stays_long, visit_row
from alpr.web.words.language import gettext as _

_SHOWN: Final = 100
"""So many are shown until all are asked for: the page is made anew every few seconds."""
MOST: Final = 2000
"""And so many at most; whoever has more inside narrows by list or zone."""
_MOST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Fill:
    """How full something is."""

    name: str
    href: str
    count: int
    capacity: int
    percent: int
    """Of the capacity, 100 at most; 0 where nobody knows it."""
    full: bool


@dataclass(frozen=True, slots=True)
class InsideFilter:
    """Who of those inside to show; empty means all."""

    kind: str = ""
    list_name: str = ""
    zone: str = ""
    long: bool = False
    every: bool = False
    """However many there are."""

    @property
    def pairs(self) -> dict[str, str]:
        """What is narrowed, as it stands in the address."""
        said = {"kind": self.kind, "list": self.list_name, "zone": self.zone, "long": "1" if self.long else ""}
        return {name: value for name, value in said.items() if value}

    def url(self, path: str = "/inside") -> str:
        """Return the address that shows them."""
        said = self.pairs | ({"every": "1"} if self.every and path == "/inside" else {})
        return f"{path}?{urlencode(said)}" if said else path


@get("/inside")
async def show_inside(request: PageRequest, web: WebParts) -> Template:
    """Show who is inside, who came last first; or only what htmx refreshes."""
    chosen = inside_filter(request)
    now = utc_now()
    found, known = await found_inside(web, chosen, now, MOST if chosen.every else _SHOWN + 1)
    shown = found if chosen.every else found[:_SHOWN]
    counted = await visits.occupancy(web.database)
    values = {
        "rows": [visit_row(web, one, known, now) for one in shown],
        "every": replace(chosen, every=True).url() if len(found) > len(shown) else "",
        "chips": _chips(chosen, counted),
        "fills": _fills(web, counted),
        "chosen": chosen,
        "address": chosen.url(),
        "roll": chosen.url("/inside/roll"),
        "csv": chosen.url("/inside.csv"),
    }
    if is_fragment(request) and not request.headers.get("hx-boosted"):
        return Template("_inside.html", context=values)
    return page(request, web, "inside.html", here="inside", **values)


def inside_filter(request: PageRequest) -> InsideFilter:
    """Return what the address narrows; raises ValidationException."""
    query = request.query_params
    kind = query.get("kind", "")
    if kind and kind not in {Kind.PLATE, Kind.CONTAINER}:
        raise ValidationException("unknown kind")
    return InsideFilter(
        kind=kind,
        list_name=query.get("list", "")[:_MOST_NAME],
        zone=query.get("zone", "")[:_MOST_NAME],
        long=query.get("long", "") == "1",
        every=query.get("every", "") == "1",
    )


async def found_inside(
    web: Web, chosen: InsideFilter, now: datetime, limit: int = MOST
) -> tuple[list[StoredVisit], Known]:
    """Return who is inside, at most so many, who came last first, with the entries that know them."""
    query = VisitQuery(
        kind=Kind(chosen.kind) if chosen.kind else None,
        list_name=chosen.list_name or None,
        zone=chosen.zone or None,
        limit=limit,
    )
    if chosen.long:
        shortest = web.visits.room.shortest
        if shortest is None:
            return [], {}
        query = replace(query, entered_before=now - shortest, limit=MOST)
    found = await visits.inside(web.database, query)
    known = await known_of(web, found)
    if not chosen.long:
        return list(found), known
    return [one for one in found if stays_long(web, one, lists_of(one, known), now)][:limit], known


def _chips(chosen: InsideFilter, counted: Occupancy) -> list[list[Chip]]:
    kinds = {Kind.PLATE.value: _("Vehicles"), Kind.CONTAINER.value: _("Containers")}
    # Lists and zones have their cards above: only the chosen one stands here, to be taken away.
    groups = [
        [_chip(chosen, "long", "1", _("Too long"), "clock")],
        [_chip(chosen, "kind", kind, words) for kind, words in kinds.items()] if len(counted.kinds) > 1 else [],
        [_chip(chosen, "list", name, name, "lists") for name in filter(None, [chosen.list_name])],
        [_chip(chosen, "zone", name, name) for name in filter(None, [chosen.zone])],
    ]
    return [group for group in groups if group]


def _chip(chosen: InsideFilter, name: str, value: str, words: str, icon: str = "") -> Chip:
    pairs = chosen.pairs
    on = pairs.get(name) == value
    others = {key: said for key, said in pairs.items() if key != name} | ({} if on else {name: value})
    return Chip(words, f"/inside?{urlencode(others)}" if others else "/inside", on, icon)


def _fills(web: Web, counted: Occupancy) -> list[Fill]:
    room = web.visits.room
    fills = [_fill(_("Whole site"), "/inside", counted.site, room.capacity)]
    for by, counts, most in (("list", counted.lists, room.list_capacity), ("zone", counted.zones, room.zone_capacity)):
        fills += [
            _fill(name, f"/inside?{urlencode({by: name})}", counts.get(name, 0), most.get(name, 0))
            for name in sorted({*counts, *most})
        ]
    return fills


def _fill(name: str, href: str, count: int, capacity: int) -> Fill:
    share = min(100, round(100 * count / capacity)) if capacity else 0
    return Fill(name, href, count, capacity, share, bool(capacity) and count >= capacity)
