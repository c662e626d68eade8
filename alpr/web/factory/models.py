"""`/models`: the model watch: versions side by side over one window, and what has moved since yesterday."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from litestar import Response, get
from litestar.exceptions import ValidationException
from litestar.params import FromQuery
from litestar.response import Template

from alpr.domain import utc_now
from alpr.store import modeldrift, modelwatch
from alpr.store.modelwatch import SaidByKind
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.factory.models_view import FILE_HEADS, drift_row, file_rows, versions
from alpr.web.page import page
from alpr.web.reads.filter_chips import Chip
from alpr.web.tablefile import csv_answer
from alpr.web.words.language import gettext as _

_DAYS: Final = (1, 7, 30, 90)
_USUAL: Final = 7


@get("/models")
async def show_models(request: PageRequest, web: WebParts, days: FromQuery[int] = _USUAL) -> Template:
    """Show what each version of each model said in the last days, and what has moved."""
    if days not in _DAYS:
        raise ValidationException("unknown days")
    readers, detectors, floor = await web.versions.get(days, lambda: _said(web, days))
    moved = await web.drift.get("", lambda: modeldrift.compare(web.database, utc_now()))
    file = _address(days, "/models.csv")
    compared = (
        versions(_("Reads, by the model that reads"), readers, file),
        versions(_("Reads, by the model that finds"), detectors, file),
        versions(_("Factory floor"), floor, file),
    )
    return page(
        request,
        web,
        "models.html",
        here="factory" if web.factory is not None else "models",
        tab="models",
        chips=[Chip(_("%(n)s days") % {"n": n} if n > 1 else _("24 hours"), _address(n), n == days) for n in _DAYS],
        compared=[one for one in compared if one.rows],
        drifts=[drift_row(one) for one in moved],
    )


@get("/models.csv")
async def export_models(web: WebParts, days: FromQuery[int] = _USUAL) -> Response[bytes]:
    """Send how many of each version's results fall into each hundredth of confidence as CSV."""
    if days not in _DAYS:
        raise ValidationException("unknown days")
    said = await web.versions.get(days, lambda: _said(web, days))
    kinds = zip(("reader", "detector", "activity"), said, strict=True)
    return csv_answer("models", FILE_HEADS, (row for kind, said in kinds for row in file_rows(kind, said)))


async def _said(web: Web, days: int) -> SaidByKind:
    """Return what the models that read, that find, and of the floor said in the last days."""
    now = utc_now()
    since = now - timedelta(days=days)
    readers, detectors = await modelwatch.reads_by_model(web.database, since, now)
    return readers, detectors, await modelwatch.events_by_model(web.database, since, now)


def _address(days: int, path: str = "/models") -> str:
    return path if days == _USUAL else f"{path}?days={days}"
