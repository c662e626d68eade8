"""A copy of the database that is looked into: its pictures in their order, ticked off one by one."""

from __future__ import annotations

from contextlib import closing

import pytest

from alpr.errors import StoreError
from alpr.store import reads, sqlite
from alpr.store.reads import Evidence
from alpr.store.snapshot import Snapshot
from tests.drawn_reads import NOON, make_read


@pytest.fixture
async def snapshot(db, tmp_path):
    """Give a snapshot of three reads, of which one has no pictures any more and two share one."""
    for number, frame, crop in ((1, "a.jpg", "b.jpg"), (2, "", ""), (3, "c.jpg", "b.jpg")):
        evidence = Evidence(frame, "1" * 64, 10, 10, crop, "2" * 64)
        async with db.write() as connection:
            await reads.save(connection, make_read(number, looks=()), evidence, (), NOON)
    sqlite.copy(db.path, tmp_path / "copy.db")
    with closing(Snapshot(tmp_path / "copy.db")) as opened:
        yield opened


async def test_pictures_of_the_newest_reads_come_first(snapshot):
    """Each once, and none for reads without."""
    assert snapshot.reads() == 3
    assert snapshot.pictures() == 3
    paths = list(snapshot.paths())
    assert (paths[0], paths[-1]) == ("c.jpg", "a.jpg")
    assert sorted(paths) == ["a.jpg", "b.jpg", "c.jpg"]


async def test_pictures_are_ticked_off(snapshot):
    """With the sum that their row tells; what no row names is known by that."""
    assert snapshot.tick("a.jpg") == "1" * 64
    assert snapshot.tick("b.jpg") == "2" * 64
    assert snapshot.tick("a.jpg") == "1" * 64
    assert snapshot.tick("d.jpg") is None
    assert snapshot.tick("") is None
    assert snapshot.unticked() == 1


async def test_looking_changes_no_byte(snapshot, tmp_path):
    """Nor does a file come beside it: its SHA-256 is told before and holds after."""
    before = (tmp_path / "copy.db").read_bytes()
    snapshot.check()
    snapshot.tick("a.jpg")
    assert snapshot.revision()
    snapshot.close()
    assert (tmp_path / "copy.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "data"]


def test_what_is_no_copy_of_ours_is_told(tmp_path):
    """One line with the path."""
    with pytest.raises(StoreError, match=r"nowhere\.db: cannot be opened"):
        Snapshot(tmp_path / "nowhere.db")
    (tmp_path / "text.db").write_text("no database" * 1000)
    with pytest.raises(StoreError, match=r"text\.db: is no database"):
        Snapshot(tmp_path / "text.db")
