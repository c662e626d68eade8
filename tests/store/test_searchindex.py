"""The search index: it finds what the rows say, follows them through every change, and is used."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.dialects import sqlite

from alpr.access import Verdict
from alpr.domain import Kind, Reading, Review, State
from alpr.store import reads, schema
from alpr.store.places import SPAN, first_place
from alpr.store.reads import Cursor, Evidence, ReadQuery
from alpr.store.search import Mode, match, parse_pattern
from tests.drawn_reads import NOON, make_read, read_id

PICTURES = Evidence("f.jpg", "f" * 64, 1920, 1080, "c.jpg", "c" * 64)
HOSTILE = "\"'; DROP TABLE reads; -- * AND OR NOT NEAR ( ) ^ : {a b} \0 \U0001f600é"


async def store(db, *made):
    async with db.write() as connection:
        for read in made:
            await reads.save(connection, read, PICTURES, [None] * len(read.looks), NOON)


async def texts(db, **query):
    return [stored.read.text for stored in await reads.page(db, ReadQuery(limit=1000, **query))]


def plates(*written):
    return [make_read(n, reading=Reading(one, 0.95)) for n, one in enumerate(written, 1)]


async def test_the_index_finds_what_the_patterns_say(db):
    """Thousands of patterns over hundreds of texts: the same reads as trying each text, newest first."""
    dice = random.Random(7)
    alphabet = "AB0189XO\u00d6\u0416"
    written = ["".join(dice.choices(alphabet, k=dice.randint(0, 7))) for _ in range(300)]
    await store(db, *plates(*written))
    for _ in range(1500):
        typed = "".join(dice.choices(f"{alphabet}*??", k=dice.randint(1, 6)))
        pattern = parse_pattern(typed, dice.choice([None, *Mode]), look_alikes=dice.random() < 0.7)
        expected = [one for one in reversed(written) if match(pattern, one)]
        assert await texts(db, text=pattern) == expected, pattern


async def test_text_and_facets_narrow_together(db):
    """Camera, kind, state, direction and doubt, each with a text and without."""
    one, two, three, four = plates("AB123", "AB124", "AB125", "AB126")
    await store(
        db,
        replace(one, camera="gate-out", direction="out"),
        replace(two, state=State.PREVIEW, direction="in"),
        replace(three, kind=Kind.CONTAINER),
        replace(four, reading=Reading("AB126", 0.5)),
    )
    for query, found in (
        ({"camera": "gate-out"}, ["AB123"]),
        ({"state": State.PREVIEW}, ["AB124"]),
        ({"kind": Kind.CONTAINER}, ["AB125"]),
        ({"below": 0.9}, ["AB126"]),
        ({"direction": "out"}, ["AB123"]),
        ({"same": "a-b 126"}, ["AB126"]),
        ({"id": read_id(2)}, ["AB124"]),
    ):
        assert await texts(db, **query) == found
        assert await texts(db, **query, text="AB") == found
        assert await texts(db, **query, text="XY") == []
        assert await reads.count(db, ReadQuery(**query, text="ab12*")) == 1


@pytest.mark.parametrize("typed", [HOSTILE, '"', 'a"b*', "AND", "NOT a", "<a", "@sfinal", "=5", "^a", "a:b", "%", "_"])
async def test_whatever_is_typed_is_no_syntax(db, typed):
    """Nothing of a query reaches the index but letters, digits and wildcards."""
    await store(db, *plates("AB123"))
    assert await texts(db, text=typed, camera=HOSTILE) == []
    await reads.page(db, ReadQuery(text=typed))


async def test_the_index_follows_every_change(db):
    """A preview that is completed, a read that is corrected by hand, moved in time or deleted."""
    (read,) = plates("AB123")
    await store(db, replace(read, state=State.PREVIEW))
    await store(db, replace(read, reading=Reading("XY999", 0.95), captured_at=NOON - timedelta(hours=1)))
    assert (await texts(db, text="AB1"), await texts(db, text="Y99")) == ([], ["XY999"])
    assert (await texts(db, state=State.PREVIEW), await texts(db, state=State.FINAL)) == ([], ["XY999"])
    assert await texts(db, text="Y99", since=NOON) == []
    async with db.write() as connection:
        await connection.execute(update(schema.reads).values(text="XK777", canonical="XK777"))
    assert await texts(db, text="K77") == ["XK777"]
    async with db.write() as connection:
        await connection.execute(delete(schema.reads))
    async with db.read() as connection:
        left = await connection.execute(
            text("SELECT rowid FROM read_search WHERE read_search MATCH 'd77 OR \"@sfinal\"'")
        )
        assert left.all() == []


async def test_pages_of_a_search_lose_nothing(db):
    """Reads of one moment are each shown once, whatever page they fall on."""
    made = [replace(read, captured_at=NOON + timedelta(seconds=n // 5)) for n, read in enumerate(plates(*["AB1"] * 23))]
    await store(db, *made)
    seen, cursor = [], None
    while page := await reads.page(db, ReadQuery(text="AB", before=cursor, limit=4)):
        seen += [stored.read.id for stored in page]
        cursor = Cursor(page[-1].read.captured_at, page[-1].read.id)
    assert sorted(seen) == sorted(read.id for read in made)
    assert len(seen) == len(set(seen))


async def test_a_page_goes_on_when_its_last_read_is_gone(db):
    """The older reads come, none is missed."""
    await store(db, *plates("AB1", "AB2", "AB3"))
    gone = Cursor(NOON + timedelta(seconds=3), read_id(3))
    async with db.write() as connection:
        await connection.execute(delete(schema.reads).where(schema.reads.c.id == gone.id))
    assert await texts(db, before=gone) == ["AB2", "AB1"]


async def test_a_moment_with_more_reads_than_it_has_places(db):
    """Thousands of stills of one time spill over into the next microseconds and stay in their order and their day."""
    await store(db, *plates("AB1", "AB2"))
    moment = NOON + timedelta(seconds=1)
    async with db.write() as connection:
        # As if the first read were the last of 2048: only one place is left before the moment is full.
        await connection.execute(
            update(schema.reads).where(schema.reads.c.id == read_id(1)).values(place=first_place(moment) + SPAN - 1)
        )
    await store(db, *(replace(read, captured_at=moment) for read in [make_read(7), make_read(8)]))
    until = await texts(db, until=moment + timedelta(microseconds=1))
    assert until == ["AB00008", "AB00007", "AB1"]


@pytest.mark.parametrize(
    "query",
    [
        {"text": "AB1"},
        {"text": "A"},
        {"text": "A?1*", "camera": "gate-in"},
        {"state": State.UNREAD},
        {"state": State.UNREAD, "camera": "gate-in", "kind": Kind.PLATE},
        {"direction": "in"},
        {"below": 0.9},
        {"same": "AB1"},
        {"text": "AB1", "before": Cursor(NOON, read_id(1)), "since": NOON, "until": NOON},
    ],
)
async def test_nothing_is_scanned_and_nothing_sorted(db, query):
    """SQLite's own plan: through the search index in its order, each read by its place."""
    plan = await plan_of(db, ReadQuery(**query))
    assert len(plan) == 2
    assert plan[0].startswith("SCAN read_search VIRTUAL TABLE INDEX")
    assert plan[1] == "SEARCH reads USING INDEX ix_reads_place (place=?)"


@pytest.mark.parametrize("query", [{}, {"since": NOON}, {"before": Cursor(NOON, "x")}])
async def test_the_newest_page_is_read_in_its_order(db, query):
    """Without a filter the places alone lead."""
    (step,) = await plan_of(db, ReadQuery(**query))
    assert "USING INDEX ix_reads_place" in step


@pytest.mark.parametrize(
    "query",
    [
        {"verdict": Verdict.DENIED},
        {"verdict": Verdict.WATCH, "camera": "gate-in"},
        {"verdict": Verdict.DENIED, "text": "AB1", "since": NOON, "before": Cursor(NOON, "x")},
        {"verdict": Verdict.UNKNOWN},
    ],
)
async def test_rare_verdicts_lead_by_themselves(db, query):
    """However many reads a camera has, those that were denied are found among the denied alone, in their order."""
    (step,) = await plan_of(db, ReadQuery(**query))
    assert step.startswith("SEARCH reads USING INDEX ix_reads_verdict (verdict=?")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"review": Review.CORRECTED, "camera": "gate-in", "text": "AB"}, "review"),
        ({"region": "de", "state": State.FINAL}, "region"),
        ({"vehicle_colour": "purple", "kind": Kind.PLATE, "since": NOON}, "vehicle_colour"),
        ({"vehicle_type": "bus"}, "vehicle_type"),
    ],
)
async def test_what_else_narrows_leads_by_an_index_of_its_own(db, query, index):
    """Newest first and without sorting, however many reads there are."""
    (step,) = await plan_of(db, ReadQuery(**query))
    assert step.startswith(f"SEARCH reads USING INDEX ix_reads_{index} ({index}=?")


async def test_one_read_is_asked_for_by_its_id(db):
    """Whatever else the query says."""
    (step,) = (await plan_of(db, ReadQuery(id=read_id(1), text="AB*", camera="gate-in")))[:1]
    assert step == "SEARCH reads USING INDEX sqlite_autoindex_reads_1 (id=?)"


async def plan_of(db, query):
    async with db.read() as connection:
        statement = await reads.page_statement(connection, query)
        compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
        names = compiled.positiontup
        values = compiled.construct_params()
        bound = tuple(value if isinstance(value, (int, float, str)) else 0 for value in (values[n] for n in names))
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", bound)
        return [row[3] for row in rows]
