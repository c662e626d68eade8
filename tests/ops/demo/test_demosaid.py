"""What the demo's guards said of the past days' reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alpr.bus import Bus
from alpr.domain import Reading, Review, new_read_id
from alpr.keepers.visits import VisitKeeper
from alpr.ops.demo.said import say_of
from alpr.site.lists.matching import Index
from alpr.stay import StayLimits
from alpr.store import corrections, notes, reads
from alpr.store.database import open_database
from alpr.store.reads import Evidence, ReadQuery
from tests.drawn_reads import make_read

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def passed(number, text, truth, age):
    at = NOW - timedelta(hours=age)
    moment = {"id": new_read_id(at), "captured_at": at, "first_seen": at, "last_seen": at}
    return replace(make_read(number), reading=Reading(text, 0.7), **moment), truth


async def test_misread_texts_are_set_right_and_the_newest_wait(tmp_path):
    """Corrections carry the truth and a guard; unsure ones are confirmed; those of the last hours wait."""
    database = await open_database(tmp_path)
    try:
        made = [passed(1, "AB1", "AB7", 30), passed(2, "AB2", "AB2", 40), passed(3, "AB3", "AB8", 2)]
        async with database.write() as connection:
            for read, _ in made:
                await reads.save(connection, read, EVIDENCE, [None], NOW)
        keeper = VisitKeeper(database, Bus(), StayLimits())
        await say_of(database, Index((), ZoneInfo("UTC")), keeper, made, NOW)
        said = {one.read.text: one.review for one in await reads.page(database, ReadQuery())}
        assert said == {"AB7": Review.CORRECTED, "AB2": Review.CONFIRMED, "AB3": None}
        (deed,) = await corrections.of_read(database, made[0][0].id)
        assert (deed.text_before, deed.text_after, deed.by) == ("AB1", "AB7", deed.by)
        assert deed.by in {"guard", "admin"}
        assert len(await notes.of_text(database, "AB7") + await notes.of_text(database, "AB2")) == 5
    finally:
        await database.close()
