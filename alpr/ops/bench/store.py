"""How fast store and pages answer at the size that a site reaches after years: `python -m alpr.ops.bench.store`.

Fills a database with made-up reads (or takes the one that an earlier run has filled), asks what the pages ask, and
prints the milliseconds of each kind of question: of the store from the call to the finished values, of the pages from
the request to the whole answer, without network and browser.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from alpr.domain import Kind, State, utc_now
from alpr.ops.bench.pages import asking, logged_in, page_goal, page_questions
from alpr.ops.bench.seed import CAMERAS, seed
from alpr.ops.bench.timings import Timing, time_store, timed
from alpr.store import reads, statistics
from alpr.store.database import Database, open_database
from alpr.store.reads import Cursor, ReadQuery
from alpr.store.search import Mode, parse_pattern

_PAGE = 51
_SAMPLES = 60
_GOAL = 50.0
"""Milliseconds that a search may take, however many reads there are."""


async def measure(database: Database, dice: random.Random) -> list[Timing]:
    """Ask every kind of question and return how long each took."""
    newest = await reads.page(database, ReadQuery(limit=500))
    texts = [stored.read.text for stored in newest if stored.read.text]
    cursors = [Cursor(stored.read.captured_at, stored.read.id) for stored in dice.sample(newest, 20)]
    kinds: dict[str, Iterator[ReadQuery]] = {
        "newest page": (ReadQuery() for _ in range(_SAMPLES)),
        "older page": (ReadQuery(before=cursor) for cursor in cursors),
        "one camera": (ReadQuery(camera=dice.choice(CAMERAS)) for _ in range(_SAMPLES)),
        "one state": (ReadQuery(state=dice.choice(tuple(State))) for _ in range(_SAMPLES)),
        "camera and state": (
            ReadQuery(camera=dice.choice(CAMERAS), state=dice.choice(tuple(State))) for _ in range(_SAMPLES)
        ),
        "as you type": _typed(texts, dice),
        "as you type, one camera": (replace(query, camera="yard-south") for query in _typed(texts, dice)),
        "exact": (ReadQuery(text=parse_pattern(text, Mode.EXACT)) for text in dice.sample(texts, _SAMPLES)),
        "prefix": (ReadQuery(text=f"{text[:4]}*") for text in dice.sample(texts, _SAMPLES)),
        "contains": (ReadQuery(text=text[1:4]) for text in dice.sample(texts, _SAMPLES)),
        "wildcard": _wild(texts, dice),
        "look-alikes": (ReadQuery(text=_mistaken(text)) for text in dice.sample(texts, _SAMPLES)),
        "nothing fits": (ReadQuery(text=f"{text[:3]}QQ{text[3:]}") for text in dice.sample(texts, _SAMPLES)),
    }
    timings = [
        await timed(name, [_asking(database, replace(query, limit=_PAGE)) for query in queries], _GOAL)
        for name, queries in kinds.items()
    ]
    month = utc_now() - timedelta(days=30)
    counting = [lambda: statistics.by_quarter(database, month, utc_now())] * 10
    return [*timings, await timed("statistics, 30 days", counting)]


async def measure_pages(database: Database, data: Path, goal: float) -> list[Timing]:
    """Ask the pages and the API, and return how long each took."""
    newest = await reads.page(database, ReadQuery(kind=Kind.PLATE, limit=1))
    paths = page_questions(newest[0].read.text, newest[0].read.id, newest[0].read.camera)
    async with logged_in(database, data, CAMERAS) as client:
        for path in paths.values():
            await asking(client, path)()  # templates are compiled once
        return [await timed(name, [asking(client, path)] * _SAMPLES, goal) for name, path in paths.items()]


def _typed(texts: Sequence[str], dice: random.Random) -> Iterator[ReadQuery]:
    """Type twenty plates, one character after the other."""
    return (ReadQuery(text=text[:end]) for text in dice.sample(texts, 20) for end in range(1, len(text) + 1))


def _wild(texts: Sequence[str], dice: random.Random) -> Iterator[ReadQuery]:
    for text in dice.sample(texts, _SAMPLES // 3):
        yield ReadQuery(text=f"{text[:2]}?{text[3]}*")
        yield ReadQuery(text=f"*{text[2]}?{text[4]}*")
        yield ReadQuery(text=f"{text[0]}?{text[2]}?{text[4]}*")


def _mistaken(text: str) -> str:
    return text.translate(str.maketrans("0O1I8B5S2Z6G", "O0I1B8S5Z2G6"))


def _asking(database: Database, query: ReadQuery) -> Callable[[], Awaitable[object]]:
    return lambda: reads.page(database, query)


async def _run(data: Path, count: int) -> list[Timing]:
    database = await open_database(data)
    try:
        if not await reads.page(database, ReadQuery(limit=1)):
            began = time.perf_counter()
            await seed(database, count, utc_now())
            print(f"{count:,} reads stored in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        timings = await measure(database, random.Random(2))  # noqa: S311  which questions, no secrets
        return [*timings, *await measure_pages(database, data, page_goal(count))]
    finally:
        await database.close()


def main() -> int:
    """Measure and print; return the exit code."""
    return time_store("alpr.ops.bench.store", __doc__ or "", "reads", 100_000, _run)


if __name__ == "__main__":
    sys.exit(main())
