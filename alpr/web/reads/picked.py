"""`/reads/picked`: what can be done to several reads at once: put on a list, tagged."""

from http import HTTPStatus
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import ValidationException
from litestar.response import Template

from alpr.access import Entry
from alpr.domain import utc_now
from alpr.site.lists.entryfields import EntryFaultsError
from alpr.store import audit, lists, reads, tags
from alpr.store.reads import StoredRead
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.lists import deeds as listdeeds
from alpr.web.page import page
from alpr.web.reads.filters import ManyParameters, ReadFilter, parse_picked, read_query
from alpr.web.reads.view import read_row
from alpr.web.words.language import gettext as _
from alpr.web.words.language import number

_LONGEST_TAG: Final = 40
_LONGEST_NOTE: Final = 200


@get("/reads/picked", guards=[need_role(Role.GUARD)])
async def show_picked(request: PageRequest, web: WebParts) -> Template:
    """Show the picked reads and what can be done to them."""
    return await _page(request, web, await _picked(web, request.query_params))


@post("/reads/picked/list", guards=[need_role(Role.ADMIN)], status_code=HTTPStatus.OK)
async def add_to_list(request: PageRequest, web: WebParts) -> Template:
    """Put the texts of the picked reads on a list; those that are on it already stay as they are."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    found = await _picked(web, form)
    chosen = str(form.get("list", ""))
    plates = await listdeeds.known_list(web, int(chosen) if chosen.isdecimal() else 0)
    note, added = " ".join(str(form.get("note", "")).split())[:_LONGEST_NOTE], 0
    for text in dict.fromkeys(one.read.text for one in found if one.read.text):
        try:
            await listdeeds.add_entry(
                web, request.user.name, plates, Entry(0, plates.name, plates.kind, text, note=note)
            )
        except EntryFaultsError:
            continue
        added += 1
    words = _("%(n)s added to %(list)s.") % {"n": number(added), "list": plates.name}
    return await _page(request, web, found, words)


@post("/reads/picked/tag", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.OK)
async def tag_reads(request: PageRequest, web: WebParts) -> Template:
    """Put a tag on the picked reads."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    found = await _picked(web, form)
    tag = " ".join(str(form.get("tag", "")).split())[:_LONGEST_TAG]
    if not tag:
        raise ValidationException("a tag needs a word")
    now = utc_now()
    async with web.database.write() as connection:
        for one in found:
            await tags.add(connection, one.read.id, tag, "")
        told = audit.Entry(now, request.user.name, "reads tag", tag, f"{len(found)} reads")
        await audit.add(connection, told)
    words = _("%(n)s reads are tagged %(tag)s.") % {"n": number(len(found)), "tag": tag}
    return await _page(request, web, found, words)


async def _picked(web: Web, given: ManyParameters) -> tuple[StoredRead, ...]:
    chosen = parse_picked(given)
    if not chosen.ids:
        return ()
    return await reads.page(web.database, read_query(chosen, None, len(chosen.ids), web.zone, utc_now()))


async def _page(request: PageRequest, web: Web, found: tuple[StoredRead, ...], notice: str = "") -> Template:
    now, admin = utc_now(), request.user.role is Role.ADMIN
    values: dict[str, Any] = {
        "rows": [read_row(one, web.zone, now) for one in found],
        "texts": len({one.read.text for one in found if one.read.text}),
        "lists": await lists.everyone(web.database, now) if admin else (),
        "export_url": ReadFilter(ids=tuple(one.read.id for one in found)).url("/reads/export"),
    }
    return page(request, web, "picked.html", here="reads", admin=admin, notice=notice, **values)
