"""`/barriers`: every barrier with the guard's *Open*. `/barriers/{name}/open`: the question before, and the deed."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.barrier.gates import Barrier, Order
from alpr.domain import utc_now
from alpr.errors import DeliveryError
from alpr.store import reads
from alpr.store.users import Role
from alpr.web.auth.access import Account, PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import is_fragment, page
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.view import Moment, moment, sentence
from alpr.web.words.language import gettext as _

_LONGEST_ID = 36


@dataclass(frozen=True, slots=True)
class BarrierCard:
    """A barrier as the page shows it."""

    name: str
    cameras: str
    opened: Moment | None
    opened_by: str
    opened_why: str
    read: str
    """Address of the read that it opened for; empty when none."""
    fault: str
    """What is wrong with it now; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What came of an order."""

    opened: bool
    words: str


@dataclass(frozen=True, slots=True)
class OpenForm:
    """What the browser sends."""

    read: str = ""
    csrf: str = ""


@get("/barriers")
async def show_barriers(request: PageRequest, web: WebParts) -> Template:
    """Show the page, or only its cards when htmx refreshes them."""
    cards = [_card(one, web, utc_now()) for one in web.barriers]
    if is_fragment(request):
        return Template("_barriers.html", context={"barriers": cards})
    return page(request, web, "barriers.html", here="barriers", barriers=cards, may_open=may_open(request.user))


@get("/barriers/{name:str}/open", guards=[need_role(Role.GUARD)])
async def ask_to_open(request: PageRequest, web: WebParts, name: FromPath[str], read: FromQuery[str] = "") -> Template:
    """Ask once more: the way of a browser without script, where holding the button is not possible."""
    return await _question(request, web, known(web, name), read)


@post("/barriers/{name:str}/open", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.OK)
async def open_barrier(
    request: PageRequest, web: WebParts, name: FromPath[str], data: URLEncodedBody[OpenForm]
) -> Template | Redirect:
    """Open it; a button that was held gets the outcome in words, a form goes back to the barriers or asks again."""
    check_form(request, data.csrf)
    barrier = known(web, name)
    opening = await open_by_hand(web, request.user, barrier, data.read)
    if is_fragment(request):
        return Template("_opening.html", context={"opening": opening})
    if opening.opened:
        return Redirect("/barriers", status_code=303)
    return await _question(request, web, barrier, data.read, opening.words)


def known(web: Web, name: str) -> Barrier:
    """Return the barrier of this name; raises NotFoundException."""
    barrier = web.barriers.get(name)
    if barrier is None:
        raise NotFoundException
    return barrier


def may_open(account: Account) -> bool:
    """Whether the account's role opens barriers."""
    return account.role is not Role.VIEWER


def openers(web: Web, account: Account) -> dict[str, list[str]]:
    """Return for each camera the barriers that this account may open there."""
    found: dict[str, list[str]] = {}
    for barrier in web.barriers if may_open(account) else ():
        for camera in sorted(barrier.habits.cameras):
            found.setdefault(camera, []).append(barrier.name)
    return found


async def open_by_hand(web: Web, account: Account, barrier: Barrier, read_id: str = "") -> Opening:
    """Open a barrier because somebody said so; the order and what came of it are in the audit log."""
    stored = await reads.get(web.database, read_id[:_LONGEST_ID]) if read_id else None
    why = f"by hand for {stored.read.text or 'an unread vehicle'}" if stored else "by hand"
    order = Order(account.name, why, stored.read.id if stored else None)
    try:
        if await barrier.open(order):
            return Opening(opened=True, words=_("%(name)s opened") % {"name": barrier.name})
    except DeliveryError as error:
        await barrier.note_failure(order, error)
        return Opening(opened=False, words=sentence(str(error)))
    words = _("%(name)s was opened a moment ago: try again in a few seconds")
    if barrier.record.opened_by:
        words = _("%(name)s was opened a moment ago by %(who)s: try again in a few seconds")
    words %= {"name": barrier.name, "who": barrier.record.opened_by}
    return Opening(opened=False, words=words)


async def _question(request: PageRequest, web: Web, barrier: Barrier, read_id: str, bad: str = "") -> Template:
    now = utc_now()
    stored = await reads.get(web.database, read_id[:_LONGEST_ID]) if read_id else None
    row: ReadRow | None = read_row(stored, web.zone, now) if stored else None
    shown = page(request, web, "barrier_open.html", here="barriers", barrier=_card(barrier, web, now), row=row, bad=bad)
    if bad:
        shown.status_code = HTTPStatus.CONFLICT
    return shown


def _card(barrier: Barrier, web: Web, now: datetime) -> BarrierCard:
    record = barrier.record
    stuck = _("The relay does not let go: %(why)s") % {"why": record.stuck} if record.stuck else ""
    return BarrierCard(
        name=barrier.name,
        cameras=", ".join(sorted(barrier.habits.cameras)),
        opened=moment(record.opened_at, web.zone, now) if record.opened_at else None,
        opened_by=record.opened_by,
        opened_why=record.opened_why,
        read=f"/reads/{record.read_id}" if record.read_id else "",
        fault=sentence(stuck or record.fault),
    )
