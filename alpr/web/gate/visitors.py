"""Visitors: plates that a guard lets in for a while, on a list of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from alpr.access import ListKind
from alpr.correction import LONGEST_TEXT
from alpr.domain import compact, utc_now
from alpr.site.glob import ANY_ONE, ANY_RUN
from alpr.site.lists.entryfields import EntryFaultsError, FieldFault, parse_entry
from alpr.store import entries, lists
from alpr.store.entries import EntryQuery
from alpr.store.lists import PlateList
from alpr.web.context import Web
from alpr.web.lists import deeds as listdeeds
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

LIST: Final = "Visitors"
"""The list that guards may add to; other lists are the admin's."""
LASTS: Final = {
    "hours": later("4 hours"),
    "today": later("Until midnight"),
    "days": later("3 days"),
    "week": later("7 days"),
}
_SPANS: Final = {"hours": timedelta(hours=4), "days": timedelta(days=3), "week": timedelta(days=7)}


async def add_visitor(web: Web, actor: str, plate: str, who: str, company: str, lasts: str) -> datetime:
    """Let a plate in for a while and return until when; who is registered already stays so longer.

    Raises EntryFaultsError.
    """
    ends = _end(web, lasts)
    plates = await _visitors(web, actor)
    typed = {"plate": plate, "owner": who, "company": company, "valid_until": _written(web, ends)}
    entry = parse_entry(typed, listdeeds.list_facts(web, plates))
    known = await entries.page(web.database, EntryQuery(list_id=plates.id, text=entry.pattern))
    twin = next((one.entry for one in known if one.entry.pattern == entry.pattern), None)
    if twin is None:
        await listdeeds.add_entry(web, actor, plates, entry)
    else:
        again = parse_entry(typed, listdeeds.list_facts(web, plates), twin.id)
        await listdeeds.change_entry(web, actor, again)
    return ends


def is_one_text(plate: str) -> bool:
    """Whether what was typed stands for one plate or code, not for any run of characters."""
    return not {ANY_RUN, ANY_ONE} & set(plate) and 0 < len(compact(plate)) <= LONGEST_TEXT


def _end(web: Web, lasts: str) -> datetime:
    now = utc_now()
    if lasts in _SPANS:
        return now + _SPANS[lasts]
    tomorrow = now.astimezone(web.zone) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)


def _written(web: Web, at: datetime) -> str:
    return at.astimezone(web.zone).replace(tzinfo=None).isoformat(timespec="seconds")


async def _visitors(web: Web, actor: str) -> PlateList:
    """Return the list of visitors, made when there is none; raises EntryFaultsError when it does not let in."""
    found = await lists.find(web.database, LIST, utc_now())
    if found is None:
        made = await listdeeds.make_list(web, actor, LIST, ListKind.ALLOW)
        found = await listdeeds.known_list(web, made)
    if found.kind is not ListKind.ALLOW:
        words = _("The list %(name)s does not let in: an admin must rename it first") % {"name": found.name}
        raise EntryFaultsError((FieldFault("plate", words),))
    return found
