"""`/passes`: what passed together, newest first. `/passes/{id}`: one truck with its plates and containers."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from litestar import get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from alpr.domain import utc_now
from alpr.site.yard.arrivals import Arrival
from alpr.store import expected, passes
from alpr.store.passes import PassQuery
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.page import page
from alpr.web.words.language import gettext as _
from alpr.web.yard.passes_view import pass_detail, pass_row

_PAGE: Final = 50
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN: Final = ("", "all", *(arrival.value for arrival in Arrival))
"""What may be chosen; by default the passes with containers."""


@get("/passes")
async def show_passes(
    request: PageRequest, web: WebParts, show: FromQuery[str] = "", before: FromQuery[str] = ""
) -> Template:
    """Show a page of passes."""
    if show not in _SHOWN:
        raise ValidationException("unknown filter")
    now = utc_now()
    query = PassQuery(
        carrying=show != "all",
        arrival=show if show in set(Arrival) else None,
        before=parse_place(before),
        limit=_PAGE + 1,
    )
    found = await passes.page(web.database, query)
    shown = found[:_PAGE]
    words = {"": _("With containers"), Arrival.EXPECTED: _("Expected"), Arrival.OTHER_DAY: _("Another day")}
    words |= {Arrival.UNEXPECTED: _("Unexpected"), Arrival.WRONG_TRUCK: _("Wrong truck"), "all": _("All passes")}
    return page(
        request,
        web,
        "passes.html",
        here="yard",
        rows=[pass_row(one, web.zone, now) for one in shown],
        chips=[(value, word, f"/passes?show={value}" if value else "/passes") for value, word in words.items()],
        show=show,
        older=f"/passes?{urlencode({'show': show, 'before': place_text(shown[-1].began_at, shown[-1].id)})}"
        if len(found) > _PAGE
        else "",
        first=f"/passes?{urlencode({'show': show})}" if before else "",
    )


@get("/passes/{pass_id:str}")
async def show_pass(request: PageRequest, web: WebParts, pass_id: FromPath[str]) -> Template:
    """Show one pass: its plates and containers, each picture, what was announced."""
    found = await passes.get(web.database, pass_id)
    if found is None:
        raise NotFoundException
    one, its_reads = found
    announced = await expected.with_pass(web.database, pass_id)
    detail = pass_detail(one, its_reads, announced, web.zone, utc_now())
    return page(request, web, "pass.html", here="yard", one=detail)


def place_text(at: datetime, last: str) -> str:
    """Write where the next page begins: after what began then and has this id."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1)} {last}"


def parse_place(text: str) -> tuple[datetime, str] | None:
    """Read where a page begins; raises ValidationException."""
    if not text:
        return None
    number, _, last = text.partition(" ")
    try:
        return _EPOCH + timedelta(microseconds=int(number)), last
    except (ValueError, OverflowError) as error:
        raise ValidationException("this page address is broken") from error
