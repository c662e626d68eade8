"""`/push`: which devices are told, and letting this one be told."""

from dataclasses import dataclass
from http import HTTPStatus

from litestar import get, post
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.store import audit, subscriptions
from alpr.store.subscriptions import MOST, NewSubscription
from alpr.urls import push_endpoint_fault
from alpr.web.auth.access import PageRequest, check_form
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.view import Moment, moment
from alpr.web.words.language import gettext as _

_LONGEST_ENDPOINT = 2000
_LONGEST_KEY = 128
_LONGEST_AGENT = 256
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS", "Mac"), ("Linux", "Linux")),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is told."""

    id: int
    name: str
    service: str
    since: Moment


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """What the browser's Push API gives, as the script sends it."""

    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class RemoveForm:
    """Which device is not to be told any more: by its number, or the address that it has itself."""

    id: int = 0
    endpoint: str = ""
    csrf: str = ""


@get("/push")
async def show_push(request: PageRequest, web: WebParts) -> Template:
    """Show the devices of the account, and the switch of this one."""
    now = utc_now()
    found = await subscriptions.everyone(web.database, request.user.name)
    devices = [
        Device(one.id, device_name(one.agent), one.endpoint.split("/")[2], moment(one.created_at, web.zone, now))
        for one in found
    ]
    return page(request, web, "push.html", here="push", devices=devices, key=web.push_key)


@post("/push", status_code=HTTPStatus.NO_CONTENT)
async def subscribe(request: PageRequest, web: WebParts, data: URLEncodedBody[SubscribeForm]) -> None:
    """Keep a subscription that a browser has just made."""
    check_form(request, data.csrf)
    if not web.push_key:
        raise NotFoundException
    _check(web, data)
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    new = NewSubscription(data.endpoint, data.p256dh, data.auth, agent)
    if not await subscriptions.add(web.database, request.user.name, new, utc_now()):
        raise ValidationException(f"An account may have {MOST} devices: remove one first")
    await _note(web, request.user.name, "notifications on", device_name(agent))


@post("/push/remove", status_code=HTTPStatus.SEE_OTHER)
async def unsubscribe(request: PageRequest, web: WebParts, data: URLEncodedBody[RemoveForm]) -> Redirect:
    """Forget a device of the account."""
    check_form(request, data.csrf)
    chosen = None if data.endpoint else data.id
    if await subscriptions.remove_own(web.database, request.user.name, chosen, data.endpoint):
        await _note(web, request.user.name, "notifications off", "")
    return Redirect("/push", status_code=303)


def device_name(agent: str) -> str:
    """Name a browser by what it says of itself: `Chrome on Android`."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), _("A browser"))
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def _check(web: Web, data: SubscribeForm) -> None:
    """Refuse what no browser would send: the address is one that this box will call."""
    if len(data.endpoint) > _LONGEST_ENDPOINT or max(len(data.p256dh), len(data.auth)) > _LONGEST_KEY:
        raise ValidationException("The subscription is too long")
    if fault := push_endpoint_fault(data.endpoint, web.push_services):
        raise ValidationException(f"The address of the push service {fault}")
    if not data.p256dh or not data.auth:
        raise ValidationException("The subscription has no keys")


async def _note(web: Web, name: str, action: str, device: str) -> None:
    await audit.record(web.database, audit.Entry(utc_now(), name, action, detail=device))
