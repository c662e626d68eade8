"""How the reads have been lately: how sure on average, and how many beside what is usual at this hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from alpr.store import schema
from alpr.store.database import Database

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = range(1, 8)
_FEWEST: Final = 20
_FEWEST_USUAL: Final = 10.0

_T = schema.reads.c


async def average_confidence(db: Database, now: datetime) -> float | None:
    """Return how sure the texts of the last hour are on average, 0 to 1; None when there are too few to say."""
    statement = select(func.count(), func.avg(_T.confidence)).where(
        _T.captured_at >= now - _HOUR, _T.captured_at < now, _T.text != ""
    )
    async with db.read() as connection:
        count, average = (await connection.execute(statement)).one()
    return None if count < _FEWEST else float(average)


async def read_rate(db: Database, now: datetime) -> float | None:
    """Return the reads of the last hour as a share of what the days of the last week brought at this hour.

    None when the site is too young or the hour too quiet to say.
    """
    async with db.read() as connection:

        async def hour_to(end: datetime) -> int:
            among = select(func.count()).where(_T.captured_at >= end - _HOUR, _T.captured_at < end)
            return (await connection.execute(among)).scalar_one()

        first = (await connection.execute(select(func.min(_T.captured_at)))).scalar_one_or_none()
        if first is None or first > now - timedelta(days=_WEEK.stop - 1):
            return None
        earlier = [await hour_to(now - timedelta(days=days)) for days in _WEEK]
        lately = await hour_to(now)
    usual = sum(earlier) / len(earlier)
    return None if usual < _FEWEST_USUAL else lately / usual
