"""`/system`: all well, or what needs somebody."""

from datetime import datetime

from litestar import get
from litestar.response import Template

from alpr.domain import utc_now
from alpr.store import deliveries, reads
from alpr.store.reads import ReadQuery
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.gate.needs import gate_needs
from alpr.web.page import is_fragment, page
from alpr.web.system.view import SystemState, system_state


@get("/system", guards=[need_role(Role.ADMIN)])
async def show_system(request: PageRequest, web: WebParts) -> Template:
    """Show the page, or only what htmx refreshes."""
    state = await _state(web, utc_now())
    if is_fragment(request):
        return Template("_system.html", context={"system": state})
    return page(request, web, "system.html", here="system", system=state)


async def _state(web: Web, now: datetime) -> SystemState:
    midnight = now.astimezone(web.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = await reads.count(web.database, ReadQuery(since=midnight))
    backlogs = await deliveries.backlogs(web.database)
    others = gate_needs(web.barriers, web.status.mqtt_fault)
    return system_state(web.status, await web.usage.look(), today, web.zone, now, backlogs, others)
