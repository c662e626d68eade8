"""What is too old goes, with its pictures and visits; the rest stays; a full disk loses its oldest pictures only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alpr.config import Store
from alpr.errors import StoreError
from alpr.keepers.retention import Retention, limits_of
from alpr.stay import VisitState
from alpr.store import audit, reads, retention, schema
from alpr.store.database import open_database
from alpr.store.images import Images, Picture
from alpr.store.retention import Limits
from alpr.store.sweep import sweep
from tests.drawn_reads import NOON, make_read, read_id
from tests.site.sighted import after, sighted
from tests.visited import everything, keeper_at, put

DAY = timedelta(days=1)
NOW = NOON + 100 * DAY


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


@pytest.fixture
def images(tmp_path):
    return Images(tmp_path / "data" / "images")


async def pictured(db, images, number: int, age: timedelta) -> None:
    """Store a read of that age with two pictures and the small one of a look."""
    moment = NOW - age
    read = make_read(number, captured_at=moment, first_seen=moment, last_seen=moment)
    parts = [Picture("frame", b"frame %d" % number), Picture("crop", b"crop %d" % number)]
    frame, crop = images.write(read.camera, read.id, moment, parts)
    evidence = reads.Evidence(frame.path, frame.sha256, 320, 160, crop.path, crop.sha256)
    async with db.write() as connection:
        await reads.save(connection, read, evidence, (b"small",), moment)


def retained(db, images, limits: Limits, fullness=lambda folder: 0.0) -> Retention:
    return Retention(db, images, lambda: limits, fullness=fullness, pause=0)


def files(images) -> int:
    return len(list(images.root.rglob("*.jpg")))


async def stored(db, number: int) -> reads.StoredRead:
    found = await reads.get(db, read_id(number))
    assert found is not None
    return found


async def counted(db, table) -> int:
    async with db.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_old_pictures_go_and_their_reads_stay(db, images):
    """The read still says what it was and the sums of its pictures; the next sweep finds nothing to do."""
    await pictured(db, images, 1, 31 * DAY)
    await pictured(db, images, 2, 29 * DAY)
    pruned = await retained(db, images, Limits(pictures=30 * DAY)).prune(NOW, "retention")
    assert (pruned.pictures, pruned.reads, pruned.for_room) == (2, 0, 0)
    old, young = await stored(db, 1), await stored(db, 2)
    assert (old.evidence.frame_path, old.evidence.crop_path) == ("", "")
    assert old.evidence.frame_sha256
    assert old.read.reading.text == "AB00001"
    assert [look.thumbnail for look in await reads.looks(db, read_id(1))] == [None]
    assert images.read(young.evidence.frame_path) == b"frame 2"
    assert [look.thumbnail for look in await reads.looks(db, read_id(2))] == [b"small"]
    assert files(images) == 2
    assert not (images.root / f"{NOW - 31 * DAY:%Y/%m/%d}").exists()
    swept = await sweep(db, images)
    assert (swept.removed, swept.missing) == (0, 0)
    (entry,) = await audit.latest(db)
    assert (entry.actor, entry.action, entry.detail) == ("retention", "prune", "0 reads and 2 pictures removed")


async def test_nothing_old_is_nothing_done(db, images):
    """And nothing is noted."""
    await pictured(db, images, 1, 29 * DAY)
    pruned = await retained(db, images, Limits(30 * DAY, 60 * DAY, 0.9)).prune(NOW, "retention")
    assert pruned.words == ""
    assert files(images) == 2
    assert await audit.latest(db) == ()


async def test_old_reads_go_with_all_that_hangs_on_them(db, images):
    """Pictures, looks and search terms; more of them than one transaction takes."""
    for number in range(1, 251):
        await pictured(db, images, number, 61 * DAY + timedelta(seconds=number))
    await pictured(db, images, 300, 59 * DAY)
    pruned = await retained(db, images, Limits(reads=60 * DAY)).prune(NOW, "retention")
    assert (pruned.reads, pruned.pictures) == (250, 500)
    assert files(images) == 2
    assert await counted(db, schema.reads) == await counted(db, schema.looks) == 1
    found = await reads.page(db, reads.ReadQuery(text="AB00*"))
    assert [one.read.id for one in found] == [read_id(300)]


async def test_who_is_inside_keeps_the_reads_of_the_visit(db, images):
    """A visit goes as a whole when all of it is old; one that lasts keeps even its first read."""
    keeper = keeper_at(db, after(40))
    over, lasting = [sighted(0, "in", "AB123"), sighted(30, "out", "AB123")], sighted(10, "in", "CD456")
    await put(db, keeper, [*over, lasting])
    assert {visit.state for visit in await everything(db)} == {VisitState.CLOSED, VisitState.OPEN}
    retention_ = retained(db, images, Limits(reads=timedelta(minutes=20)))
    assert (await retention_.prune(after(40), "retention")).reads == 0  # it left ten minutes ago
    assert (await retention_.prune(after(60), "retention")).reads == 2
    (left,) = await everything(db)
    assert left.reads == (lasting.id,)
    assert await reads.get(db, lasting.id) is not None


@pytest.mark.parametrize(("limit", "gone"), [(0.9, 0), (0.5, 6)])
async def test_a_full_disk_loses_its_oldest_pictures(db, images, limit, gone):
    """Hour by hour until there is room again, no more than needed, and the reads stay."""
    for number in range(1, 11):
        await pictured(db, images, number, (20 - number) * DAY)
    full = lambda folder: files(images) / 40 + 0.1  # noqa: E731 - twenty files: 0.6
    pruned = await retained(db, images, Limits(disk=limit), full).prune(NOW, "retention")
    assert (pruned.for_room, pruned.pictures, pruned.reads) == (gone, gone, 0)
    assert await counted(db, schema.reads) == 10
    kept = [bool((await stored(db, number)).evidence.frame_path) for number in range(1, 11)]
    assert kept == sorted(kept)


async def test_a_disk_that_something_else_filled_keeps_the_pictures_of_today(db, images):
    """Removing them would not help; the log says so."""
    await pictured(db, images, 1, timedelta(hours=30))
    await pictured(db, images, 2, timedelta(hours=20))
    pruned = await retained(db, images, Limits(disk=0.8), lambda folder: 0.99).prune(NOW, "retention")
    assert pruned.for_room == 2
    assert (await stored(db, 2)).evidence.frame_path


async def test_a_crash_before_the_files_went_leaves_litter_that_is_swept(db, images, monkeypatch):
    """The rows name nothing any more: no read points at a picture that is gone."""
    await pictured(db, images, 1, 31 * DAY)
    await images_swept(db, images)

    def crash(paths):
        raise StoreError("killed")

    monkeypatch.setattr(images, "delete", crash)
    with pytest.raises(StoreError, match="killed"):
        await retained(db, images, Limits(pictures=30 * DAY)).prune(NOW, "retention")
    monkeypatch.undo()
    assert (await stored(db, 1)).evidence.frame_path == ""
    assert files(images) == 2
    (images.root / ".swept").unlink()
    assert (await sweep(db, images)).removed == 2


async def images_swept(db, images) -> None:
    assert (await sweep(db, images)).missing == 0


async def test_the_index_finds_the_oldest_picture(db, images):
    """Ten thousand reads without pictures before it are not looked at one by one."""
    await pictured(db, images, 1, 31 * DAY)
    async with db.read() as connection:
        statement = "EXPLAIN QUERY PLAN SELECT min(captured_at) FROM reads WHERE (frame_path != '' OR crop_path != '')"
        plan = [row[-1] for row in (await connection.exec_driver_sql(statement)).all()]
    assert any("ix_reads_pictured" in line for line in plan), plan
    assert await retention.oldest_picture(db) == NOW - 31 * DAY


def test_the_settings_are_days():
    """0 keeps for ever, and a share of the disk may be switched off."""
    assert limits_of(Store()) == Limits(None, None, 0.85)
    assert limits_of(Store(keep_pictures=30, keep_reads=365, make_room=0.0)) == Limits(30 * DAY, 365 * DAY, 0.0)
