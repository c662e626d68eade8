"""Reads in the store: saved once per pass, completed under their id, found and paged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from alpr.domain import Box, Candidate, Character, Kind, Look, Reading, State, Vehicle, canonical
from alpr.store import reads
from alpr.store.reads import Cursor, Evidence, ReadQuery, Saved
from tests.drawn_reads import NOON, make_read, read_id

HOSTILE = "'; DROP TABLE reads; -- \"\\%_*\0\x7f\u202e<script>{{7*7}}&amp;\r\n😀é"
"""Quotes, wildcards, NUL, a direction override, markup, a line break and signs beyond the basic plane."""


def pictures(name="a"):
    return Evidence(
        f"2026/03/01/gate-in/{name}-frame.jpg", "f" * 64, 1920, 1080, f"2026/03/01/{name}-crop.jpg", "c" * 64
    )


async def save(db, read, evidence=None, thumbnails=None, now=NOON):
    async with db.write() as connection:
        return await reads.save(connection, read, evidence or pictures(), thumbnails or [None] * len(read.looks), now)


async def found(db, **query):
    return [int(stored.read.reading.text[2:]) for stored in await reads.page(db, ReadQuery(**query))]


async def test_everything_of_a_read_comes_back(db):
    """Each field, with text that tries to break something, and numbers as a model gives them."""
    read = make_read(
        kind=Kind.CONTAINER,
        camera=HOSTILE,
        reading=Reading(
            HOSTILE,
            np.float32(0.5),
            (Character(HOSTILE, np.float32(0.25)), Character("B", 0.5)),
            (Candidate(HOSTILE, np.float64(0.125)),),
            HOSTILE,
            (HOSTILE, "late"),
        ),
        box=Box(np.float32(1.5), 2, 3, 4),
        looks=(
            Look(1.5, Box(1, 2, 3, 4), HOSTILE, np.float32(0.5), 0.25, kept=True),
            Look(2, Box(0, 0, 1, 1), "", 0, 0),
        ),
        vehicle=Vehicle(HOSTILE, HOSTILE, 0.75),
        vehicle_box=Box(0, 0, 10, 10),
        direction="in",
    )
    evidence = replace(pictures(), frame_path=HOSTILE)
    assert await save(db, read, evidence, [b"\xff\xd8\0", None]) == Saved(stored=True, new=True)
    stored = await reads.get(db, read.id)
    assert stored.read == replace(read, looks=())
    assert (stored.look_count, stored.evidence, stored.created_at, stored.updated_at) == (2, evidence, NOON, NOON)
    first, second = await reads.looks(db, read.id)
    assert (first.ordinal, first.box, first.text, first.kept, first.thumbnail) == (
        0, Box(1, 2, 3, 4), HOSTILE, True, b"\xff\xd8\0",
    )  # fmt: skip
    assert (second.ordinal, second.time, second.thumbnail, second.kept) == (1, 2.0, None, False)


async def test_half_characters_do_not_stop_a_read(db):
    """A lone surrogate is no text; it becomes a question mark instead of an error."""
    await save(db, make_read(reading=Reading("AB\ud80012", 0.9)))
    assert (await reads.get(db, read_id(1))).read.text == "AB?12"


async def test_a_read_that_is_not_there_is_none(db):
    """No error for an id from an old link."""
    assert await reads.get(db, "nothing") is None
    assert await reads.looks(db, "nothing") == ()


async def test_a_preview_is_completed_under_its_id(db):
    """The final takes over text, looks and pictures; when it was made stays."""
    preview = make_read(state=State.PREVIEW)
    final = make_read(reading=Reading("AB00009", 0.99), looks=(*preview.looks, *preview.looks))
    later = NOON + timedelta(seconds=3)
    assert (await save(db, preview, pictures("preview"))).new
    assert await save(db, final, pictures("final"), now=later) == Saved(
        stored=True, new=False, replaced=pictures("preview")
    )
    stored = await reads.get(db, final.id)
    assert (stored.read.state, stored.read.text, stored.look_count) == (State.FINAL, "AB00009", 2)
    assert (stored.evidence, stored.created_at, stored.updated_at) == (pictures("final"), NOON, later)
    assert len(await reads.looks(db, final.id)) == 2
    assert await reads.count(db, ReadQuery()) == 1


@pytest.mark.parametrize("complete", [State.FINAL, State.UNREAD])
async def test_a_late_preview_changes_nothing(db, complete):
    """A read that is complete never turns back."""
    await save(db, make_read(state=complete), pictures("final"))
    before = await reads.get(db, read_id(1))
    late = make_read(state=State.PREVIEW, reading=Reading("WRONG", 0.1), looks=())
    assert await save(db, late, pictures("late"), now=NOON + timedelta(1)) == Saved(stored=False, new=False)
    assert await reads.get(db, read_id(1)) == before
    assert len(await reads.looks(db, read_id(1))) == 1


async def test_pages_go_newest_first_and_miss_none(db):
    """Several reads of one moment are neither lost nor doubled at the border of a page."""
    for number in range(1, 8):
        await save(db, make_read(number, captured_at=NOON + timedelta(seconds=number // 3)))
    seen, cursor = [], None
    while page := await reads.page(db, ReadQuery(before=cursor, limit=2)):
        seen += [stored.read.id for stored in page]
        cursor = Cursor(page[-1].read.captured_at, page[-1].read.id)
    assert seen == [read_id(number) for number in (7, 6, 5, 4, 3, 2, 1)]


async def test_queries_narrow(db):
    """By camera, kind, state, time, and all of them together."""
    await save(db, make_read(1))
    await save(db, make_read(2, camera="gate-out"))
    await save(db, make_read(3, kind=Kind.CONTAINER))
    await save(db, make_read(4, state=State.UNREAD))
    for query, numbers in (
        ({}, [4, 3, 2, 1]),
        ({"camera": "gate-out"}, [2]),
        ({"camera": "%"}, []),
        ({"kind": Kind.CONTAINER}, [3]),
        ({"state": State.UNREAD}, [4]),
        ({"since": NOON + timedelta(seconds=3)}, [4, 3]),
        ({"until": NOON + timedelta(seconds=3)}, [2, 1]),
        ({"camera": "gate-in", "kind": Kind.PLATE, "state": State.FINAL}, [1]),
    ):
        assert await found(db, **query) == numbers, query
        assert await reads.count(db, ReadQuery(**query)) == len(numbers), query


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("ab0o12", True), ("AB-00 12", True), ("8I2", False), ("0I2", True), ("12", True), ("13", False),
        ("AB*", True), ("*12", True), ("*1", False), ("?B0012", True), ("?B001", False), ("A??012", True),
        ("B0012", True), ("B0012*", False), ("%", True), ("A_0012", False), ("'", True),
        ("\u0410\u0412\u041e\u041e12", True), ("", True),
    ],
)  # fmt: skip
async def test_text_is_found_whatever_looks_alike(db, pattern, matches):
    """Part of the text, or the whole of it with wildcards; signs that no plate has do not count."""
    await save(db, make_read(reading=Reading("AB 0012", 0.9)))
    assert await reads.count(db, ReadQuery(text=pattern)) == int(matches)


def test_the_canonical_text_folds_look_alikes():
    """O, Q, D and 0 are one, and so on; the rest stays apart."""
    for text, folded in (
        ("OQD0 I1-B8·S5 Z2 G6", "00001188552266"),
        ("\uff21\uff22\uff11", "A81"),
        ("öäü", "ÖÄÜ"),
        ("", ""),
    ):
        assert canonical(text) == folded
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    assert len({canonical(letter) for letter in letters}) == len(letters) - 8
