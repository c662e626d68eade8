"""Who may enter and whom to tell: judges every read inside its own transaction.

What comes of a read (hits, firings, tags, alarms, deliveries) is committed with the read or not at all, each under a
key of its own: neither a crash nor a second look at the same read tells twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import MAY_STAND, Decision
from alpr.bus import AlarmsChanged, Bus, Event, ListsChanged, ReadCommitted, RulesChanged
from alpr.config.rule import Rule
from alpr.configfile.rules import check_rule
from alpr.domain import Read, canonical, utc_now
from alpr.errors import ConfigError, StoreError
from alpr.keepers.box import BoxKeeper
from alpr.keepers.standing import LISTS, judged_anew, standing, turns
from alpr.keepers.telling import Telling
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper
from alpr.site.lists.matching import Index
from alpr.site.rules.book import Rulebook
from alpr.site.rules.firing import History, ReadyRule, held_back, is_quiet, ready, slowest_gap, subject_of
from alpr.site.rules.passage import Passage, passage
from alpr.site.rules.telling import (
    Site,
    alarm_of_read,
    key_of_read,
    messages_of_read,
    orders,
)
from alpr.status import Status
from alpr.store import alarms, firings, hits, lists, rules, tags
from alpr.store.database import Database
from alpr.store.passages import seconds_elsewhere
from alpr.store.passes import arrival_of

_PAUSE: Final = 5.0
_AT_HAND: Final = 200
"""Reads that were judged anew and are remembered as such: more than ever stand at the gates of a site."""
_log = structlog.get_logger(__name__)


class Gatekeeper:
    """Keeps lists and rules at hand; used from the event loop only."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        status: Status,
        book: Rulebook,
        clock: Callable[[], datetime] = utc_now,
        *,
        yard: YardKeeper | None = None,
        visits: VisitKeeper | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._status = status
        self._book = book
        self._clock = clock
        self._yard = yard
        self._visits = visits
        self._index = Index((), book.zone)
        self._taking = asyncio.Lock()
        self._by_hand: deque[str] = deque(maxlen=_AT_HAND)
        self._rules: tuple[ReadyRule, ...] = ()
        self._elsewhere = 0.0
        self._arrivals = False
        self._telling = Telling(bus)
        self.box = BoxKeeper(db, book, self._telling, lambda: self._rules, clock)
        """What is told of the box itself."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are followed."""
        return tuple(one.rule for one in self._rules)

    @property
    def ready_rules(self) -> tuple[ReadyRule, ...]:
        """The same, ready to be followed."""
        return self._rules

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever deliveries have been committed."""
        self._telling.wakes(wake)

    def committed(self) -> None:
        """Say what has changed, once the transaction is through."""
        self._telling.committed()

    async def load(self) -> None:
        """Take up lists and rules as they are stored now; raises StoreError."""
        await self.take_lists()
        await self._load_rules()
        await self._count_alarms()

    async def run(self) -> None:
        """Follow changes of lists, rules and alarms until cancelled; `load` comes before."""
        loads: dict[type[Event], Callable[[], Awaitable[None]]] = {
            ListsChanged: self._follow_lists,
            RulesChanged: self._load_rules,
            AlarmsChanged: self._count_alarms,
        }
        async with self._bus.listen(*loads) as changes:
            while True:
                await self._surely(loads[type(await changes.get())])

    async def decide(self, connection: AsyncConnection, read: Read, now: datetime, *, visits: bool = True) -> Decision:
        """Judge a read inside its transaction: its hits, and all that the rules make of it, become rows.

        Without `visits` its visit is left to whoever takes up a whole batch.
        """
        decision = await self._weigh(connection, read, visits=visits)
        if read.id in self._by_hand:
            # A person has seen it since, and opens if need be.
            decision = replace(decision, opens=False)
        await self._follow(connection, read, decision, now)
        return decision

    async def decide_all(
        self,
        connection: AsyncConnection,
        reads: Sequence[Read],
        now: datetime,
        *,
        told: Collection[str],
        opening: Collection[str],
    ) -> list[Decision]:
        """Judge the reads of a batch that another system sent, in few statements.

        Rules follow those `told` of: the others are of long ago. Barriers may open for those `opening`.
        """
        decisions = [self._index.decide(read, read.captured_at) for read in reads]
        await hits.save_all(connection, [(read.id, one) for read, one in zip(reads, decisions, strict=True)])
        if self._yard is not None:
            for read in reads:
                await self._yard.put(connection, read)
        if self._visits is not None:
            await self._visits.put_all(connection, reads)
        for read, decision in zip(reads, decisions, strict=True):
            if read.id in told:
                may_open = decision.opens and read.id in opening
                await self._follow(connection, read, replace(decision, opens=may_open), now)
        return decisions

    async def decide_again(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision:
        """Judge a read anew that a person has corrected, or that the lists know since, inside a transaction.

        What has fired for it does not fire again, no barrier opens by itself, not when the read is completed either,
        and of a vehicle that is long gone nobody is told.
        """
        decision = await self._weigh(connection, read)
        self._by_hand.append(read.id)
        one = await self._passage(connection, read, decision)
        await self._retag(connection, read.id, one)
        if now - read.last_seen < MAY_STAND:
            await self._fire_all(connection, one, read, replace(decision, opens=False), now)
        return decision

    async def withdraw(self, connection: AsyncConnection, read_id: str) -> None:
        """Forget what the lists said of a read that a person has dismissed: it was no plate."""
        await hits.forget(connection, read_id)
        if self._yard is not None:
            await self._yard.drop(connection, read_id)
        if self._visits is not None:
            await self._visits.drop(connection, read_id)

    async def _weigh(self, connection: AsyncConnection, read: Read, *, visits: bool = True) -> Decision:
        """Store what the lists say of a read, and where it belongs."""
        # As of then: a still may be read long after the vehicle passed.
        decision = self._index.decide(read, read.captured_at)
        await hits.save(connection, read.id, decision)
        if self._yard is not None:
            await self._yard.put(connection, read)
        if self._visits is not None and visits:
            await self._visits.put(connection, read)
        return decision

    async def _follow(self, connection: AsyncConnection, read: Read, decision: Decision, now: datetime) -> None:
        """Do what the rules say of a read."""
        await self._fire_all(connection, await self._passage(connection, read, decision), read, decision, now)

    async def _fire_all(
        self, connection: AsyncConnection, one: Passage, read: Read, decision: Decision, now: datetime
    ) -> None:
        for candidate in self._rules:
            if candidate.rule.on == "read" and candidate.fires(one):
                await self._fire(connection, candidate, read, decision, now)

    async def _retag(self, connection: AsyncConnection, read_id: str, passed: Passage) -> None:
        """Let a read have the tags that the rules give it as it is now; what was told stays told."""
        giving = [one for one in self._rules if one.rule.on == "read" and one.rule.tag]
        if not giving:
            return
        deserved = [one.rule for one in giving if one.fires(passed)]
        others = {one.rule.name for one in giving} - {rule.name for rule in deserved}
        await tags.take_back(connection, read_id, others)
        for rule in deserved:
            await tags.add(connection, read_id, rule.tag, rule.name)

    async def _passage(self, connection: AsyncConnection, read: Read, decision: Decision) -> Passage:
        """Return what rules ask of a read."""
        elsewhere = float("inf")
        if self._elsewhere and (text := canonical(read.text)):
            elsewhere = await seconds_elsewhere(connection, text, read.camera, read.captured_at, self._elsewhere)
        return passage(read, decision, elsewhere, await arrival_of(connection, read.id) if self._arrivals else "")

    @property
    def _site(self) -> Site:
        return Site(self._book.site, self._book.zone)

    async def _fire(
        self, connection: AsyncConnection, one: ReadyRule, read: Read, decision: Decision, now: datetime
    ) -> None:
        rule, key, subject = one.rule, key_of_read(one.rule, read), subject_of(read)
        # Barriers know for themselves when they were opened last, and a later look may be sure enough for one.
        least = self._book.barrier_confidence
        await self._telling.send(connection, orders(rule, read, decision, self._site, now, least), now)
        if await firings.known(connection, key):
            return
        limited = rule.cooldown or rule.at_most
        history = await firings.history(connection, rule.name, subject, now) if limited else History()
        reason, quiet = held_back(rule, history, now), is_quiet(one, now, self._book.zone)
        silent = reason or ("quiet hours" if quiet and rule.tell else "")
        await firings.add(connection, firings.Firing(key, rule.name, subject, read.id, silent), now)
        if rule.tag:
            await tags.add(connection, read.id, rule.tag, rule.name)
        if rule.alarm and not reason:
            alarm = alarm_of_read(rule, read, decision, self._site, now, quiet=quiet)
            await self._telling.raise_alarm(connection, alarm, now)
        if not silent:
            await self._telling.send(connection, messages_of_read(rule, read, decision, self._site), now)

    async def _surely(self, load: Callable[[], Awaitable[None]]) -> None:
        """Load again and again until the database answers."""
        while True:
            try:
                await load()
            except StoreError as error:
                _log.warning("lists and rules are as they were", error=str(error))
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def take_lists(self) -> None:
        """Take up the lists as they are stored now; raises StoreError."""
        async with self._taking:  # what was asked first must not be put in place last
            entries = await lists.load_entries(self._db)
            self._index = await asyncio.to_thread(Index, entries, self._book.zone)
        _log.info("lists taken", entries=len(entries))

    async def _follow_lists(self) -> None:
        """Take up the lists, and judge anew who stands at a gate and was not let in."""
        await self.take_lists()
        now = self._clock()
        for seen in await standing(self._db, now):
            if not turns(seen, self._index.decide(seen.read, seen.read.captured_at)):
                continue
            async with self._db.write() as connection:
                stored, decision = await judged_anew(connection, self, seen.read.id, LISTS, now)
            self.committed()
            self._bus.publish(ReadCommitted(stored.read, new=False, decision=decision))

    async def _load_rules(self) -> None:
        followed = [one.rule for one in self._book.filed]
        for stored in await rules.every(self._db):
            try:
                taken = [rule.name for rule in followed]
                followed.append(check_rule(stored.definition, self._book.names, taken))
            except ConfigError as error:
                _log.error("rule not followed: change it on the page Rules", rule=stored.name, faults=error.faults)
        self._rules = ready(followed, self._book.zone)
        self._elsewhere = slowest_gap(self._rules)
        self._arrivals = any(rule.arrivals for rule in followed)
        known = {one.name.casefold() for one in await lists.everyone(self._db, self._clock())}
        for rule in followed:
            if missing := [name for name in rule.lists if name.casefold() not in known]:
                _log.warning("rule names a list that is not there", rule=rule.name, lists=missing)

    async def _count_alarms(self) -> None:
        self._status.open_alarms, self._status.sounding_alarm = await alarms.count_waiting(self._db)
