"""`/lists/{id}/import` and `/lists/{id}/export.csv`: lists from and for spreadsheets."""

import re
from http import HTTPStatus

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Template

from alpr.site.lists.file import decode, write_list
from alpr.web.auth.access import PageRequest, check_form
from alpr.web.context import WebParts
from alpr.web.lists import deeds as listdeeds
from alpr.web.lists.pages import ADMIN, list_page
from alpr.web.lists.view import imported_words

_LARGEST = 16 * 1024 * 1024
_SHOWN = 100


@post("/lists/{list_id:int}/import", guards=ADMIN, status_code=HTTPStatus.OK, request_max_body_size=_LARGEST)
async def import_list(request: PageRequest, web: WebParts, list_id: FromPath[int]) -> Template:
    """Add what a CSV file holds, and say of every row that was left out why."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    plates = await listdeeds.known_list(web, list_id)
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    imported = await listdeeds.import_entries(web, request.user.name, plates, decode(content))
    told = [*imported.file.faults, *imported.file.duplicates]
    return await list_page(
        request,
        web,
        await listdeeds.known_list(web, list_id),
        notice=imported_words(imported.added, len(imported.file.duplicates), len(imported.file.faults)),
        imported=told[:_SHOWN],
        more_imported=max(0, len(told) - _SHOWN),
    )


@get("/lists/{list_id:int}/export.csv", guards=ADMIN)
async def export_list(request: PageRequest, web: WebParts, list_id: FromPath[int]) -> Response[bytes]:
    """Send a list as CSV, with the mark by which spreadsheets know UTF-8."""
    plates = await listdeeds.known_list(web, list_id)
    found = await listdeeds.export_entries(web, request.user.name, plates)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", plates.name).strip("-") or f"list-{list_id}"
    return Response(
        write_list(found, web.zone).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )
