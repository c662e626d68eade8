"""`/api/v1/reads/export`: every read that fits, in one answer."""

from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream

from alpr.domain import utc_now
from alpr.store import audit
from alpr.store.reads import ReadQuery
from alpr.store.users import Role
from alpr.web.access import PageRequest, need_role
from alpr.web.api import parameters as given
from alpr.web.api.problems import document
from alpr.web.context import Web, WebParts
from alpr.web.exporting import MEDIA, Form, export

_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_GUARD = [need_role(Role.GUARD)]
_ALL = 2**62
AsForm: TypeAlias = Annotated[Form, QueryParameter(description="`jsonl` for programs, `csv` for spreadsheets.")]
AtMost: TypeAlias = Annotated[int, QueryParameter(ge=1, le=_ALL, description="Reads in all, the newest.")]


@get("/reads/export", guards=_GUARD, responses=_BAD, summary="Reads as a file", media_type=MEDIA[Form.JSONL])
async def export_reads(  # noqa: PLR0913  one parameter of the address each
    *,
    request: PageRequest,
    web: WebParts,
    text: given.Text = None,
    camera: given.CameraName = None,
    kind: given.OfKind = None,
    in_state: given.InState = None,
    direction: given.Direction = None,
    source: given.OfSource = None,
    verdict: given.WithVerdict = None,
    review: given.SaidBy = None,
    region: given.Region = None,
    vehicle_type: given.VehicleType = None,
    vehicle_colour: given.Colour = None,
    below: given.Below = None,
    since: given.Since = None,
    until: given.Until = None,
    limit: AtMost = _ALL,
    form: AsForm = Form.JSONL,
) -> Stream:
    """Send all reads that fit, newest first: lines in the shape of `/reads/{id}`, or CSV. For guards.

    No cell of the CSV is a formula (OWASP, CSV injection).
    """
    given.check_direction(direction)
    query = ReadQuery(
        text=None if text is None else given.pattern_of("text", text, None, look_alikes=True),
        camera=camera,
        kind=kind,
        state=in_state,
        direction=direction,
        source=source,
        verdict=verdict,
        review=review,
        region=region,
        vehicle_type=vehicle_type,
        vehicle_colour=vehicle_colour,
        below=below,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        limit=limit,
    )
    return await _sent(request, web, query, form)


async def _sent(request: PageRequest, web: Web, query: ReadQuery, form: Form) -> Stream:
    asked = ", ".join(f"{name} {value}" for name, value in request.query_params.multi_items()) or "all"
    entry = audit.Entry(utc_now(), request.user.name, "reads export", form.value, asked)
    await audit.record(web.database, entry)
    headers = {"Content-Disposition": f'attachment; filename="reads.{form}"', "Cache-Control": "no-store"}
    return Stream(export(web.database, query, form, web.zone), media_type=MEDIA[form], headers=headers)
