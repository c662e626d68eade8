"""`/deliveries`: what is on its way out, what has arrived, what was given up and why; for admins."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.store import deliveries
from alpr.store.deliveries import DeliveryState
from alpr.store.users import Role
from alpr.web.alerts import deliverydeeds
from alpr.web.alerts.deliveries_view import TargetCard, delivery_row, target_cards
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.auth.csrf import form_token
from alpr.web.context import Web, WebParts
from alpr.web.page import is_fragment, page
from alpr.web.view import moment

_PAGE = 50
_ADMIN = [need_role(Role.ADMIN)]


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """What the browser sends: one delivery, those of a target, or (neither) all."""

    id: int = 0
    target: str = ""
    csrf: str = ""


@get("/deliveries", guards=_ADMIN)
async def show_deliveries(
    request: PageRequest,
    web: WebParts,
    show: FromQuery[str] = "",
    target: FromQuery[str] = "",
    before: FromQuery[int] = 0,
) -> Template:
    """Show targets and deliveries, newest first; or only what htmx refreshes."""
    now = utc_now()
    of_state = DeliveryState(show) if show in set(DeliveryState) else None
    found = await deliveries.page(
        web.database, state=of_state, target=target, before=min(before, 2**63 - 1) or None, limit=_PAGE + 1
    )
    chosen = {key: value for key, value in (("show", of_state), ("target", target)) if value}
    values = {
        "targets": await _targets(web, now),
        "deliveries": [delivery_row(one, web.zone, now) for one in found[:_PAGE]],
        "state": of_state or "",
        "target": target,
        "address": "/deliveries" + (f"?{urlencode(chosen)}" if chosen else ""),
        "older": f"/deliveries?{urlencode(chosen | {'before': found[_PAGE - 1].id})}" if len(found) > _PAGE else "",
        "live": not before,
    }
    if is_fragment(request) and not request.headers.get("hx-boosted"):
        return Template("_deliveries.html", context={**values, "csrf": form_token(request.auth.token)})
    return page(request, web, "deliveries.html", here="deliveries", **values)


@post("/deliveries/retry", guards=_ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def retry(request: PageRequest, web: WebParts, data: URLEncodedBody[DeliveryForm]) -> Redirect:
    """Try dead letters anew: one, those of a target, or all."""
    check_form(request, data.csrf)
    if data.id:
        await deliverydeeds.retry_one(web, request.user.name, await deliverydeeds.known_delivery(web, data.id))
    else:
        await deliverydeeds.retry_all(web, request.user.name, data.target)
    return Redirect("/deliveries", status_code=303)


@post("/deliveries/give-up", guards=_ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def give_up(request: PageRequest, web: WebParts, data: URLEncodedBody[DeliveryForm]) -> Redirect:
    """Give up one delivery, so that those behind it go on."""
    check_form(request, data.csrf)
    await deliverydeeds.give_up(web, request.user.name, await deliverydeeds.known_delivery(web, data.id))
    return Redirect("/deliveries", status_code=303)


@post("/deliveries/test", guards=_ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def send_test(request: PageRequest, web: WebParts, data: URLEncodedBody[DeliveryForm]) -> Redirect:
    """Send a test to one target."""
    check_form(request, data.csrf)
    await deliverydeeds.send_test(web, request.user.name, data.target)
    return Redirect(f"/deliveries?{urlencode({'target': data.target})}", status_code=303)


async def _targets(web: Web, now: datetime) -> list[TargetCard]:
    backlogs = await deliveries.backlogs(web.database)
    names = web.book.names
    asked = {*names.targets, *(f"barrier/{name}" for name in names.barriers), *backlogs}
    sent = await deliveries.last_sent(web.database, asked)
    last = {name: moment(one.finished_at, web.zone, now) for name, one in sent.items() if one.finished_at is not None}
    return target_cards(names, backlogs, last)
