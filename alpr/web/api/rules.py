"""`/api/v1/rules` and `/api/v1/alarms`."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.access import Severity
from alpr.errors import ConfigError
from alpr.site.rules.alarms import Alarm as KnownAlarm
from alpr.store import alarms
from alpr.store.users import Role
from alpr.web.alerts import alarms as alarm_pages
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.rules import deeds as ruledeeds
from alpr.web.rules.deeds import KnownRule

_SEEN = document(HTTPStatus.FORBIDDEN)
_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_READ = [need_role(Role.ADMIN)]
_CHANGE = [may_change(Role.ADMIN)]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `definition` has the keys of a `[[rule]]` table, those that are as by default left out.

    One of the configuration has no `id` and the `line` where it stands; it cannot be changed here.
    """

    id: int | None
    line: int | None
    name: str
    enabled: bool
    definition: dict[str, Any]
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, those of the configuration first."""

    rules: list[Rule]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody must have seen; `read` is the id of the read that it is about."""

    id: int
    key: str
    rule: str
    severity: Severity
    text: str
    read: str | None
    raised_at: datetime
    over_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    escalated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alarms:
    """A page of alarms, newest first; `next` is the `cursor` of the page that follows, null on the last one."""

    alarms: list[Alarm]
    next: str | None


@get("/rules", responses=_SEEN, guards=_READ, summary="All rules")
async def list_rules(web: WebParts) -> Rules:
    """Give the rules of the configuration and those made on the page or here. For admins."""
    return Rules([_rule(one) for one in await ruledeeds.every_rule(web)])


@post("/rules", responses=_BAD, guards=_CHANGE, summary="Make a rule")
async def make_rule(request: PageRequest, web: WebParts, data: JSONBody[dict[str, Any]]) -> Rule:
    """Make a rule of the keys of a `[[rule]]` table. For admins."""
    try:
        made = await ruledeeds.make_rule(web, request.user.name, data)
    except ConfigError as error:
        raise _faulty(error) from error
    return await _known(web, made)


@put("/rules/{rule_id:int}", responses=_GONE, guards=_CHANGE, summary="Change a rule")
async def change_rule(
    request: PageRequest, web: WebParts, rule_id: FromPath[int], data: JSONBody[dict[str, Any]]
) -> Rule:
    """Put another definition in the rule's place. For admins."""
    stored = await ruledeeds.known_rule(web, rule_id)
    try:
        await ruledeeds.change_rule(web, request.user.name, stored, data)
    except ConfigError as error:
        raise _faulty(error) from error
    return await _known(web, rule_id)


@delete("/rules/{rule_id:int}", responses=_GONE, guards=_CHANGE, summary="Remove a rule")
async def remove_rule(request: PageRequest, web: WebParts, rule_id: FromPath[int]) -> None:
    """Remove a rule; what it has done stays. For admins."""
    await ruledeeds.remove_rule(web, request.user.name, await ruledeeds.known_rule(web, rule_id))


@get("/alarms", responses=document(HTTPStatus.BAD_REQUEST), summary="Alarms, newest first")
async def list_alarms(
    web: WebParts,
    waiting: Annotated[bool, QueryParameter(description="Only those that nobody has acknowledged.")] = False,  # noqa: FBT002  a parameter of the address
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Alarms:
    """Page through the alarms."""
    before = None
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdigit()):
            raise wrong("cursor", "is not one that this API gave: begin without it")
        before = min(int(cursor), 2**63 - 1)
    found = await alarms.page(web.database, before=before, limit=limit + 1, waiting=waiting)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Alarms([alarm_shape(one) for one in found[:limit]], following)


@post(
    "/alarms/{alarm_id:int}/acknowledge",
    responses=_GONE,
    guards=[may_change(Role.GUARD)],
    status_code=HTTPStatus.OK,
    summary="Acknowledge an alarm",
)
async def acknowledge(request: PageRequest, web: WebParts, alarm_id: FromPath[int]) -> Alarm:
    """Note who has seen the alarm; whoever was first stays. For guards."""
    alarm = await alarm_pages.acknowledge_one(web, request.user, alarm_id)
    if alarm is None:
        raise NotFoundException
    return alarm_shape(alarm)


def _rule(one: KnownRule) -> Rule:
    faults = [*one.faults, *(f"names the list `{name}`, which is not there" for name in one.unknown_lists)]
    return Rule(one.id or None, one.line or None, one.name, one.enabled, dict(one.definition), faults)


async def _known(web: Web, rule_id: int) -> Rule:
    return next(_rule(one) for one in await ruledeeds.every_rule(web) if one.id == rule_id)


def _faulty(error: ConfigError) -> ValidationException:
    extra = [{"key": "rule", "message": fault} for fault in error.faults]
    return ValidationException("; ".join(error.faults), extra=extra)


def alarm_shape(one: KnownAlarm) -> Alarm:
    """Show an alarm to a program."""
    return Alarm(
        one.id,
        one.key,
        one.rule,
        one.severity,
        one.text,
        one.read_id,
        one.raised_at,
        one.over_at,
        one.acknowledged_at,
        one.acknowledged_by,
        one.escalated_at,
    )
