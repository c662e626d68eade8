"""The intake: many requests, one transaction; what rules, barriers and visits make of what comes late or again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpr.access import Entry, ListKind
from alpr.bus import Bus
from alpr.config import Rule
from alpr.domain import Kind
from alpr.errors import StoreError
from alpr.exchange.admission import Station, Terms
from alpr.exchange.outcome import Fate
from alpr.exchange.told import Image, Told
from alpr.intake.reads import Intake, IntakeSettings
from alpr.keepers.gate import Gatekeeper
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.status import Status
from alpr.stay import Sighting, Way
from alpr.store import deliveries, entries, hits, lists, reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from tests import foreign_payloads
from tests.drawn_reads import NOON
from tests.site.sighted import after
from tests.site.traffic_drawn import traffic
from tests.visited import empty, everything, keeper_at

STATIONS = {("", "ramp"): Station("ramp"), ("", "lane"): Station("lane", opens=True)}


@dataclass
class Box:
    """An intake at work, at a time that stands still."""

    db: Database
    intake: Intake
    keeper: Gatekeeper
    book: Rulebook
    work: asyncio.Task[None]


@asynccontextmanager
async def box(folder, now, **given_settings):
    db, bus, book = await open_database(folder), Bus(), Rulebook()
    book.names = Names(("ramp", "lane"), ("office",), ("main",))
    keeper = Gatekeeper(db, bus, Status(), book, lambda: now, visits=keeper_at(db, now))
    terms = Terms(stations=STATIONS, unknown_camera="keep")
    chosen = IntakeSettings(terms=terms, **given_settings)
    intake = Intake(db, Images(folder / "images"), bus, judge=keeper.decide_all, settings=chosen, clock=lambda: now)
    work = asyncio.create_task(intake.run())
    try:
        yield Box(db, intake, keeper, book, work)
    finally:
        work.cancel()
        await asyncio.wait({work})
        await db.close()


def told(text="AB123", camera="lane", age=1.0, **changes):
    values = {"camera": (camera,), "at": NOON - timedelta(seconds=age), "text": text, "confidence": 0.99} | changes
    return Told(**values)


async def orders(opened, *items: Told):
    """Take reads while a rule tells the office and opens the barrier; return what waits to be told."""
    number = await lists.create(opened.db, "Staff", ListKind.ALLOW, "bea", NOON)
    assert await entries.add(opened.db, number, Entry(0, "Staff", ListKind.ALLOW, "AB123"), "bea", NOON)
    rule = Rule(name="in", on="read", verdicts=["allowed"], tell=["office"], open=["main"])
    opened.book.filed = (FiledRule(rule, 1),)
    await opened.keeper.load()
    await opened.intake.take(items, "park")
    return sorted(one.target for one in await deliveries.page(opened.db))


@pytest.mark.parametrize(
    ("item", "targets"),
    [
        (told(), ["barrier/main", "office"]),
        (told(camera="ramp"), ["office"]),
        (told(age=60), ["office"]),
        (told(age=901), []),
        (told(text="XY9"), []),
    ],
    ids=["now", "a camera that opens nothing", "a minute ago", "a quarter of an hour ago", "on no list"],
)
async def test_rules_hold_for_what_is_told_in_time(tmp_path, item, targets):
    """A barrier opens for who stands there, at a camera that may open it; of long ago nobody is told."""
    async with box(tmp_path, NOON) as opened:
        assert await orders(opened, item) == targets


async def test_what_is_sent_again_fires_nothing_again(tmp_path):
    """The same event fires its rules once, in one batch and in the next."""
    async with box(tmp_path, NOON) as opened:
        assert await orders(opened, told(), told()) == ["barrier/main", "office"]
        outcomes = await opened.intake.take([told()], "park")
        assert [one.fate for one in outcomes] == [Fate.DUPLICATE]
        assert len(await deliveries.page(opened.db)) == 2


async def test_a_preview_and_its_final_in_one_batch_are_judged_once(tmp_path):
    """By what the final says: its hits and deliveries are those of one read."""
    items = [told(text="XY9", external_id="7", preview=True), told(external_id="7"), told(external_id="7")]
    async with box(tmp_path, NOON) as opened:
        assert await orders(opened, *items) == ["barrier/main", "office"]
        (read,) = await reads.page(opened.db, reads.ReadQuery())
        assert [hit.pattern for hit in await hits.of_read(opened.db, read.read.id)] == ["AB123"]
        assert read.read.text == "AB123"


async def test_one_event_with_its_picture_sent_by_many_at_once_is_stored_once(tmp_path):
    """Their pictures have the same names: none is written over, none is taken away from the one that counts."""
    item = told(external_id="7", frame=Image("frame", foreign_payloads.jpeg()))
    async with box(tmp_path, NOON) as opened:
        answers = await asyncio.gather(*(opened.intake.take([item], "park") for _ in range(12)))
        assert sorted(one.fate for (one,) in answers) == [Fate.ACCEPTED, *[Fate.DUPLICATE] * 11]
        stored = await reads.get(opened.db, answers[0][0].read_id)
    files = {str(path.relative_to(tmp_path / "images")) for path in (tmp_path / "images").rglob("*.jpg")}
    assert files == {stored.evidence.frame_path, stored.evidence.crop_path}


def told_of(one: Sighting) -> Told:
    """Return what another system would tell of a sighting."""
    reading = one.reading
    return Told(
        camera=(one.camera,),
        at=one.at,
        text=reading.text,
        confidence=reading.confidence,
        kind=Kind(one.kind),
        external_id=one.id,
        characters=reading.characters,
        candidates=reading.candidates,
        direction=None if one.way is Way.PASSING else one.way.value,
    )


def test_any_order_and_repetition_of_what_is_sent_gives_the_same_visits(tmp_path):
    """Shuffled, twice, in batches of any size, several senders at once: the visits are those of the right order."""
    now = after(30 * 24 * 60)

    async def taken(opened: Box, items: Iterable[Told], batch: int):
        await empty(opened.db)
        waiting = list(items)
        parts = [waiting[start : start + batch] for start in range(0, len(waiting), batch)]
        await asyncio.gather(*(opened.intake.take(part, "park") for part in parts))
        return await everything(opened.db)

    with asyncio.Runner() as runner:
        context = box(tmp_path, now)
        opened = runner.run(context.__aenter__())

        @settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
        @given(reads=traffic(), chance=st.randoms(use_true_random=False), batch=st.integers(1, 9))
        def check(reads: list[Sighting], chance, batch: int):
            right = [told_of(one) for one in reads]
            mixed = [*right, *right[::3]]
            chance.shuffle(mixed)

            async def story():
                assert await taken(opened, mixed, batch) == await taken(opened, right, len(right) or 1)

            runner.run(story())

        check()
        runner.run(context.__aexit__(None, None, None))


async def test_what_comes_while_the_site_stops_is_refused_and_not_left_waiting(tmp_path):
    """The sender is told to send it again, which is harmless: the same event has the same id."""
    async with box(tmp_path, NOON) as opened:
        await opened.intake.take([told(text="XY9")], "park")
        opened.work.cancel()
        await asyncio.wait({opened.work})
        with pytest.raises(StoreError, match="send them again"):
            await asyncio.wait_for(opened.intake.take([told()], "park"), 5)
