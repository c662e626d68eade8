"""The folder of pictures: synced, never overwritten, swept of litter and of nothing else."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from alpr.errors import StoreError
from alpr.store.images import Images, Picture
from tests.drawn_reads import NOON, read_id
from tests.small_disk import fill, small_disk

ID = read_id(7)
DAY = "2026/03/01/gate-in"


@pytest.fixture
def images(tmp_path):
    return Images(tmp_path / "data" / "images")


def put(images, jpeg=b"jpeg", part="frame", captured_at=NOON):
    (stored,) = images.write("gate-in", ID, captured_at, [Picture(part, jpeg)])
    return stored


def files(images):
    return sorted(str(path.relative_to(images.root)) for path in images.root.rglob("*") if path.is_file())


def test_a_picture_lies_under_its_day_and_camera(images):
    """The day is the one in UTC; bytes and SHA-256 are those of the file."""
    stored = put(images)
    assert stored.path == f"{DAY}/{ID}-frame.jpg"
    assert (images.root / stored.path).read_bytes() == b"jpeg" == images.read(stored.path)
    assert stored.sha256 == hashlib.sha256(b"jpeg").hexdigest()
    evening = datetime(2026, 3, 1, 23, tzinfo=timezone(-timedelta(hours=5)))
    assert put(images, captured_at=evening).path.startswith("2026/03/02/")
    assert not [path for path in files(images) if path.endswith(".tmp")]


def test_no_picture_is_ever_overwritten(images):
    """The same bytes are the same file; others get a name of their own."""
    first, again, other, third = put(images), put(images), put(images, b"other"), put(images, b"third")
    assert first == again
    assert [other.path, third.path] == [f"{DAY}/{ID}-frame-2.jpg", f"{DAY}/{ID}-frame-3.jpg"]
    assert [images.read(stored.path) for stored in (first, other, third)] == [b"jpeg", b"other", b"third"]


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", ".hidden", "a\0b"])
def test_a_name_cannot_lead_out_of_the_folder(images, name):
    """Neither as a camera nor as an id."""
    for camera, identity in ((name, ID), ("gate-in", name)):
        with pytest.raises(ValueError, match="no names for files"):
            images.write(camera, identity, NOON, [])


def test_deleting_what_is_gone_is_fine(images):
    """A second try after a crash finds nothing left to do."""
    stored = put(images)
    images.delete([stored.path, stored.path])
    assert files(images) == []
    with pytest.raises(StoreError, match="does not exist"):
        images.read(stored.path)


def test_a_full_disk_leaves_no_half_picture(tmp_path):
    """It is told; nothing of the picture stays, and with space it can be written."""
    with small_disk(tmp_path / "disk") as disk:
        images = Images(disk / "images")
        put(images)
        ballast = fill(disk)
        with pytest.raises(StoreError, match="the disk is full: free some space"):
            put(images, b"x" * 100_000, "crop")
        assert files(images) == [f"{DAY}/{ID}-frame.jpg"]
        ballast.unlink()
        put(images, b"x" * 100_000, "crop")


def test_the_sweep_takes_litter_and_nothing_else(images):
    """Our pictures without a row and unfinished ones go; what people have put there stays."""
    named, litter = put(images), put(images, part="preview-crop")
    folder = images.root / DAY
    (folder / f".{ID}-frame.jpg.tmp").write_bytes(b"half")
    for name in ("notes.txt", "holiday.jpg", f"{ID}.jpg", f"{ID}-frame.png", ".hidden"):
        (folder / name).write_bytes(b"mine")
    (images.root / "2026/03/01/README").write_text("mine")
    (images.root / "2026/99/99/gate-in").mkdir(parents=True)
    (place,) = images.unswept()
    assert (place.camera, place.day, place.folder) == ("gate-in", datetime(2026, 3, 1, tzinfo=UTC), DAY)
    gone = f"{DAY}/{read_id(8)}-frame.jpg"
    assert images.sweep(place, frozenset({named.path, gone})) == (2, frozenset({gone}))
    assert not (images.root / litter.path).exists()
    assert len(list(folder.iterdir())) == 6
    assert (images.root / named.path).exists()


def test_only_folders_that_changed_are_looked_at_again(images):
    """A start after a year costs no look at a year of pictures."""
    assert images.unswept() == ()
    put(images)
    put(images, captured_at=NOON - timedelta(days=400))
    assert len(images.unswept()) == 2
    images.mark_swept()
    for folder in images.root.glob("*/*/*/*"):  # they were made within one tick of the clock
        os.utime(folder, ns=(0, (images.root / ".swept").stat().st_mtime_ns - 1))
    assert images.unswept() == ()
    put(images, part="crop")
    assert [place.folder for place in images.unswept()] == [DAY]
