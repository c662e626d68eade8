"""`/api/v1/reads/export`: every read that fits, in one answer."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream

from alpr.domain import utc_now
from alpr.store import audit
from alpr.store.reads import ReadQuery
from alpr.store.users import Role
from alpr.web.api.narrowing import NARROWED, Narrowed
from alpr.web.api.problems import document
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.reads.exporting import MEDIA, Form, export

_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_GUARD = [need_role(Role.GUARD)]
_ALL = 2**62
AsForm: TypeAlias = Annotated[Form, QueryParameter(description="`jsonl` for programs, `csv` for spreadsheets.")]
AtMost: TypeAlias = Annotated[int, QueryParameter(ge=1, le=_ALL, description="Reads in all, the newest.")]


@get(
    "/reads/export",
    dependencies=NARROWED,
    guards=_GUARD,
    responses=_BAD,
    summary="Reads as a file",
    media_type=MEDIA[Form.JSONL],
)
async def export_reads(
    request: PageRequest, web: WebParts, narrowed: Narrowed, *, limit: AtMost = _ALL, form: AsForm = Form.JSONL
) -> Stream:
    """Send all reads that fit, newest first: lines in the shape of `/reads/{id}`, or CSV. For guards.

    No cell of the CSV is a formula (OWASP, CSV injection).
    """
    return await _sent(request, web, replace(narrowed, limit=limit), form)


async def _sent(request: PageRequest, web: Web, query: ReadQuery, form: Form) -> Stream:
    asked = ", ".join(f"{name} {value}" for name, value in request.query_params.multi_items()) or "all"
    entry = audit.Entry(utc_now(), request.user.name, "reads export", form.value, asked)
    await audit.record(web.database, entry)
    headers = {"Content-Disposition": f'attachment; filename="reads.{form}"', "Cache-Control": "no-store"}
    return Stream(export(web.database, query, form, web.zone), media_type=MEDIA[form], headers=headers)
