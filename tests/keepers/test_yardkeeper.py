"""The yard's keeper: passes and arrivals are committed with each read, whatever the order in which they come."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from alpr.bus import Bus
from alpr.config import Rule
from alpr.domain import Kind, Reading, State
from alpr.iso6346 import check_digit
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.site.rules.book import FiledRule, Rulebook
from alpr.site.yard.arrivals import Expected
from alpr.site.yard.grouping import Portal
from alpr.status import Status
from alpr.store import expected, passes, reads, schema, tags
from alpr.store.database import open_database
from alpr.store.passes import PassQuery
from alpr.store.reads import Evidence
from tests.drawn_reads import NOON, make_read

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)
A, B = (f"{ten}{check_digit(ten)}" for ten in ("MSCU123456", "TCLU765432"))
LANE = Portal("lane", ("front", "left", "rear"), timedelta(seconds=20), rear=("rear",))
TODAY = date(2026, 3, 1)


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


@pytest.fixture
def keeper():
    return YardKeeper(YardSettings((LANE,)))


def seen(second, camera, text, direction="in"):
    """Make a read so many seconds after noon; eleven characters are a container."""
    at = NOON + timedelta(seconds=second)
    kind = Kind.CONTAINER if len(text) == 11 else Kind.PLATE
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{second} {camera} {text}"))
    times = {"captured_at": at, "first_seen": at, "last_seen": at}
    return make_read(1, id=name, camera=camera, kind=kind, reading=Reading(text, 0.95), direction=direction, **times)


TRUCK = (seen(0, "front", "GXXK4821"), seen(3, "left", A), seen(6, "rear", "TR1234"))


async def store(db, keeper, *given):
    for read in given:
        async with db.write() as connection:
            await reads.save(connection, read, EVIDENCE, [None] * len(read.looks), NOON)
            await keeper.put(connection, read)


async def told(db):
    return [
        (one.plate, one.trailer, one.containers, one.arrival, one.read_count)
        for one in reversed(await passes.page(db, PassQuery()))
    ]


async def test_a_truck_is_one_pass_whatever_the_order(db, keeper):
    """And its page knows all its reads in the order of time."""
    others = [seen(40, "front", "MZZ77"), seen(44, "left", B), seen(100, "yard", "AB123")]
    everything = random.Random(3).sample([*TRUCK, *others], 6)
    await store(db, keeper, *everything)
    await store(db, keeper, *everything)
    assert await told(db) == [
        ("GXXK4821", "TR1234", (A,), "", 3),
        ("MZZ77", "", (B,), "", 2),
        ("AB123", "", (), "", 1),
    ]
    (first,) = await passes.page(db, PassQuery(until=NOON + timedelta(seconds=30)))
    one, its_reads = await passes.get(db, first.id)
    assert one.portal == "lane"
    assert [stored.read.text for stored in its_reads] == ["GXXK4821", A, "TR1234"]
    assert {stored.pass_id for stored in its_reads} == {first.id}


async def test_every_read_belongs_to_a_pass_that_is_there(db, keeper):
    """After a hundred reads in a shuffled order, with corrections and dismissals between them."""
    dice = random.Random(7)
    made = [seen(9 * n + dice.random(), dice.choice(LANE.cameras), f"P{n // 3:05d}") for n in range(120)]
    await store(db, keeper, *dice.sample(made, len(made)))
    await store(db, keeper, *(replace(one, reading=Reading(f"X{n:04d}Y", 0.9)) for n, one in enumerate(made[::5])))
    for one in made[::7]:
        async with db.write() as connection:
            gone = schema.reads.update().where(schema.reads.c.id == one.id).values(state=State.DISMISSED.value)
            await connection.execute(gone)
            await keeper.drop(connection, one.id)
    async with db.read() as connection:
        columns = schema.reads.c
        named = select(columns.pass_id).where(columns.state != State.DISMISSED.value)
        of_reads = [row.pass_id for row in await connection.execute(named)]
        there = {row.id: row.read_count for row in await connection.execute(select(schema.passes))}
        dismissed = await connection.execute(select(columns.pass_id).where(columns.state == State.DISMISSED.value))
        assert not any(row.pass_id for row in dismissed)
    assert {name: of_reads.count(name) for name in there} == there
    assert set(of_reads) == set(there)


@pytest.mark.parametrize(
    ("truck", "due", "arrival"),
    [
        ("GX-XK 4821", TODAY, "expected"),
        ("", TODAY, "expected"),
        ("", date(2026, 3, 9), "other day"),
        ("MZZ77", TODAY, "wrong truck"),
    ],
)
async def test_an_announced_container_is_held_against_its_entry(db, keeper, truck, due, arrival):
    """Also when its plate is read after it."""
    await expected.add_all(db, [Expected(A, due, truck)], "bea", NOON)
    await store(db, keeper, *reversed(TRUCK))
    assert (await told(db))[0][3] == arrival
    container = await reads.get(db, TRUCK[1].id)
    assert container.arrival == arrival
    assert (await reads.get(db, TRUCK[0].id)).arrival == arrival  # the guard sees the truck
    (listed,) = await expected.with_pass(db, container.pass_id)
    assert (listed.arrival, listed.entry.arrived_at) == (arrival, TRUCK[0].captured_at)


async def test_nothing_is_unexpected_where_nothing_is_expected(db, keeper):
    """A site without a list sees no badges; nor do containers that leave."""
    await store(db, keeper, *TRUCK)
    assert (await told(db))[0][3] == ""
    await expected.add_all(db, [Expected(B, TODAY)], "bea", NOON)
    await store(db, keeper, *TRUCK, *(seen(60, "front", "MZZ77", "out"), seen(61, "left", B, "out")))
    assert [row[3] for row in await told(db)] == ["unexpected", ""]
    assert await expected.count(db, expected.ExpectedQuery(state="waiting")) == 1


async def test_a_corrected_code_frees_what_was_taken_for_it(db, keeper):
    """The announced one waits again."""
    await expected.add_all(db, [Expected(A, TODAY)], "bea", NOON)
    await store(db, keeper, *TRUCK)
    assert await expected.count(db, expected.ExpectedQuery(state="arrived")) == 1
    await store(db, keeper, replace(TRUCK[1], reading=Reading(B, 1.0)))
    assert await expected.count(db, expected.ExpectedQuery(state="arrived")) == 0
    assert (await told(db))[0][2:4] == ((B,), "unexpected")


async def test_rules_see_the_arrival_of_the_pass(db, keeper):
    """The plate that shows the wrong truck fires the rule, though the container was read before."""
    rule = Rule(name="Stop", arrivals=["wrong truck"], tag="stop")
    gatekeeper = Gatekeeper(db, Bus(), Status(), Rulebook(filed=(FiledRule(rule, 1),)), lambda: NOON, yard=keeper)
    await gatekeeper.load()
    await expected.add_all(db, [Expected(A, TODAY, "MZZ77")], "bea", NOON)
    container, plate = seen(0, "left", A), seen(2, "front", "GXXK4821")
    for read in (container, plate):
        async with db.write() as connection:
            await reads.save(connection, read, EVIDENCE, [None] * len(read.looks), NOON)
            await gatekeeper.decide(connection, read, NOON)
    assert [await tags.of_read(db, read.id) for read in (container, plate)] == [(), ("stop",)]
