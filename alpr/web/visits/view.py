"""Visits as the pages show them: a row of a list, and the card of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from alpr.domain import Reading
from alpr.stay import VisitState
from alpr.store import hits, visits
from alpr.web.view import Moment, Plate, moment, plate
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alpr.store.hits import Hit
    from alpr.store.visits import StoredVisit
    from alpr.web.context import Web

STATES = {
    VisitState.OPEN: later("inside"),
    VisitState.CLOSED: later("left"),
    VisitState.MISSED_OUT: later("left unseen"),
    VisitState.MISSED_IN: later("came unseen"),
}
ICONS = {
    VisitState.OPEN: "inside",
    VisitState.CLOSED: "out",
    VisitState.MISSED_OUT: "unread",
    VisitState.MISSED_IN: "unread",
}
Known: TypeAlias = "Mapping[str, tuple[Hit, ...]]"
"""Hits by read."""
_MINUTE, _HOUR = 60, 3600
_SURE = 1.0


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit in a list."""

    id: str
    href: str
    label: str
    plate: Plate
    state: str
    state_words: str
    icon: str
    entered: Moment | None
    left: Moment | None
    seen: Moment
    came: str
    """The camera."""
    went: str
    last: str
    zone: str
    dwell: str
    """`3 h 12 min`; empty when one end was missed."""
    too_long: bool
    unsure: bool
    """Whether reads of different texts were taken for one vehicle's."""
    turned_round: bool
    by_hand: str
    lists: tuple[str, ...]
    owner: str
    company: str
    reads: int


@dataclass(frozen=True, slots=True)
class VisitCard:
    """The visit that a read belongs to, as a line from coming to leaving."""

    row: VisitRow
    here: str
    """The id of the read it is shown for; empty on the visit's own page."""
    steps: tuple[VisitStep, ...]


@dataclass(frozen=True, slots=True)
class VisitStep:
    """One end of a visit, or what was missed."""

    icon: str
    words: str
    when: Moment | None
    camera: str
    missed: bool = False


async def visit_rows(web: Web, found: Sequence[StoredVisit], now: datetime) -> list[VisitRow]:
    """Show visits in a list, with whom the lists know them by."""
    known = await known_of(web, found)
    return [visit_row(web, one, known, now) for one in found]


async def known_of(web: Web, found: Sequence[StoredVisit]) -> Known:
    """Return the hits of these visits' first and last reads."""
    return await hits.of_reads(web.database, [read for one in found for read in ends(one)])


async def visit_card(web: Web, read_id: str, now: datetime) -> VisitCard | None:
    """Show the visit of a read; None when it belongs to none."""
    found = await visits.of_read(web.database, read_id)
    if found is None:
        return None
    (row,) = await visit_rows(web, [found], now)
    return card(row, read_id)


def ends(one: StoredVisit) -> tuple[str, ...]:
    """Return the reads whose hits tell who it is: the first and the last."""
    return tuple(dict.fromkeys((one.visit.reads[0], one.visit.reads[-1])))


def lists_of(one: StoredVisit, known: Known) -> dict[str, Hit]:
    """Return the entries that held for it, by list, the one that tells who it is last."""
    found = [hit for read in ends(one) for hit in known.get(read, ()) if hit.applies]
    return {hit.list_name: hit for hit in reversed(found)}


def whose(named: dict[str, Hit]) -> Hit | None:
    """Return the entry that tells who it is, of those of `lists_of`."""
    return next(iter(reversed(named.values())), None)


def stays_long(web: Web, one: StoredVisit, named: Mapping[str, Hit], now: datetime) -> bool:
    """Whether somebody stays, or stayed, longer than the lists let him."""
    dwell, longest = one.visit.dwell(now), web.visits.room.longest(named, one.visit.kind)
    return dwell is not None and longest is not None and dwell > longest


def visit_row(web: Web, one: StoredVisit, known: Known, now: datetime) -> VisitRow:
    """Show a visit in a list."""
    visit = one.visit
    named = lists_of(one, known)
    hit = whose(named)
    dwell = visit.dwell(now)
    shown = plate(Reading(visit.text, 1.0), visit.kind)
    since = moment(visit.entered or visit.left or visit.last_seen, web.zone, now)
    return VisitRow(
        id=visit.id,
        href=f"/visits/{visit.id}",
        label=_("Visit of %(text)s, %(when)s") % {"text": visit.text, "when": since.exact},
        plate=shown,
        state=visit.state.value,
        state_words=_(STATES[visit.state]),
        icon=ICONS[visit.state],
        entered=moment(visit.entered, web.zone, now) if visit.entered else None,
        left=moment(visit.left, web.zone, now) if visit.left else None,
        seen=moment(visit.last_seen, web.zone, now),
        came=one.came_camera,
        went=one.went_camera,
        last=one.last_camera,
        zone=one.zone,
        dwell=dwell_words(dwell) if dwell is not None else "",
        too_long=stays_long(web, one, named, now),
        unsure=visit.confidence < _SURE,
        turned_round=visit.turned_round,
        by_hand=one.by_hand,
        lists=tuple(sorted(named)),
        owner=hit.owner if hit else "",
        company=hit.company if hit else "",
        reads=len(visit.reads),
    )


def card(row: VisitRow, here: str = "") -> VisitCard:
    """Show a visit from its coming to its leaving."""
    came = VisitStep("in", _("came in"), row.entered, row.came)
    if row.entered is None:
        came = VisitStep("unread", _("came in unseen"), None, "", missed=True)
    if row.left is not None:
        words = _("left, says %(who)s") % {"who": row.by_hand} if row.by_hand and not row.went else _("left")
        return VisitCard(row, here, (came, VisitStep("out", words, row.left, row.went)))
    seen = VisitStep("clock", _("last seen"), row.seen, row.last)
    if row.state == VisitState.OPEN.value:
        return VisitCard(row, here, (came, seen, VisitStep("inside", _("is inside"), None, row.zone)))
    return VisitCard(row, here, (came, seen, VisitStep("unread", _("left unseen"), None, "", missed=True)))


def dwell_words(dwell: timedelta) -> str:
    """Say how long somebody stayed: `42 s`, `12 min`, `3 h 12 min`, `2 d 4 h`."""
    seconds = max(0, int(dwell.total_seconds()))
    minutes, hours = seconds // _MINUTE, seconds // _HOUR
    if seconds < _MINUTE:
        return _("%(n)s s") % {"n": seconds}
    if hours < 1:
        return _("%(n)s min") % {"n": minutes}
    if hours < 24:  # noqa: PLR2004  a day
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(days)s d %(hours)s h") % {"days": hours // 24, "hours": hours % 24}
