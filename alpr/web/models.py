"""`/models`: the model watch: versions side by side over one window, and what has moved since yesterday."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from litestar import get
from litestar.exceptions import ValidationException
from litestar.params import FromQuery
from litestar.response import Template

from alpr.domain import utc_now
from alpr.store import modeldrift, modelwatch
from alpr.web.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.filter_chips import Chip
from alpr.web.language import gettext as _
from alpr.web.models_view import drift_row, versions
from alpr.web.page import page

_DAYS: Final = (1, 7, 30, 90)
_USUAL: Final = 7


@get("/models")
async def show_models(request: PageRequest, web: WebParts, days: FromQuery[int] = _USUAL) -> Template:
    """Show what each version of each model said in the last days, and what has moved."""
    if days not in _DAYS:
        raise ValidationException("unknown days")
    now = utc_now()
    since = now - timedelta(days=days)
    compared = (
        versions(_("Reads, by the model that reads"), await modelwatch.reads_by_reader(web.database, since, now)),
        versions(_("Reads, by the model that finds"), await modelwatch.reads_by_detector(web.database, since, now)),
        versions(_("Factory floor"), await modelwatch.events_by_model(web.database, since, now)),
    )
    return page(
        request,
        web,
        "models.html",
        here="factory" if web.factory is not None else "models",
        tab="models",
        chips=[Chip(_("%(n)s days") % {"n": n} if n > 1 else _("24 hours"), _address(n), n == days) for n in _DAYS],
        compared=[one for one in compared if one.rows],
        drifts=[drift_row(one) for one in await modeldrift.compare(web.database, now)],
    )


def _address(days: int) -> str:
    return "/models" if days == _USUAL else f"/models?days={days}"
