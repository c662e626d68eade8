"""`/yard`: the containers on the site. `/yard/{code}`: one container, where it is and where it has been."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from alpr.domain import compact, utc_now
from alpr.iso6346 import has_structure, is_valid, size_type_words, spaced
from alpr.site.yard.demurrage import Tariff, free_before
from alpr.store import expected, yard
from alpr.store.yard import FEET, YardQuery
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.tablefile import csv_answer
from alpr.web.words.language import gettext as _
from alpr.web.yard.expected_view import expected_row
from alpr.web.yard.passes import parse_place, place_text
from alpr.web.yard.view import stay_clock, stay_row

_PAGE: Final = 100
_MOST: Final = 100_000
_SHOWN: Final = ("", "over", "overstay", *(str(feet) for feet in FEET), "other")
HEADS: Final = (
    "container", "size_type", "entered", "left", "days", "free_days_left", "owed", "currency", "overstays", "truck",
    "trailer", "zone",
)  # fmt: skip


@get("/yard")
async def show_yard(
    request: PageRequest, web: WebParts, q: FromQuery[str] = "", show: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Template | Redirect:
    """Show the containers on the site, the longest there first."""
    text, now, tariff = " ".join(q.split())[:32], utc_now(), web.tariff()
    if has_structure(compact(text)):
        return Redirect(f"/yard/{compact(text)}")
    query = YardQuery(text=text or None, after=parse_place(after), limit=_PAGE + 1, **_narrowed(show, tariff, now, web))
    found = await yard.inventory(web.database, query)
    shown = found[:_PAGE]
    totals = await yard.totals(web.database, free_before(tariff, now, web.zone), now - tariff.overstay)
    kept = {name: value for name, value in (("q", text), ("show", show)) if value}
    more = len(found) > _PAGE
    return page(
        request,
        web,
        "yard.html",
        here="yard",
        rows=[stay_row(one, tariff, web.zone, now) for one in shown],
        totals=totals,
        chips=_chips(show, totals),
        q=text,
        show=show,
        older=f"/yard?{urlencode({**kept, 'after': place_text(shown[-1].began, shown[-1].id)})}" if more else "",
        first=f"/yard?{urlencode(kept)}" if after else "",
        export=f"/yard/export.csv?{urlencode(kept)}",
    )


@get("/yard/export.csv")
async def export_yard(web: WebParts, q: FromQuery[str] = "", show: FromQuery[str] = "") -> Response[bytes]:
    """Send the containers on the site as CSV."""
    now, tariff = utc_now(), web.tariff()
    query = YardQuery(text=q[:32] or None, limit=_MOST, **_narrowed(show, tariff, now, web))
    return csv_answer(
        "yard", HEADS, [cells(one, tariff, web, now) for one in await yard.inventory(web.database, query)]
    )


@get("/yard/{code:str}")
async def show_container(request: PageRequest, web: WebParts, code: FromPath[str]) -> Template:
    """Show one container: its stays, its clock, and when it was announced."""
    container, now, tariff = compact(code), utc_now(), web.tariff()
    stays = await yard.history(web.database, container)
    announced = await expected.history(web.database, container)
    if not stays and not announced and not is_valid(container):
        raise NotFoundException
    size = next((one.size_type for one in stays if one.size_type), "")
    rows = [stay_row(one, tariff, web.zone, now) for one in stays]
    return page(
        request,
        web,
        "container.html",
        here="yard",
        code=spaced(container),
        text=container,
        valid=is_valid(container),
        size=size,
        size_words=size_type_words(size),
        rows=rows,
        now_inside=next((row for row in rows if row.inside), None),
        tariff=tariff,
        announced=[expected_row(one, web.zone, now) for one in announced],
    )


def cells(one: yard.Stay, tariff: Tariff, web: Web, now: datetime) -> tuple[object, ...]:
    """Return a stay as a row of a file, as `HEADS` names it."""
    clock = stay_clock(one, tariff, web.zone, now)
    times = (at.astimezone(web.zone).isoformat(timespec="seconds") if at else "" for at in (one.entered, one.left))
    owed = (clock.days, clock.free_left, str(clock.owed), tariff.currency, "yes" if clock.overstays else "no")
    return (one.container, one.size_type, *times, *owed, one.truck, one.trailer, one.zone)


def _narrowed(show: str, tariff: Tariff, now: datetime, web: Web) -> dict[str, Any]:
    if show not in _SHOWN:
        raise ValidationException("unknown filter")
    if show == "over":
        return {"before": free_before(tariff, now, web.zone)}
    if show == "overstay":
        return {"before": now - tariff.overstay}
    return {"feet": 0 if show == "other" else int(show)} if show else {}


def _chips(show: str, totals: yard.Totals) -> list[tuple[str, str, int, bool]]:
    """Return address, words, count and whether it is chosen."""
    parts = [("", _("All"), totals.count), ("over", _("Over free time"), totals.over_free)]
    parts.append(("overstay", _("Standing too long"), totals.overstaying))
    parts += [(str(feet), _("%(n)s ft") % {"n": feet}, totals.by_feet[feet]) for feet in FEET]
    parts.append(("other", _("Other sizes"), totals.by_feet[0]))
    return [(f"/yard?show={key}" if key else "/yard", words, count, key == show) for key, words, count in parts]
