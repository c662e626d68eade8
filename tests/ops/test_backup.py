"""`alpr backup`: the whole state of one moment in one file, or no file."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import sqlite3
import stat
import tarfile
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest

from alpr import __version__
from alpr.cli import main
from alpr.delivery.vapid import FILE
from alpr.domain import State, utc_now
from alpr.evidence import KEY_FILE
from alpr.ops.backup import _workplace
from alpr.store import audit
from alpr.store.archive import is_key
from alpr.store.database import open_database
from tests import kill9_child
from tests.drawn_reads import read_id
from tests.small_disk import fill, small_disk
from tests.whole_site import CONFIG, dump, make_site, pictures, record, stored


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give the data folder of a site, with commands run in the folder around it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ALPR_CONFIG", raising=False)
    return make_site(tmp_path)


def members(path):
    """Return the members of a backup, in their order."""
    with tarfile.open(path) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}


def left_over(folder):
    """Return what is there beside the site itself."""
    return sorted(path.name for path in folder.iterdir() if path.name not in {"alpr.toml", "data"})


@contextmanager
def refused(capsys, *said):
    """Expect one line on standard error with these words."""
    capsys.readouterr()
    yield
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    for words in said:
        assert words in err


def test_the_whole_state_lies_in_one_file(site, tmp_path, capsys):
    """The manifest in front tells what follows: configuration, keys, database and the pictures of its reads."""
    (site / "notes.txt").write_text("no part of the site")
    (site / "images" / "2026" / "litter.jpg").write_text("no row names it")
    before = utc_now()
    assert main(["backup", "site.tar"]) == 0
    found = members("site.tar")
    names = list(found)
    assert names[:5] == ["manifest.json", "alpr.toml", "evidence-key.pem", "push-key.pem", "alpr.db"]
    kept = {name.removeprefix("images/"): content for name, content in found.items() if name.startswith("images/")}
    (site / "images" / "2026" / "litter.jpg").unlink()
    assert kept == pictures(site)
    assert len(names) == 5 + len(kept) == 15
    assert found["alpr.toml"].decode() == CONFIG
    assert found["evidence-key.pem"] == (site / KEY_FILE).read_bytes()
    told = json.loads(found["manifest.json"])
    made_at = datetime.fromisoformat(told.pop("made_at"))
    assert before <= made_at <= utc_now()
    assert made_at.utcoffset() == timedelta(0)
    (revision,) = dump(site / "alpr.db")["alembic_version"]
    assert told == {
        "format": "alpr backup 1",
        "alpr": __version__,
        "schema": revision[0],
        "reads": 5,
        "pictures": 10,
        "gone": 0,
        "database_sha256": hashlib.sha256(found["alpr.db"]).hexdigest(),
        "database_bytes": len(found["alpr.db"]),
        "file_bytes": (tmp_path / "site.tar").stat().st_size,
    }
    (tmp_path / "copy.db").write_bytes(found["alpr.db"])
    assert dump(tmp_path / "copy.db") == dump(site / "alpr.db", "audit") | {"audit": []}
    assert stat.S_IMODE((tmp_path / "site.tar").stat().st_mode) == 0o600
    assert left_over(tmp_path) == ["copy.db", "site.tar"]
    assert "5 reads, 10 pictures" in capsys.readouterr().out


def test_who_took_the_state_away_is_in_the_audit_log(site):
    """After the backup: it holds hashes of passwords and keys."""
    assert main(["backup", "site.tar"]) == 0

    async def latest():
        database = await open_database(site)
        try:
            return await audit.latest(database)
        finally:
            await database.close()

    (entry,) = asyncio.run(latest())
    assert (entry.actor, entry.action, entry.subject) == ("command line", "backup", "site.tar")
    assert entry.detail.startswith("5 reads, 10 pictures")


def test_every_key_of_the_box_is_kept():
    """Those that there are now, and nothing that leads elsewhere."""
    assert is_key(KEY_FILE)
    assert is_key(FILE)
    for name in ("../evidence-key.pem", "/evidence-key.pem", "key.pem", "evidence-key.pem\n", ".x-key.pem", "alpr.db"):
        assert not is_key(name), name


def test_without_pictures(site):
    """Database, keys and configuration alone, and the manifest says so."""
    assert main(["backup", "site.tar", "--without-pictures"]) == 0
    found = members("site.tar")
    assert list(found) == ["manifest.json", "alpr.toml", "evidence-key.pem", "push-key.pem", "alpr.db"]
    assert json.loads(found["manifest.json"])["pictures"] is None


def test_a_picture_that_has_gone_is_told(site, capsys):
    """It is counted, and everything else is kept."""
    path = min(pictures(site))
    (site / "images" / path).unlink()
    assert main(["backup", "site.tar"]) == 0
    assert "1 pictures were not there any more" in capsys.readouterr().err
    found = members("site.tar")
    told = json.loads(found["manifest.json"])
    assert (told["pictures"], told["gone"]) == (9, 1)
    assert {f"images/{path}" for path in pictures(site)} == {name for name in found if name.startswith("images/")}


def test_nothing_outside_of_the_folder_of_pictures_is_taken(site, tmp_path):
    """Whatever a row names; such a file could not be restored."""
    for number, path in ((1, "../../alpr.toml"), (2, str(tmp_path / "alpr.toml"))):
        with closing(sqlite3.connect(site / "alpr.db")) as connection, connection:
            connection.execute("UPDATE reads SET frame_path = ? WHERE id = ?", (path, read_id(number)))
    assert main(["backup", "site.tar"]) == 0
    found = members("site.tar")
    assert len(found) == 5 + 8
    assert json.loads(found["manifest.json"])["gone"] == 2


def test_nobody_else_looks_into_what_is_not_done_yet(tmp_path):
    """The copy of the database has everybody's hash of the password in it."""
    with _workplace(tmp_path / "site.tar") as place:
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_only_when_told(site, tmp_path, capsys):
    """Refused, it stays as it is."""
    (tmp_path / "site.tar").write_text("mine")
    with refused(capsys, "site.tar: exists already", "--force"):
        assert main(["backup", "site.tar"]) == 1
    assert (tmp_path / "site.tar").read_text() == "mine"
    (tmp_path / "site.tar").chmod(0o644)
    assert main(["backup", "site.tar", "--force"]) == 0
    assert next(iter(members("site.tar"))) == "manifest.json"
    assert stat.S_IMODE((tmp_path / "site.tar").stat().st_mode) == 0o600


def test_what_cannot_be_backed_up_is_told(site, tmp_path, capsys):
    """One line each, which says what to do; nothing is left behind."""
    with refused(capsys, "no such folder", "mount it first"):
        assert main(["backup", "nowhere/site.tar"]) == 1
    with refused(capsys, "is a folder: name a file"):
        assert main(["backup", str(site)]) == 1
    with refused(capsys, "no such file", "--config"):
        assert main(["backup", "site.tar", "--config", "other.toml"]) == 2
    (tmp_path / "alpr.toml").write_text('[store]\ndata = "elsewhere"\n')
    with refused(capsys, f"data folder {tmp_path / 'elsewhere'}: does not exist"):
        assert main(["backup", "site.tar"]) == 1
    (tmp_path / "elsewhere").mkdir()
    with refused(capsys, "has no alpr.db", "check `[store] data`"):
        assert main(["backup", "site.tar"]) == 1
    (tmp_path / "elsewhere" / "alpr.db").write_text("this is no database" * 100)
    with refused(capsys, str(tmp_path / "elsewhere" / "alpr.db"), "is no database"):
        assert main(["backup", "site.tar"]) == 1
    (tmp_path / "elsewhere" / "alpr.db").unlink()
    with closing(sqlite3.connect(tmp_path / "elsewhere" / "alpr.db")) as connection, connection:
        connection.execute("CREATE TABLE other (a)")
    with refused(capsys, "is not one of alpr"):
        assert main(["backup", "site.tar"]) == 1
    assert left_over(tmp_path) == ["elsewhere"]
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == ["alpr.db"]


def test_a_damaged_database_takes_no_good_backups_place(site, tmp_path, capsys):
    """Its pages are looked through before."""
    assert main(["backup", "site.tar"]) == 0
    whole = (tmp_path / "site.tar").read_bytes()
    with closing(sqlite3.connect(site / "alpr.db")) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_reads_place'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (site / "alpr.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with refused(capsys, "damaged"):
        assert main(["backup", "site.tar", "--force"]) == 1
    assert (tmp_path / "site.tar").read_bytes() == whole


def test_two_backups_of_one_site_do_not_meet(site, capsys):
    """The second is refused while the first goes on."""
    descriptor = os.open(site, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with refused(capsys, "another backup of it is under way"):
        assert main(["backup", "site.tar"]) == 1
    os.close(descriptor)
    assert main(["backup", "site.tar"]) == 0


def test_a_full_disk_leaves_nothing(site, tmp_path, capsys):
    """One line; what an interrupted run has left goes with the next."""
    with small_disk(tmp_path / "disk", "3m") as disk:
        ballast = fill(disk)
        with refused(capsys, "the disk is full: free some space"):
            assert main(["backup", str(disk / "site.tar")]) == 1
        with ballast.open("r+b") as file:  # room for the copy of the database, not for the tar
            file.truncate((3 << 20) - int(1.5 * (site / "alpr.db").stat().st_size))
        with refused(capsys, f"backup {disk / 'site.tar'}: the disk is full: free some space"):
            assert main(["backup", str(disk / "site.tar")]) == 1
        assert [path.name for path in disk.iterdir()] == ["ballast"]
        ballast.unlink()
        (disk / ".site.tar.part").mkdir()
        (disk / ".site.tar.part" / "backup.tar").write_bytes(b"half")
        assert main(["backup", str(disk / "site.tar")]) == 0
        assert [path.name for path in disk.iterdir()] == ["site.tar"]


def test_a_preview_whose_pictures_are_replaced_meanwhile_is_told(site, capsys):
    """The copy tells of the moment at which it was made."""

    async def pass_by(state):
        database = await open_database(site)
        try:
            await record(database, site, range(7, 8), state)
        finally:
            await database.close()

    asyncio.run(pass_by(State.PREVIEW))
    shown = {path for path in pictures(site) if "preview" in path}
    assert len(shown) == 2
    for path in shown:
        (site / "images" / path).unlink()
    assert main(["backup", "site.tar"]) == 0
    assert "2 pictures were not there any more" in capsys.readouterr().err


def test_a_site_that_goes_on_recording_is_copied_as_of_one_moment(tmp_path, monkeypatch, preloaded):
    """What was committed before the backup began is in it, with pictures; every row of it holds together."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alpr.toml").write_text(CONFIG)
    data, noted = tmp_path / "data", tmp_path / "noted"
    writer = preloaded.Process(target=kill9_child.run, args=(data, 1, noted))
    writer.start()
    try:
        while not noted.exists() or noted.read_text().count("\n") < 100:
            writer.join(0.02)
            assert writer.is_alive()
        for number in range(3):
            known = {line.split()[0] for line in noted.read_text().splitlines()[:-1]}
            assert main(["backup", f"{number}.tar"]) == 0
            later = len(noted.read_text().splitlines())
            assert main(["restore", f"{number}.tar", "--data", f"restored-{number}"]) in (0, 1)
            check(tmp_path, number, known)
            assert later > len(known), "nothing was written meanwhile"
    finally:
        writer.kill()
        writer.join()


def check(folder, number, known):
    """Compare a restored folder with what was known before, and with its own manifest."""
    data = folder / f"restored-{number}"
    with closing(sqlite3.connect(data / "alpr.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    found, there = stored(data), pictures(data)
    assert known <= {one.read.id for one in found}
    named = {path: sha for one in found for path, sha in sums(one.evidence)}
    manifest = json.loads(members(folder / f"{number}.tar")["manifest.json"])
    assert len(named) - len(there) == manifest["gone"]
    assert manifest["gone"] <= 6, "more than the previews of two cameras"
    assert {path: hashlib.sha256(jpeg).hexdigest() for path, jpeg in there.items()}.items() <= named.items()


def sums(evidence):
    return (evidence.frame_path, evidence.frame_sha256), (evidence.crop_path, evidence.crop_sha256)
