"""Counts of reads, by time and by what they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from alpr.domain import State
from alpr.store import reads, statistics
from alpr.store.reads import Evidence
from alpr.store.statistics import Count
from tests.drawn_reads import NOON, make_read

PICTURES = Evidence("f.jpg", "f" * 64, 1920, 1080, "c.jpg", "c" * 64)
HOUR = timedelta(hours=1)


async def test_reads_are_counted(db):
    """From the first moment on, the last one excluded; unread ones beside; of one camera if asked."""
    async with db.write() as connection:
        for number, (camera, state, minutes) in enumerate(
            [("a", State.FINAL, 0), ("a", State.UNREAD, 14), ("b", State.FINAL, 15), ("a", State.PREVIEW, 59)]
        ):
            read = make_read(number, camera=camera, state=state, captured_at=NOON + timedelta(minutes=minutes))
            await reads.save(connection, read, PICTURES, [None], NOON)
    quarters = await statistics.by_quarter(db, NOON, NOON + HOUR)
    assert quarters == (
        (NOON, Count(2, 1)),
        (NOON + HOUR / 4, Count(1, 0)),
        (NOON + 3 * HOUR / 4, Count(1, 0)),
    )
    assert await statistics.by_quarter(db, NOON, NOON + HOUR / 4, "b") == ()
    assert await statistics.by_facet(db, "camera", NOON, NOON + HOUR) == (("a", Count(3, 1)), ("b", Count(1, 0)))
    assert await statistics.by_facet(db, "state", NOON, NOON + HOUR, "a") == (
        ("final", Count(1, 0)),
        ("preview", Count(1, 0)),
        ("unread", Count(1, 1)),
    )
    assert await statistics.by_facet(db, "kind", NOON, NOON) == ()


@pytest.mark.parametrize("camera", ["", " AND camera = 'a'"])
async def test_counting_touches_no_row(db, camera):
    """All that is counted stands in an index, for all cameras and for one."""
    async with db.read() as connection:
        plan = await connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT captured_at / 900000000, count(*), sum(state = 'unread') FROM reads"
                f" WHERE captured_at >= 0 AND captured_at < 9{camera} GROUP BY 1"
            )
        )
        assert any("USING COVERING INDEX ix_reads_" in row[3] for row in plan)
