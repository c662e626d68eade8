"""`/alarms`: what somebody must have seen; the guard acknowledges it. `/alarms/bell`: the count in the top bar."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from litestar import get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.access import Severity
from alpr.bus import AlarmsChanged
from alpr.domain import utc_now
from alpr.site.rules.alarms import Alarm
from alpr.store import alarms, audit
from alpr.store.users import Role
from alpr.web.alerts.bell import bell
from alpr.web.alerts.deliveries_view import sentence_of
from alpr.web.auth.access import Account, PageRequest, check_form, need_role
from alpr.web.auth.csrf import form_token
from alpr.web.context import Web, WebParts
from alpr.web.page import is_fragment, page
from alpr.web.view import Moment, moment
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later
from alpr.web.words.said import in_language

_PAGE = 50
_WORDS = {Severity.INFO: later("Note"), Severity.WARNING: later("Warning"), Severity.CRITICAL: later("Critical")}
_SHAPES = {Severity.INFO: "note", Severity.WARNING: "bell", Severity.CRITICAL: "shield"}


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm as the page shows it."""

    id: int
    icon: str
    severity: str
    critical: bool
    text: str
    rule: str
    href: str
    raised: Moment
    over: Moment | None
    seen: Moment | None
    seen_by: str
    escalated: bool


@dataclass(frozen=True, slots=True)
class SeenForm:
    """What the browser sends: one alarm, or all up to the newest on the page."""

    id: int = 0
    upto: int = 0
    csrf: str = ""


@get("/alarms")
async def show_alarms(
    request: PageRequest, web: WebParts, before: FromQuery[int] = 0, show: FromQuery[str] = ""
) -> Template:
    """Show the alarms that wait, then those of before; or only the list when htmx refreshes it."""
    now = utc_now()
    found = await alarms.page(web.database, before=before or None, limit=_PAGE + 1, waiting=show != "all")
    values = {
        "alarms": [alarm_row(one, web, now) for one in found[:_PAGE]],
        "every": show == "all",
        "older": f"/alarms?show={show}&before={found[_PAGE - 1].id}" if len(found) > _PAGE else "",
        "newest": found[0].id if found and not before else 0,
        "may_acknowledge": request.user.role is not Role.VIEWER,
    }
    if is_fragment(request) and not request.headers.get("hx-boosted"):
        return Template("_alarms.html", context={**values, "csrf": form_token(request.auth.token)})
    return page(request, web, "alarms.html", here="alarms", **values)


@get("/alarms/bell")
async def show_bell(web: WebParts) -> Template:
    """Show the bell of the top bar."""
    await recount(web)
    return Template("_bell.html", context={"bell": bell(web)})


@post("/alarms/acknowledge", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.SEE_OTHER)
async def acknowledge(request: PageRequest, web: WebParts, data: URLEncodedBody[SeenForm]) -> Redirect:
    """Note that somebody has seen an alarm, or all of them."""
    check_form(request, data.csrf)
    if data.upto:
        await acknowledge_all(web, request.user, data.upto)
    else:
        await acknowledge_one(web, request.user, data.id)
    return Redirect("/alarms", status_code=303)


async def acknowledge_one(web: Web, account: Account, alarm_id: int) -> Alarm | None:
    """Note who has seen the alarm; return it, None when there is none of this number."""
    now = utc_now()
    alarm = await alarms.acknowledge(web.database, alarm_id, account.name, now)
    if alarm is not None and (alarm.acknowledged_at, alarm.acknowledged_by) == (now, account.name):
        await _note(web, account, alarm.key, alarm.text)
    return alarm


async def acknowledge_all(web: Web, account: Account, upto: int) -> int:
    """Note who has seen all alarms up to this number; return how many were new."""
    count = await alarms.acknowledge_all(web.database, upto, account.name, utc_now())
    if count:
        await _note(web, account, f"{count} alarms", f"all up to number {upto}")
    return count


async def recount(web: Web) -> None:
    """Bring the bell up to date."""
    web.status.open_alarms, web.status.sounding_alarm = await alarms.count_waiting(web.database)


def alarm_row(alarm: Alarm, web: Web, now: datetime) -> AlarmRow:
    """Show an alarm."""

    def when(at: datetime | None) -> Moment | None:
        return None if at is None else moment(at, web.zone, now)

    return AlarmRow(
        id=alarm.id,
        icon=_SHAPES[alarm.severity],
        severity=_(_WORDS[alarm.severity]),
        critical=alarm.severity is Severity.CRITICAL,
        text=sentence_of(in_language(alarm.text)),
        rule=alarm.rule,
        href=f"/reads/{alarm.read_id}" if alarm.read_id else "",
        raised=moment(alarm.raised_at, web.zone, now),
        over=when(alarm.over_at),
        seen=when(alarm.acknowledged_at),
        seen_by=alarm.acknowledged_by,
        escalated=alarm.escalated_at is not None,
    )


async def _note(web: Web, account: Account, subject: str, detail: str) -> None:
    await audit.record(web.database, audit.Entry(utc_now(), account.name, "alarm acknowledge", subject, detail))
    await recount(web)
    web.bus.publish(AlarmsChanged())
