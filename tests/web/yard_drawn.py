"""Trucks with containers, drawn for tests of the yard's pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alpr.domain import Kind, Read, Reading, utc_now
from alpr.iso6346 import check_digit
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.site.yard.grouping import Portal
from tests.web.drawn_site import DrawnSite, drawn_read

A, B, C = (f"{ten}{check_digit(ten)}" for ten in ("MSCU123456", "TCLU765432", "HLXU111222"))
LANE = Portal("lane", ("gate-in", "left"), timedelta(seconds=20))
EXIT = Portal("exit", ("gate-out",), timedelta(seconds=20))


@dataclass
class Yard:
    """Lets trucks drive in and out of a drawn site."""

    site: DrawnSite
    keeper: YardKeeper = field(default_factory=lambda: YardKeeper(YardSettings((LANE, EXIT))))

    async def drives(self, way: str, days_ago: float, plate: str, *codes: str, size_type: str = "22G1") -> list[Read]:
        """Let a truck pass so many days ago, its plate read first; return its reads."""
        at = utc_now() - timedelta(days=days_ago)
        camera, side = ("gate-in", "left") if way == "in" else ("gate-out", "gate-out")
        reads = [seen(at, camera, plate, way)] if plate else []
        for place, code in enumerate(codes, 2):
            reads.append(seen(at + timedelta(seconds=place), side, code, way, size_type))
        for read in reads:
            await self.site.passes(read, announce=False)
            async with self.site.database.write() as connection:
                await self.keeper.put(connection, read)
                await self.site.visits.put(connection, read)
        return reads


def seen(at: datetime, camera: str, text: str, way: str, size_type: str = "") -> Read:
    """Make a read; eleven characters are a container's."""
    kind = Kind.CONTAINER if len(text) == 11 else Kind.PLATE
    reading = Reading(text, 0.96, size_type=size_type if kind is Kind.CONTAINER else "")
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{at} {camera} {text}"))
    return replace(
        drawn_read(text),
        id=name,
        camera=camera,
        kind=kind,
        reading=reading,
        captured_at=at,
        first_seen=at,
        last_seen=at,
        direction=way,
    )
