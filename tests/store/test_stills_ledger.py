"""The ledger of stills: nothing read twice, failures tried again."""

from __future__ import annotations

import os
from datetime import timedelta

from alpr.domain import Still
from alpr.store.stills import StillLedger, mark_processed
from tests.drawn_reads import NOON

A, B = Still("/in/a.jpg", 10, 1_700_000_000_000_000_001), Still("/in/b.jpg", 20, 2)


async def processed(db, still, camera="folder"):
    async with db.write() as connection:
        await mark_processed(connection, camera, still, 1, NOON)


async def test_what_was_read_is_known(db):
    """To its own camera only, by name, size and time."""
    ledger = StillLedger(db, "folder")
    assert await ledger.known({A, B}) == set()
    await processed(db, A)
    await processed(db, A)
    assert await ledger.known({A, B}) == {A}
    assert await StillLedger(db, "other").known({A, B}) == set()
    assert await ledger.known({Still(A.path, A.size, A.mtime_ns + 1), Still(A.path, 11, A.mtime_ns)}) == set()


async def test_a_replaced_file_is_another_still(db):
    """A camera that overwrites one name all day needs one row."""
    ledger = StillLedger(db, "folder")
    newer = Still(A.path, 12, 3)
    await processed(db, A)
    await processed(db, newer)
    assert await ledger.known({A, newer}) == {newer}


async def test_failures_are_tried_again_until_given_up_or_read(db):
    """The number of tries and the time of the next come back after a restart."""
    ledger = StillLedger(db, "folder", lambda: NOON)
    soon = NOON + timedelta(seconds=30)
    await ledger.failed(A, "cut short", 1, soon)
    assert await ledger.retries() == {A: (1, soon)}
    await ledger.failed(A, "cut short", 2, soon + timedelta(minutes=1))
    await ledger.failed(B, "no picture", 5, None)
    assert await ledger.retries() == {A: (2, soon + timedelta(minutes=1))}
    assert await ledger.known({A, B}) == {B}
    assert await StillLedger(db, "other").retries() == {}
    await processed(db, A)
    assert await ledger.retries() == {}
    assert await ledger.known({A}) == {A}


async def test_names_that_are_no_text_are_kept(db):
    """A file's name is bytes: not UTF-8, a line break, a quote."""
    names = [os.fsdecode(b"/in/\xff\xfe.jpg"), "/in/a\nb'\".jpg", "/in/日本.jpg"]
    stills = {Still(name, 1, 1) for name in names}
    for still in stills:
        await processed(db, still)
    assert await StillLedger(db, "folder").known(stills) == stills


async def test_a_large_folder_is_looked_up_at_once(db):
    """More files than a statement takes parameters."""
    stills = [Still(f"/in/{number}.jpg", number, number) for number in range(3000)]
    async with db.write() as connection:
        for still in stills[::100]:
            await mark_processed(connection, "folder", still, 0, NOON)
    assert await StillLedger(db, "folder").known(stills) == set(stills[::100])
