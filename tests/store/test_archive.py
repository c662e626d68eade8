"""The file of a backup: what is written is read again, member by member, and nothing else is taken."""

from __future__ import annotations

import io
import tarfile
from contextlib import closing
from dataclasses import replace

import pytest

from alpr.errors import StoreError
from alpr.store.archive import Manifest, Writer, is_picture, open_backup
from tests.drawn_reads import NOON

MANIFEST = Manifest("1.0", "0011", NOON, 3, 2, 1, "f" * 64, 4)
LONGEST = f"2026/03/01/{'c' * 64}/{'r' * 64}-preview-frame-2.jpg"


def write(path, *members):
    with closing(Writer(path, NOON)) as writer:
        for name, content in members:
            writer.add_bytes(name, content)
        return writer.finish(MANIFEST)


def test_what_was_written_is_read_again(tmp_path):
    """In its order, with the longest names there are, and any other program for tars reads it too."""
    members = [("alpr.toml", b""), ("alpr.db", b"x" * 3_000_000), (f"images/{LONGEST}", b"jpeg")]
    path = tmp_path / "site.tar"
    written = write(path, *members)
    assert written == replace(MANIFEST, file_bytes=path.stat().st_size)
    with open_backup(path) as backup:
        assert backup.manifest == written
        assert [(one.name, b"".join(backup.blocks(one))) for one in backup.members()] == members
    with tarfile.open(path) as tar:
        assert tar.getnames() == ["manifest.json", *(name for name, _ in members)]
        assert {entry.mode for entry in tar} == {0o600}


def test_what_is_there_is_not_overwritten(tmp_path):
    """A writer makes its own file."""
    (tmp_path / "site.tar").write_text("mine")
    with pytest.raises(FileExistsError):
        Writer(tmp_path / "site.tar", NOON)


def test_a_large_member_is_not_taken_into_memory(tmp_path):
    """Keys and configurations are small."""
    write(tmp_path / "site.tar", ("alpr.toml", bytes((16 << 20) + 1)))
    with open_backup(tmp_path / "site.tar") as backup:
        (member,) = backup.members()
        with pytest.raises(StoreError, match=r"'alpr\.toml' is too large"):
            backup.content(member)


def test_a_member_that_would_grow_is_refused(tmp_path):
    """A sparse one of a few bytes can stand for terabytes."""
    write(tmp_path / "site.tar")
    sparse = tarfile.TarInfo("alpr.db")
    sparse.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,0"}
    with tarfile.open(tmp_path / "site.tar") as old, tarfile.open(tmp_path / "evil.tar", "w") as new:
        manifest = old.getmember("manifest.json")
        new.addfile(manifest, old.extractfile(manifest))
        new.addfile(sparse, io.BytesIO())
        new.addfile(tarfile.TarInfo("x"), io.BytesIO(bytes(100_000)))
    with open_backup(tmp_path / "evil.tar") as backup, pytest.raises(StoreError, match=r"'alpr\.db' is no plain file"):
        next(backup.members())


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("2026/03/01/gate-in/00000000-0000-0000-0000-000000000001-frame.jpg", True),
        (LONGEST, True),
        ("2026/03/01/gate-in/x.jpg\n", False),
        ("2026/03/01/gate-in/x.png", False),
        ("2026/03/01/gate-in/.x.jpg", False),
        ("2026/03/01/../x.jpg", False),
        ("2026/03/01/gate-in/../x.jpg", False),
        ("../2026/03/01/gate-in/x.jpg", False),
        ("/2026/03/01/gate-in/x.jpg", False),
        ("2026/03/01/gate\x00in/x.jpg", False),
        ("٢٠٢٦/03/01/gate-in/x.jpg", False),
        ("f.jpg", False),
        ("", False),
    ],
)
def test_only_what_the_product_calls_a_picture_is_one(path, fits):
    """Such a path leads nowhere else."""
    assert is_picture(path) is fits
