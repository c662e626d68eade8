"""Rules about who is inside: told once a visit, through the watchdog and the gatekeeper."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alpr.access import Decision, Match, MatchKind, Verdict
from alpr.bus import Bus
from alpr.config import Rule
from alpr.domain import Kind
from alpr.keepers.gate import Gatekeeper
from alpr.live import LiveView
from alpr.site.rules.book import FiledRule, Rulebook
from alpr.site.visits.states import visit_watches
from alpr.status import Status
from alpr.stay import Room
from alpr.store import alarms, deliveries, hits
from alpr.store.database import open_database
from alpr.watch.box import Watchdog
from alpr.watch.visits import VisitWatch
from tests.site.entries import entry
from tests.site.sighted import after, sighted
from tests.visited import keeper_at, put

HOUR = 60.0
ROOMY = Room()


class Yard:
    """A site with rules about who is inside; `look` lets the watchdog look at a minute after the morning began."""

    def __init__(self, db, *rules: Rule, room: Room = ROOMY) -> None:
        self.db, self.room, self.now = db, room, after(0)
        book = Rulebook(filed=tuple(FiledRule(rule, 1) for rule in rules))
        self.keeper = Gatekeeper(db, Bus(), Status(), book, lambda: self.now)
        self.visits = keeper_at(db, after(0))
        self.restart()

    def restart(self):
        self.dog = Watchdog(
            self.db,
            Status(),
            LiveView(),
            tell=self.keeper.box.tell,
            escalate=self.keeper.box.escalate,
            watches=lambda: visit_watches(self.keeper.ready_rules, self.room),
            clock=lambda: self.now,
            visits=VisitWatch(self.db, lambda: self.room).measures,
        )

    async def look(self, minutes: float) -> list[str]:
        """Return what targets are told then."""
        await self.keeper.load()
        self.now = after(minutes)
        before = {one.id for one in await deliveries.page(self.db, limit=500)}
        for _ in range(5):
            await self.dog.look()
        found = await deliveries.page(self.db, limit=500)
        return sorted(one.subject for one in found if one.id not in before)

    async def sees(self, *sightings):
        await put(self.db, self.visits, sightings)


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


def rule(on, **more):
    return Rule(name="Long", on=on, **{"tell": ["office"], "title": "{summary} [{plate}]", **more})


async def test_who_stays_long_is_told_once_and_when_it_is_over(db):
    """After two hours, through a restart, and again when it leaves; the next visit is told anew."""
    yard = Yard(db, rule("dwell", threshold=2 * 3600, alarm="warning"))
    await yard.sees(sighted(0, "in", "AB123"), sighted(90, "in", "XY77"))
    assert await yard.look(2 * HOUR - 1) == []
    assert await yard.look(2 * HOUR + 1) == ["AB123 has been inside for 2 h 1 min [AB123]"]
    yard.restart()
    assert await yard.look(3 * HOUR) == []
    assert [one.text for one in await alarms.page(db)] == ["AB123 has been inside for 2 h 1 min [AB123]"]
    await yard.sees(sighted(3 * HOUR, "out", "AB123"))
    assert await yard.look(3 * HOUR + 1) == ["Over: AB123 has left [AB123]"]
    await yard.sees(sighted(3 * HOUR, "out", "XY77"), sighted(4 * HOUR, "in", "AB123"))
    assert await yard.look(5 * HOUR) == []
    assert await yard.look(6 * HOUR + 1) == ["AB123 has been inside for 2 h 1 min [AB123]"]


async def test_overstay_goes_by_the_list_that_knows_them(db):
    """Visitors may stay an hour, everybody else ten; a rule about visitors is about nobody else."""
    room = Room(overstay=timedelta(hours=10), list_overstay={"Staff": timedelta(hours=1)})
    yard = Yard(db, rule("overstay", lists=["staff"]), room=room)
    await yard.sees(sighted(0, "in", "AB123"), sighted(1, "in", "XY77"))
    async with db.write() as connection:
        await hits.save(connection, "in@0", decision_of(entry("AB123")))
    assert await yard.look(59) == []
    assert await yard.look(61) == ["AB123 has been inside for 1 h 1 min (Staff) [AB123]"]
    assert await yard.look(11 * HOUR) == []
    everybody = Yard(db, Rule(name="All", on="overstay", tell=["office"]), room=room)
    assert await everybody.look(11 * HOUR) == [
        "AB123 has been inside for 11 h 0 min (Staff)",
        "XY77 has been inside for 10 h 59 min",
    ]


async def test_as_many_inside_as_there_is_room_for(db):
    """Told when the site is full, over when two have left; a zone counts its own."""
    zone = Rule(name="Bay", on="occupancy", tell=["office"], zones=["bay"], threshold=1)
    yard = Yard(db, rule("occupancy"), zone, room=Room(capacity=3))
    await yard.sees(sighted(0, "in", "AB123"), sighted(1, "in", "XY77"))
    assert await yard.look(2) == []
    await yard.sees(sighted(3, "in", "KL55"))
    assert await yard.look(4) == ["3 inside []"]
    await yard.sees(sighted(20, "out", "KL55"))
    assert await yard.look(21) == []
    await yard.sees(sighted(30, "out", "XY77"))
    assert await yard.look(31) == ["Over: 1 inside []"]


def decision_of(fitting):
    """Make the decision of one entry that fits exactly."""
    return Decision(Verdict.ALLOWED, "", (Match(fitting, MatchKind.EXACT, 1.0, "", applies=True),), opens=True)


async def test_containers_do_not_overstay(db):
    """For them there are free days, in `[yard]`; a rule about dwell may ask for them all the same."""
    room = Room(overstay=timedelta(hours=1))
    yard = Yard(
        db, rule("overstay"), Rule(name="B", on="dwell", threshold=7200, kinds=["container"], tell=["b"]), room=room
    )
    await yard.sees(sighted(0, "in", "MSCU1234566", kind=Kind.CONTAINER), sighted(1, "in", "XY77"))
    assert await yard.look(3 * HOUR) == [
        "MSCU1234566 has been inside for 3 h 0 min",
        "XY77 has been inside for 2 h 59 min [XY77]",
    ]
