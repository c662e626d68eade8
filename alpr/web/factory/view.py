"""The factory as the pages show it: figures on cards, tables of workers and stations, who does what now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alpr.activity import SECOND, ActivityState, FactoryPlan, in_us, to_us
from alpr.site.factory.productivity import Amounts, Productivity, StationMetrics
from alpr.store.activitysources import Source
from alpr.store.productivity import Current
from alpr.web.factory.filter import FactoryFilter
from alpr.web.view import Moment, moment
from alpr.web.words.language import decimal, later, ngettext, number
from alpr.web.words.language import gettext as _

STATES: Final = {
    ActivityState.WORKING: later("Working"),
    ActivityState.IDLE: later("Idle"),
    ActivityState.ABSENT: later("Absent"),
    ActivityState.UNKNOWN: later("Unknown"),
    ActivityState.BREAK: later("Break"),
}
LOOKS: Final = {
    ActivityState.WORKING: "full",
    ActivityState.IDLE: "half",
    ActivityState.ABSENT: "thin",
    ActivityState.UNKNOWN: "hatch",
}
"""How a state is drawn; a break is a gap."""
NONE: Final = "–"  # noqa: RUF001  nothing to say
_MINUTE: Final = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Figure:
    """A card: one figure, large, and what stands behind it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar of shares, in percent of its width."""

    x: float
    width: float
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Doing:
    """What a worker does now."""

    name: str
    href: str
    state: str
    look: str
    station: str
    since: Moment


def hours(microseconds: int) -> str:
    """Say a length of time to the minute, below a minute to the second."""
    if 0 < microseconds < _MINUTE:
        return _("%(n)s s") % {"n": microseconds // SECOND}
    whole, minutes = divmod(microseconds // _MINUTE, 60)
    if not whole:
        return _("%(n)s min") % {"n": minutes}
    return _("%(h)s h %(m)s min") % {"h": number(whole), "m": f"{minutes:02}"}


def share(value: float | None) -> str:
    """Say a share in percent, to a tenth."""
    return NONE if value is None else f"{decimal(100 * value)} %"


def rate(value: float | None) -> str:
    """Say a rate, to a tenth."""
    return NONE if value is None else decimal(value)


def figures(one: Productivity) -> tuple[Figure, ...]:
    """Return the cards of a window."""
    total = one.total
    behind = _("%(known)s of %(net)s without breaks known") % {"known": hours(total.known), "net": hours(total.net)}
    unsure = _unsure(total.unsure_units)
    aimed = "" if one.performance is None else _("%(share)s of the target") % {"share": share(one.performance)}
    return (
        Figure(_("Productive time"), hours(total.working), _("of %(time)s planned") % {"time": hours(total.planned)}),
        Figure(_("Utilisation"), share(total.utilisation), behind),
        Figure(_("Units"), number(total.units), unsure or aimed),
        Figure(_("Units an hour of work"), rate(total.rate), aimed if unsure else ""),
    )


def station_figures(one: Productivity, station: str) -> tuple[Figure, ...]:
    """Return the cards of one station."""
    here = next((each for each in one.stations if each.station == station), StationMetrics(station, Amounts()))
    aimed = "" if here.performance is None else _("%(share)s of the target") % {"share": share(here.performance)}
    return (
        Figure(_("Busy"), hours(here.busy), _("of %(time)s open") % {"time": hours(here.open)}),
        Figure(_("Utilisation"), share(here.utilisation), _("%(share)s occupied") % {"share": share(here.occupancy)}),
        Figure(_("Units"), number(here.amounts.units), _unsure(here.amounts.unsure_units) or aimed),
        Figure(_("Units an open hour"), rate(here.throughput), aimed if here.amounts.unsure_units else ""),
    )


def clock_words(sources: Iterable[Source]) -> tuple[str, ...]:
    """Tell of every sender whose clock is wrong."""
    return tuple(
        (
            _("The clock of %(source)s is %(time)s ahead: its events are dated too late.")
            if one.skew > timedelta()
            else _("The clock of %(source)s is %(time)s behind: its events are dated too early.")
        )
        % {"source": one.name, "time": hours(in_us(abs(one.skew)))}
        for one in sources
        if one.skew
    )


def _unsure(units: int) -> str:
    return ngettext("and %(n)s unsure one", "and %(n)s unsure ones", units) % {"n": number(units)} if units else ""


def parts(amounts: Amounts) -> tuple[Part, ...]:
    """Share out the net time to its states."""
    pieces = (
        (ActivityState.WORKING, amounts.working),
        (ActivityState.IDLE, amounts.idle),
        (ActivityState.ABSENT, amounts.absent),
        (ActivityState.UNKNOWN, amounts.unknown),
    )
    done, drawn = 0, []
    for state, amount in pieces:
        if amount:
            x, width = 100 * done / amounts.net, 100 * amount / amounts.net
            drawn.append(Part(round(x, 3), round(width, 3), LOOKS[state], f"{_(STATES[state])} {hours(amount)}"))
        done += amount
    return tuple(drawn)


def doing(current: Iterable[Current], plan: FactoryPlan, zone: ZoneInfo, now: datetime) -> tuple[Doing, ...]:
    """Return who does what now, those who work first."""
    order = list(STATES)
    return tuple(
        Doing(
            plan.worker(one.worker).name,
            FactoryFilter(worker=one.worker).url("/factory/worker"),
            _(STATES[one.state]),
            LOOKS.get(one.state, "gap"),
            plan.station(one.station).name if one.station else "",
            moment(one.since, zone, now),
        )
        for one in sorted(current, key=lambda one: (order.index(one.state), to_us(one.since), one.worker))
    )
