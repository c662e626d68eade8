"""`/inside`: who is inside now, and how full it is; `/inside/roll` for paper, `/inside.csv` for spreadsheets."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import ValidationException
from litestar.response import Template

from alpr.domain import Kind, utc_now
from alpr.store import visits
from alpr.store.visits import Occupancy, VisitQuery
from alpr.web.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.filter_chips import Chip
from alpr.web.language import gettext as _
from alpr.web.page import is_fragment, page
from alpr.web.tablefile import csv_answer
from alpr.web.view import moment
from alpr.web.visit_view import VisitRow, visit_rows

_MOST: Final = 2000
"""So many are shown at once; whoever has more inside narrows by list or zone."""
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

    @property
    def pairs(self) -> dict[str, str]:
        """What is narrowed, as it stands in the address."""
        said = {"kind": self.kind, "list": self.list_name, "zone": self.zone, "long": "1" if self.long else ""}
        return {name: value for name, value in said.items() if value}

    def url(self, path: str = "/inside") -> str:
        """Return the address that shows them."""
        return f"{path}?{urlencode(self.pairs)}" if self.pairs else path


@get("/inside")
async def show_inside(request: PageRequest, web: WebParts) -> Template:
    """Show who is inside; or only what htmx refreshes."""
    chosen = _filter(request)
    now = utc_now()
    rows = await _rows(web, chosen, now)
    counted = await visits.occupancy(web.database)
    values = {
        "rows": rows,
        "chips": _chips(chosen, counted),
        "fills": _fills(web, counted),
        "total": counted.site,
        "too_long": sum(row.too_long for row in rows),
        "chosen": chosen,
        "address": chosen.url(),
        "roll": chosen.url("/inside/roll"),
        "csv": chosen.url("/inside.csv"),
    }
    if is_fragment(request) and not request.headers.get("hx-boosted"):
        return Template("_inside.html", context=values)
    return page(request, web, "inside.html", here="inside", **values)


@get("/inside/roll")
async def show_roll(request: PageRequest, web: WebParts) -> Template:
    """Show the roll that is read out at the assembly point: who is inside, with a box to tick."""
    chosen, now = _filter(request), utc_now()
    if not chosen.kind:
        chosen = replace(chosen, kind=Kind.PLATE.value)  # people come in vehicles, not in containers
    rows = sorted(await _rows(web, chosen, now), key=lambda row: (row.company, row.owner, row.plate.text))
    return page(
        request, web, "roll.html", here="inside", rows=rows, now=moment(now, web.zone, now), back=_filter(request).url()
    )


@get("/inside.csv")
async def export_inside(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send who is inside as a table."""
    heads = ("text", "kind", "since", "dwell_seconds", "last_seen", "camera", "zone", "lists", "owner", "company")
    now, found = utc_now(), []
    chosen = _filter(request)
    for row in await _rows(web, chosen, now):
        since = row.entered.iso if row.entered else ""
        seconds = round((now - datetime.fromisoformat(since)).total_seconds()) if since else ""
        lists = ", ".join(row.lists)
        kind = Kind.CONTAINER if row.plate.code else Kind.PLATE
        found.append(
            (
                row.plate.text,
                kind.value,
                since,
                seconds,
                row.seen.iso,
                row.last,
                row.zone,
                lists,
                row.owner,
                row.company,
            )
        )
    return csv_answer("inside", heads, found)


def _filter(request: PageRequest) -> InsideFilter:
    query = request.query_params
    kind = query.get("kind", "")
    if kind and kind not in {Kind.PLATE, Kind.CONTAINER}:
        raise ValidationException("unknown kind")
    return InsideFilter(
        kind=kind,
        list_name=query.get("list", "")[:_MOST_NAME],
        zone=query.get("zone", "")[:_MOST_NAME],
        long=query.get("long", "") == "1",
    )


async def _rows(web: Web, chosen: InsideFilter, now: datetime) -> list[VisitRow]:
    query = VisitQuery(
        kind=Kind(chosen.kind) if chosen.kind else None,
        list_name=chosen.list_name or None,
        zone=chosen.zone or None,
        limit=_MOST,
    )
    rows = await visit_rows(web, await visits.inside(web.database, query), now)
    return [row for row in rows if row.too_long or not chosen.long]


def _chips(chosen: InsideFilter, counted: Occupancy) -> list[list[Chip]]:
    kinds = {Kind.PLATE.value: _("Vehicles"), Kind.CONTAINER.value: _("Containers")}
    lists = dict.fromkeys([*sorted(counted.lists), *filter(None, [chosen.list_name])])
    zones = dict.fromkeys([*sorted(counted.zones), *filter(None, [chosen.zone])])
    groups = [
        [_chip(chosen, "long", "1", _("Too long"), "clock")],
        [_chip(chosen, "kind", kind, words) for kind, words in kinds.items()] if len(counted.kinds) > 1 else [],
        [_chip(chosen, "list", name, name, "lists") for name in lists],
        [_chip(chosen, "zone", name, name) for name in zones],
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
