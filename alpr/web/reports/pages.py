"""`/reports`: containers and vehicles by time, dwell, balance, how sure, by size and owner; each chart as CSV."""

from typing import Annotated

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from alpr.domain import utc_now
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.page import page
from alpr.web.reports.view import NAMES, PRESETS, charts, parse_range, report, sheet, totals
from alpr.web.tablefile import csv_answer
from alpr.web.words.language import gettext as _

_From = Annotated[str, QueryParameter(name="from", max_length=10)]


@get("/reports")
async def show_reports(
    request: PageRequest, web: WebParts, when: FromQuery[str] = "", begin: _From = "", to: FromQuery[str] = ""
) -> Template:
    """Show the figures of a range of days."""
    chosen = parse_range(when, begin, to, web.zone, utc_now())
    found = await report(web.database, chosen)
    return page(
        request,
        web,
        "reports.html",
        here="reports",
        chosen=chosen,
        presets=[
            (f"/reports?when={key}" if key else "/reports", _(words), key == chosen.when)
            for key, words in PRESETS.items()
        ],
        totals=totals(found),
        charts=charts(found),
        step=_("hour") if chosen.by_hour else _("day"),
    )


@get("/reports/{name:str}")
async def export_report(
    web: WebParts,
    name: FromPath[str],
    when: FromQuery[str] = "",
    begin: _From = "",
    to: FromQuery[str] = "",
) -> Response[bytes]:
    """Send the figures behind a chart as CSV."""
    chart = name.removesuffix(".csv")
    if chart not in NAMES or chart == name:
        raise NotFoundException
    chosen = parse_range(when, begin, to, web.zone, utc_now())
    heads, rows = sheet(await report(web.database, chosen), chart)
    return csv_answer(f"{chart}-{chosen.begin}-{chosen.end}", heads, rows)
