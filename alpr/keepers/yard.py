"""Passes and arrivals kept up to date read by read, in the transaction of each read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Read
from alpr.iso6346 import is_valid
from alpr.site.yard.arrivals import Arrival, Arriving, Expected, judge_arrival, worst
from alpr.site.yard.grouping import Glimpse, Pass, Portal, chain, group
from alpr.store import expected, passes, yard

ALONE = timedelta(seconds=20)
"""How long a truck takes past a camera that belongs to no portal: plate and container are read one after the other."""


@dataclass(frozen=True, slots=True)
class YardSettings:
    """What the yard's keeper goes by."""

    portals: tuple[Portal, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    tolerance: timedelta = timedelta(days=1)
    """How many days too early or too late a container may come."""


class YardKeeper:
    """Groups reads into passes and holds arriving containers against the expected list."""

    def __init__(self, settings: YardSettings) -> None:
        self._settings = settings

    def take(self, settings: YardSettings) -> None:
        """Go by other settings from now on."""
        self._settings = settings

    async def put(self, connection: AsyncConnection, read: Read) -> None:
        """Take up a read that is stored: its pass, and how the containers of it stand to the expected list."""
        portal = self._portal(read.camera)
        if read.source and portal not in self._settings.portals:
            return  # what other systems send has passed none of our cameras
        near = await passes.around(connection, portal.cameras, read.captured_at, portal.span)
        await self._settle(connection, portal, chain(near, read.id, portal.span), read.id)

    async def drop(self, connection: AsyncConnection, read_id: str) -> None:
        """Take a read out of its pass: it was dismissed."""
        gone = await passes.leave(connection, read_id)
        if gone is None or not gone.pass_id:
            return
        portal = self._portal(gone.camera)
        near = await passes.around(connection, portal.cameras, gone.at, portal.span)
        linked = chain([*(one for one in near if one.id != read_id), gone], read_id, portal.span)
        rest = [one for one in linked if one.id != read_id]
        if not any(one.pass_id == gone.pass_id for one in rest):
            await passes.remove(connection, [gone.pass_id])
        await self._settle(connection, portal, rest, lost=gone.pass_id)

    async def announced(self, connection: AsyncConnection, entries: Iterable[Expected], now: datetime) -> None:
        """Hold new announcements against the containers that stand there: who came first makes no difference.

        What is announced for later than now is of another visit.
        """
        latest = (now + self._settings.tolerance).astimezone(self._settings.zone).date()
        codes = {entry.container for entry in entries if entry.due <= latest}
        for one in await yard.brought(connection, codes):
            came = Pass(one.id, one.began_at, one.ended_at, one.direction, one.plate, one.trailer, one.containers, ())
            await self._judge(connection, came)

    async def _settle(
        self, connection: AsyncConnection, portal: Portal, linked: Sequence[Glimpse], read_id: str = "", lost: str = ""
    ) -> None:
        """Find the passes of these reads anew, and store those that have changed; `lost` is one that lost a read."""
        before = {one.id: one.pass_id for one in linked}
        members: dict[str, set[str]] = {}
        for one in linked:
            members.setdefault(one.pass_id, set()).add(one.id)
        found = group(linked, portal)
        stays = {one.id for one in found if read_id not in one.reads and members.get(one.id) == set(one.reads)} - {lost}
        changed = [one for one in found if one.id not in stays]
        await passes.put(connection, portal.name, changed, before)
        await passes.remove(connection, set(before.values()) - {"", *(one.id for one in found)})
        for passed in changed:
            await self._judge(connection, passed)

    def _portal(self, camera: str) -> Portal:
        """Return the portal of a camera; one that belongs to none is its own."""
        known = (portal for portal in self._settings.portals if camera in portal.cameras)
        return next(known, Portal(camera, (camera,), ALONE))

    async def _judge(self, connection: AsyncConnection, one: Pass) -> None:
        """Hold the containers of a pass against the expected list."""
        codes = [code for code in one.containers if is_valid(code)] if one.direction != "out" else []
        day = one.began.astimezone(self._settings.zone).date()
        if codes and not await expected.in_use(connection, day):
            codes = []
        plates = tuple(plate for plate in (one.plate, one.trailer) if plate)
        told: dict[str, Arrival] = {}
        fitting: set[int] = set()
        for code in codes:
            announced = await expected.of_container(connection, code)
            arriving = Arriving(code, one.began, day, one.id, plates)
            told[code], entry = judge_arrival(arriving, announced, self._settings.tolerance)
            if entry is not None:
                fitting.add(entry.id)
                await _note(connection, entry.id, announced, arriving, told[code])
            await passes.set_arrival(connection, one.id, code, told[code].value)
        if one.containers:
            await expected.free(connection, one.id, fitting)
        found = worst(told.values())
        await passes.set_worst(connection, one.id, found.value if found else "")


async def _note(
    connection: AsyncConnection,
    entry_id: int,
    announced: Sequence[Expected],
    arriving: Arriving,
    arrival: Arrival,
) -> None:
    """Note the arrival, unless the container had come already and is only seen once more."""
    entry = next(one for one in announced if one.id == entry_id)
    if entry.arrived_with in {"", arriving.pass_id}:
        await expected.arrived(connection, entry, arriving.pass_id, _first(entry.arrived_at, arriving.at), arrival)


def _first(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
