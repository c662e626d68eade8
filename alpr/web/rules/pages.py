"""`/rules`: what happens when; rules of the configuration are shown, those of the page made and changed here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.access import Json
from alpr.domain import utc_now
from alpr.errors import ConfigError
from alpr.site.rules.words import limit_words, then_words, when_words
from alpr.site.visits.states import HAPPENINGS
from alpr.store import firings, lists
from alpr.store.firings import Count
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.rules.deeds import KnownRule, change_rule, every_rule, known_rule, make_rule, remove_rule, switch_rule
from alpr.web.rules.form import choices, defaults, definition_of, placeholders
from alpr.web.view import Moment, counted, moment
from alpr.web.words.language import gettext as _
from alpr.web.words.said import each_in_language, in_language

_ADMIN = [need_role(Role.ADMIN)]
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the list shows it."""

    name: str
    id: int
    enabled: bool
    when: str
    then: str
    limits: str
    place: str
    faults: tuple[str, ...]
    tries: bool
    """Whether it is about reads, so that it can be tried on those of the past."""
    fired: str
    count: Count
    last: Moment | None


@dataclass(frozen=True, slots=True)
class DeedForm:
    """A button beside a rule."""

    csrf: str = ""


@get("/rules", guards=_ADMIN)
async def show_rules(request: PageRequest, web: WebParts) -> Template:
    """Show every rule with what it has done lately."""
    now = utc_now()
    counts = await firings.counts(web.database, now - _LATELY)
    rows = [_row(one, counts, web) for one in await every_rule(web)]
    return page(request, web, "rules.html", here="rules", rules=rows, file=web.book.file)


@get("/rules/new", guards=_ADMIN)
async def show_new_rule(request: PageRequest, web: WebParts) -> Template:
    """Show the empty form."""
    return await _form(request, web, {"name": ""}, ())


@post("/rules/new", guards=_ADMIN)
async def add_rule(request: PageRequest, web: WebParts) -> Response[Any]:
    """Make a rule, or show the form again with what is wrong."""
    definition = await _sent(request)
    try:
        await make_rule(web, request.user.name, definition)
    except ConfigError as error:
        return await _form(request, web, definition, error.faults)
    return Redirect("/rules", status_code=303)


@get("/rules/{rule_id:int}", guards=_ADMIN)
async def show_rule(request: PageRequest, web: WebParts, rule_id: FromPath[int]) -> Template:
    """Show the form of a rule of the page."""
    stored = await known_rule(web, rule_id)
    one = next((one for one in await every_rule(web) if one.id == rule_id), None)
    return await _form(request, web, stored.definition, one.faults if one else (), rule_id)


@post("/rules/{rule_id:int}", guards=_ADMIN)
async def save_rule(request: PageRequest, web: WebParts, rule_id: FromPath[int]) -> Response[Any]:
    """Change a rule, or show the form again with what is wrong."""
    definition = await _sent(request)
    stored = await known_rule(web, rule_id)
    try:
        await change_rule(web, request.user.name, stored, definition)
    except ConfigError as error:
        return await _form(request, web, definition, error.faults, rule_id)
    return Redirect("/rules", status_code=303)


@post("/rules/{rule_id:int}/{deed:str}", guards=_ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def change_state(
    request: PageRequest,
    web: WebParts,
    rule_id: FromPath[int],
    deed: FromPath[str],
    data: URLEncodedBody[DeedForm],
) -> Redirect:
    """Switch a rule `on` or `off`, or `remove` it."""
    check_form(request, data.csrf)
    stored = await known_rule(web, rule_id)
    if deed == "remove":
        await remove_rule(web, request.user.name, stored)
    elif deed in {"on", "off"}:
        await switch_rule(web, request.user.name, stored, enabled=deed == "on")
    return Redirect("/rules", status_code=303)


async def _sent(request: PageRequest) -> dict[str, Json]:
    """Return the definition that the form means; raises PermissionDeniedException when it is not our form."""
    form = await request.form()
    sent = {key: [str(value) for value in form.getall(key)] for key in form}
    check_form(request, "".join(sent.get("csrf", [])[:1]))
    return definition_of(sent)


async def _form(
    request: PageRequest, web: Web, definition: Mapping[str, Json], faults: tuple[str, ...], rule_id: int = 0
) -> Template:
    known = [one.name for one in await lists.everyone(web.database, utc_now())]
    values = {**defaults(), **definition}
    shown = page(
        request,
        web,
        "rule.html",
        here="rules",
        values=values,
        choices=choices(web.book.names, known, values),
        placeholders=placeholders(),
        faults=faults,
        action=f"/rules/{rule_id}" if rule_id else "/rules/new",
        is_new=not rule_id,
    )
    if faults and request.method == "POST":
        shown.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return shown


def _row(one: KnownRule, counts: Mapping[str, Count], web: Web) -> RuleRow:
    rule, now = one.rule, utc_now()
    count = counts.get(one.name, Count(0, 0, None))
    missing = tuple(_("names the list `%(name)s`, which is not there") % {"name": name} for name in one.unknown_lists)
    return RuleRow(
        name=one.name,
        id=one.id,
        enabled=one.enabled,
        when=in_language(when_words(rule)) if rule else "",
        then=each_in_language(then_words(rule)) if rule else "",
        limits=in_language(limit_words(rule)) if rule else "",
        place=_("%(file)s, line %(line)s") % {"file": web.book.file, "line": one.line} if one.line else "",
        faults=(*one.faults, *missing),
        tries=rule is not None and rule.on in {"read", *HAPPENINGS},
        fired=counted(count.fired, "time") if count.fired else _("not once"),
        count=count,
        last=moment(count.last_at, web.zone, now) if count.last_at else None,
    )
