"""Keeps visits up to date: each read inside its own transaction, whatever the order in which reads come.

The visits in the store are a function of its reads and of what people decided: after a crash, a correction or reads
that came late they are the same as if all reads had come in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.bus import Bus, VisitsChanged
from alpr.domain import Kind, Read, utc_now
from alpr.errors import StoreError
from alpr.site.likeness import hypotheses
from alpr.site.visits.decisions import Decided, Decision, decided
from alpr.site.visits.pairing import aged
from alpr.site.visits.reshaping import Shape, Stretch, Turn, Wanted, apart, ends, reshape, together
from alpr.site.visits.sightings import Seen
from alpr.stay import Room, StayLimits, Visit, Way, sighting
from alpr.store import reads, sightings, visitrows, visits
from alpr.store.database import Database
from alpr.store.sightings import StoredSighting
from alpr.store.visitrows import StoredVisit

_BATCH: Final = 100
_AGEING: Final = 60.0
_FIRST_LOOK: Final = 1.5
"""So many times `missed_after` is looked to either side at first: enough unless somebody stays long."""
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)

_ROOM: Final = Room()
_CONTAINERS: Final = StayLimits(missed_after=timedelta(days=180))

_Sightings: TypeAlias = Mapping[str, StoredSighting]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Found:
    """What a change has to do with, as far as it has been looked for."""

    known: dict[str, StoredSighting]
    """The changed reads as they are, and what is near them."""
    shapes: list[Shape]

    @property
    def reads(self) -> set[str]:
        return {read for shape in self.shapes for read in shape.reads}


class VisitKeeper:
    """Makes visits of reads; used from the event loop only."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        limits: StayLimits,
        clock: Callable[[], datetime] = utc_now,
        *,
        room: Room = _ROOM,
        containers: StayLimits = _CONTAINERS,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self.limits = limits
        self.containers = containers
        self.room = room

    def limits_of(self, kind: Kind) -> StayLimits:
        """Return what parts visits of a kind: containers stay for weeks."""
        return self.containers if kind is Kind.CONTAINER else self.limits

    async def put(self, connection: AsyncConnection, read: Read) -> None:
        """Take up a read, or what it says now, inside its transaction; the row of the read stands already."""
        await self.put_all(connection, [read])

    async def put_all(self, connection: AsyncConnection, batch: Sequence[Read]) -> None:
        """Take up many reads at once: far cheaper than one after the other. The last of an id counts."""
        latest = {read.id: read for read in batch}
        before = await sightings.as_taken_up(connection, latest)
        seen = {read.id: one for read in latest.values() if (one := _seen(read)) is not None}
        await sightings.save(connection, list(seen.values()), before)
        silent = [read for read in latest.values() if read.id not in seen]
        await sightings.dismiss(connection, [(read.id, read.captured_at, read.kind) for read in silent])
        zones = {read.id: read.zone or "" for read in latest.values()}
        visit_of = {read: one.visit for read, one in before.items()}
        after = {read: StoredSighting(one, visit_of.get(read), zones[read]) for read, one in seen.items()}
        await self._turn(connection, before, after)

    async def drop(self, connection: AsyncConnection, read_id: str) -> None:
        """Take a read back: it was no plate. `put` takes it up again."""
        before = await sightings.as_taken_up(connection, [read_id])
        for known in before.values():
            one = known.seen.sighting
            await sightings.dismiss(connection, [(one.id, one.at, one.kind)])
        await self._turn(connection, before, {})

    async def look_again(self, connection: AsyncConnection, read_ids: Collection[str]) -> None:
        """Make the visits of these reads anew, after somebody has decided something about them."""
        known = await sightings.of_ids(connection, read_ids)
        await self._turn(connection, known, known)

    async def run(self) -> None:
        """Take up reads that came in another way, then give up who was not seen for too long, until cancelled."""
        caught_up = False
        while True:
            try:
                if not caught_up:
                    taken = await self.catch_up()
                    caught_up = True
                    _log.info("visits up to date", taken_up=taken)
                await self.give_up()
            except StoreError as error:
                _log.warning("visits wait for the database", error=str(error))
            await asyncio.sleep(_AGEING)

    async def give_up(self) -> None:
        """Note who must have left unseen by now, and tell the pages."""
        now = self._clock()
        unseen = [(kind, now - self.limits_of(kind).missed_after) for kind in Kind]
        if sum([await visits.give_up(self._db, kind, since) for kind, since in unseen]):
            self._bus.publish(VisitsChanged())

    async def catch_up(self) -> int:
        """Take up every read that visits do not know, a few hundred in a transaction; return how many."""
        taken, place = 0, -1
        while True:
            ids, place = await sightings.unknown_reads(self._db, _BATCH, place)
            if not ids:
                return taken
            async with self._db.write() as connection:
                await self.put_all(connection, [one.read for one in await reads.of_ids(connection, ids)])
            taken += len(ids)
            await asyncio.sleep(0)

    async def _turn(self, connection: AsyncConnection, before: _Sightings, after: _Sightings) -> None:
        """Make anew the visits that these reads have to do with, as they were and as they are."""
        turns = [Turn(_of(before, read), _of(after, read)) for read in before.keys() | after.keys()]
        found = _Found(dict(after), [])
        for kind in Kind:
            same = [turn for turn in turns if turn.kind is kind]
            for row in together(same, self.limits_of(kind).missed_after):
                await self._shape(connection, row, found)
        if not found.reads:
            return
        decisions = await sightings.decisions_about(connection, found.reads)
        if partners := _partners(decisions) - found.reads:
            # Visits merged by hand lie where no text leads.
            others = await sightings.of_ids(connection, partners)
            if others:
                await self._turn(connection, {**before, **others}, {**after, **others})
                return
        await self._write(connection, found, {read: one.visit for read, one in before.items()}, decisions)

    async def _shape(self, connection: AsyncConnection, turns: Sequence[Turn], found: _Found) -> None:
        """Find the visits of turns that lie near each other in time."""
        limits, (first, last) = self.limits_of(turns[0].kind), ends(turns)
        reach = limits.missed_after * _FIRST_LOOK
        known = Stretch(first - reach, last + reach)
        near = await self._near(connection, turns, known)
        for own, beside in apart(turns, [one.seen for one in near.values()]):
            shape = reshape(own, beside, _inside(near), known, limits)
            if isinstance(shape, Wanted):
                shape = await self._look_further(connection, own, known, shape, found)
            found.shapes.append(shape)
        found.known.update(near)

    async def _look_further(
        self, connection: AsyncConnection, turns: Sequence[Turn], known: Stretch, wanted: Wanted, found: _Found
    ) -> Shape:
        """Take in more and more of the past, and of what came after, until the visits can be told."""
        limits = self.limits_of(turns[0].kind)
        back = limits.missed_after
        while True:
            since = known.since
            if wanted.earlier and since is not None:
                back *= 2
                since = await self._reached(connection, turns, since - back)
            known = Stretch(since, max(known.until, wanted.until))
            near = await self._near(connection, turns, known)
            shape = reshape(turns, [one.seen for one in near.values()], _inside(near), known, limits)
            if not isinstance(shape, Wanted):
                found.known.update(near)
                return shape
            wanted = shape

    async def _reached(self, connection: AsyncConnection, turns: Sequence[Turn], since: datetime) -> datetime | None:
        """Return the moment, or None when nothing is earlier."""
        keys = {key for turn in turns for key in turn.keys}
        first = await sightings.earliest(connection, turns[0].kind, keys)
        return None if first is None or first >= since else since

    async def _near(
        self, connection: AsyncConnection, turns: Sequence[Turn], known: Stretch
    ) -> dict[str, StoredSighting]:
        """Return what can be of the same vehicles, by any chain of texts; not the changed reads themselves."""
        since = known.since or _BEGINNING
        asked: set[str] = set()
        wanted = {key for turn in turns for key in turn.keys}
        found: dict[str, StoredSighting] = {}
        while wanted - asked:
            fresh = await sightings.near(connection, turns[0].kind, wanted - asked, since, known.until)
            asked |= wanted
            found |= fresh
            wanted = {text.folded for one in fresh.values() for text in one.seen.texts}
        for turn in turns:
            found.pop(turn.id, None)
        return found

    async def _write(
        self, connection: AsyncConnection, found: _Found, was: Mapping[str, str | None], decisions: Sequence[Decision]
    ) -> None:
        """Store what has changed, and nothing else."""
        pure = (visit for shape in found.shapes for visit in shape.visits)
        new = {one.visit.id: _stored(one, found.known) for one in self._as_of(pure, decisions)}
        was = {read: found.known[read].visit for read in found.reads if read in found.known} | dict(was)
        before = await visitrows.of_ids(connection, {visit for visit in was.values() if visit})
        await visitrows.remove(connection, before.keys() - new.keys())
        await visitrows.save(connection, [visit for name, visit in new.items() if before.get(name) != visit])
        belongs = dict.fromkeys(was) | {read: name for name, one in new.items() for read in one.visit.reads}
        await sightings.move(connection, {read: name for read, name in belongs.items() if was.get(read) != name})

    def _as_of(self, pure: Iterable[Visit], decisions: Sequence[Decision]) -> Iterator[Decided]:
        now = self._clock()
        given_up = [aged(visit, self.limits_of(visit.kind), now) for visit in pure]
        for one in decided(given_up, decisions):
            yield Decided(aged(one.visit, self.limits_of(one.visit.kind), now), one.by)


def _seen(read: Read) -> Seen | None:
    """Return what visits see of a read; None when it takes no part."""
    one = sighting(read)
    texts = hypotheses(read.reading) if one is not None else ()
    return Seen(one, texts) if one is not None and texts else None


def _of(known: _Sightings, read: str) -> Seen | None:
    return known[read].seen if read in known else None


def _inside(near: _Sightings) -> set[str]:
    return {read for read, one in near.items() if one.visit is not None}


def _partners(decisions: Iterable[Decision]) -> set[str]:
    return {read for one in decisions for read in (one.read, one.other) if read is not None}


def _stored(one: Decided, known: _Sightings) -> StoredVisit:
    seen = sorted((known[read] for read in one.visit.reads), key=lambda it: it.seen.order)
    gates = [(it.seen.sighting.way, it.seen.sighting.camera) for it in seen]
    went = next((camera for way, camera in reversed(gates) if way is Way.OUT), "")
    return StoredVisit(
        visit=replace(one.visit, reads=tuple(it.seen.sighting.id for it in seen)),
        came_camera=next((camera for way, camera in gates if way is Way.IN), ""),
        went_camera=went if one.visit.left else "",
        last_camera=gates[-1][1],
        zone=next((it.zone for it in reversed(seen) if it.zone), ""),
        by_hand=one.by,
    )
