"""`/inside/roll`: who is inside, for paper; `/inside.csv`: the same for spreadsheets."""

from dataclasses import dataclass, replace

from litestar import Response, get
from litestar.response import Template

from alpr.domain import Kind, utc_now
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.page import page
from alpr.web.tablefile import csv_answer
from alpr.web.view import Moment, moment
from alpr.web.visits.inside import MOST, found_inside, inside_filter
from alpr.web.visits.view import lists_of, whose

_HEADS = ("text", "kind", "since", "dwell_seconds", "last_seen", "camera", "zone", "lists", "owner", "company")


@dataclass(frozen=True, slots=True)
class RollLine:
    """Somebody who must be found."""

    text: str
    owner: str
    company: str
    entered: Moment | None
    seen: str
    """Where and when last."""


@get("/inside/roll")
async def show_roll(request: PageRequest, web: WebParts) -> Template:
    """Show the roll that is read out at the assembly point: who is inside, with a box to tick."""
    chosen, now = inside_filter(request), utc_now()
    who = chosen if chosen.kind else replace(chosen, kind=Kind.PLATE.value)  # people come in vehicles
    found, known = await found_inside(web, who, now)
    lines = []
    for one in found:
        hit, entered = whose(lists_of(one, known)), one.visit.entered
        seen = [one.last_camera, one.zone, f"{one.visit.last_seen.astimezone(web.zone):%H:%M:%S}"]
        lines.append(
            RollLine(
                one.visit.text,
                hit.owner if hit else "",
                hit.company if hit else "",
                moment(entered, web.zone, now) if entered else None,
                ", ".join(filter(None, seen)),
            )
        )
    lines.sort(key=lambda line: (line.company, line.owner, line.text))
    return page(
        request,
        web,
        "roll.html",
        here="inside",
        lines=lines,
        cut=len(found) == MOST,
        now=moment(now, web.zone, now),
        back=chosen.url(),
    )


@get("/inside.csv")
async def export_inside(request: PageRequest, web: WebParts) -> Response[bytes]:
    """Send who is inside as a table."""
    now, rows = utc_now(), []
    found, known = await found_inside(web, inside_filter(request), now)
    for one in found:
        named, visit = lists_of(one, known), one.visit
        hit, lists = whose(named), ", ".join(sorted(named))
        rows.append(
            (
                visit.text,
                visit.kind.value,
                visit.entered.isoformat(timespec="milliseconds") if visit.entered else "",
                round((now - visit.entered).total_seconds()) if visit.entered else "",
                visit.last_seen.isoformat(timespec="milliseconds"),
                one.last_camera,
                one.zone,
                lists,
                hit.owner if hit else "",
                hit.company if hit else "",
            )
        )
    return csv_answer("inside", _HEADS, rows)
