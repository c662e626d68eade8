"""Containers on the site as the pages show them: with the clock of free time and demurrage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.iso6346 import length_feet, size_type_words, spaced
from alpr.site.yard.demurrage import Clock, clock_of
from alpr.stay import VisitState
from alpr.web.view import Moment, moment, span
from alpr.web.words.language import gettext as _
from alpr.web.words.language import ngettext
from alpr.web.yard.arrival_view import ArrivalBadge, arrival_badge
from alpr.web.yard.passes_view import Code

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from alpr.site.yard.demurrage import Tariff
    from alpr.store.yard import Stay


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay of a container."""

    code: Code
    size: str
    since: Moment | None
    left: Moment | None
    state_words: str
    dwell: str
    days: int
    free_words: str
    over: bool
    """Free time is over."""
    overstays: bool
    owed: str
    truck: str
    trailer: str
    pass_href: str
    arrival: ArrivalBadge | None
    zone: str
    inside: bool


def stay_clock(stay: Stay, tariff: Tariff, zone: ZoneInfo, now: datetime) -> Clock:
    """Return what the clock of a stay shows, at its end or now; nobody pays for a time that nobody has seen."""
    until = stay.left or (now if stay.state is VisitState.OPEN else stay.began)
    return clock_of(tariff, length_feet(stay.size_type), stay.entered or until, until, zone)


def stay_row(stay: Stay, tariff: Tariff, zone: ZoneInfo, now: datetime) -> StayRow:
    """Show a stay."""
    clock = stay_clock(stay, tariff, zone, now)
    inside = stay.state is VisitState.OPEN
    until = stay.left or (now if inside else None)
    return StayRow(
        code=Code(spaced(stay.container), f"/yard/{stay.container}"),
        size=size_type_words(stay.size_type) or stay.size_type,
        since=moment(stay.entered, zone, now) if stay.entered else None,
        left=moment(stay.left, zone, now) if stay.left else None,
        state_words=_state_words(stay.state),
        dwell=span((until - stay.entered).total_seconds()) if stay.entered and until else "",
        days=clock.days,
        free_words=_free_words(clock.free_left),
        over=clock.free_left < 0,
        overstays=clock.overstays and inside,
        owed=money(clock.owed, tariff.currency) if clock.owed else "",
        truck=stay.truck,
        trailer=stay.trailer,
        pass_href=f"/passes/{stay.pass_id}" if stay.pass_id else "",
        arrival=arrival_badge(stay.arrival),
        zone=stay.zone,
        inside=inside,
    )


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency."""
    return f"{amount:,.2f} {currency}"


def _free_words(left: int) -> str:
    if left > 0:
        return ngettext("%(n)s free day left", "%(n)s free days left", left) % {"n": left}
    if left == 0:
        return _("last free day")
    return ngettext("%(n)s day over free time", "%(n)s days over free time", -left) % {"n": -left}


def _state_words(state: VisitState) -> str:
    return {
        VisitState.OPEN: _("on the site"),
        VisitState.CLOSED: _("left"),
        VisitState.MISSED_OUT: _("must have left unseen"),
        VisitState.MISSED_IN: _("nobody saw it come"),
    }[state]
