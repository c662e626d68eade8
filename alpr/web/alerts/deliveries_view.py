"""Deliveries and targets in words and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alpr.site.rules.book import Names
from alpr.store.deliveries import Backlog, Delivery, DeliveryState
from alpr.web.view import Moment, counted, moment
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, number

_NOTHING: Final = Backlog(0, 0, None)
_WORDS: Final = {
    DeliveryState.WAITING: ("clock", later("Waiting")),
    DeliveryState.SENT: ("ok", later("Sent")),
    DeliveryState.DEAD: ("lost", later("Given up")),
}


@dataclass(frozen=True, slots=True)
class TargetCard:
    """One target: whether it takes what it is told."""

    name: str
    href: str
    state: str
    needs: bool
    waiting: str
    dead: str
    error: str
    last: Moment | None
    retries: int
    """How many would be tried if somebody says so."""
    testable: bool


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as the page shows it."""

    id: int
    icon: str
    state: str
    needs: bool
    subject: str
    target: str
    rule: str
    href: str
    made: Moment
    finished: Moment | None
    due: str
    attempts: str
    error: str
    may_retry: bool
    may_give_up: bool


def target_cards(names: Names, backlogs: Mapping[str, Backlog], last: Mapping[str, Moment]) -> list[TargetCard]:
    """Show every target that is configured, and those that went and left something behind; troubled ones first."""
    barriers = [f"barrier/{name}" for name in names.barriers]
    cards = []
    for name in dict.fromkeys([*names.targets, *barriers, *sorted(backlogs)]):
        card = _card(name, backlogs.get(name, _NOTHING), last.get(name))
        if name not in names.targets:
            # A test of a barrier would open it.
            card = replace(card, testable=False)
        if name not in names.targets and name not in barriers:
            card = replace(card, state=_("is not configured"), needs=True)
        cards.append(card)
    return sorted(cards, key=lambda card: not card.needs)


def delivery_row(delivery: Delivery, zone: ZoneInfo, now: datetime) -> DeliveryRow:
    """Show a delivery."""
    icon, words = _WORDS[delivery.state]
    waits, dead = delivery.state is DeliveryState.WAITING, delivery.state is DeliveryState.DEAD
    late = waits and bool(delivery.error)
    expired = delivery.expires_at is not None and delivery.expires_at <= now
    return DeliveryRow(
        id=delivery.id,
        icon="lost" if late else icon,
        state=_("Failing") if late else _(words),
        needs=late or dead,
        subject=delivery.subject or delivery.key,
        target=delivery.target,
        rule=delivery.rule,
        href=f"/reads/{delivery.read_id}" if delivery.read_id else "",
        made=moment(delivery.created_at, zone, now),
        finished=None if delivery.finished_at is None else moment(delivery.finished_at, zone, now),
        due=_due(delivery, zone, now) if late else "",
        attempts=counted(delivery.attempts, "attempt") if delivery.attempts > 1 else "",
        error=sentence_of(delivery.error),
        may_retry=dead and not expired,
        may_give_up=waits,
    )


def undelivered(backlogs: Mapping[str, Backlog]) -> tuple[int, int]:
    """Return how many wait and how many were given up, for all targets."""
    return sum(one.waiting for one in backlogs.values()), sum(one.dead for one in backlogs.values())


def sentence_of(error: str) -> str:
    """Return an error as a sentence; its names and codes stay as they are written."""
    line = " ".join(error.split())
    return line[:1].upper() + line[1:]


def _card(name: str, backlog: Backlog, last: Moment | None) -> TargetCard:
    failing = bool(backlog.waiting and backlog.error)
    if failing:
        state = _("does not take them")
    elif backlog.dead:
        state = _("%(n)s given up") % {"n": number(backlog.dead)}
    else:
        state = _("takes them") if last else _("not told anything yet")
    return TargetCard(
        name=name,
        href=f"/deliveries?{urlencode({'target': name})}",
        state=state,
        needs=failing or bool(backlog.dead),
        waiting=number(backlog.waiting),
        dead=number(backlog.dead),
        error=sentence_of(backlog.error) if failing else "",
        last=last,
        retries=backlog.dead + (backlog.waiting if failing else 0),
        testable=True,
    )


def _due(delivery: Delivery, zone: ZoneInfo, now: datetime) -> str:
    if delivery.due_at <= now:
        return _("tried again now")
    return _("tried again at %(time)s") % {"time": moment(delivery.due_at, zone, now).clock}
