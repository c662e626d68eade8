"""`alpr restore`: the same site again, in an empty folder; or one line, and no half of it."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import io
import json
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from alpr.cli import main
from alpr.evidence import KEY_FILE, site_key
from alpr.paths import shipped
from alpr.store import lists, reads, users
from alpr.store.database import open_database
from alpr.store.images import Images
from alpr.store.lock import DataLock
from alpr.store.migrations import is_current, migrate
from alpr.store.reads import Evidence, ReadQuery
from tests.drawn_reads import NOON, make_read, read_id
from tests.small_disk import small_disk
from tests.whole_site import CONFIG, dump, make_site, pictures, stored


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give the data folder of a site of which there is a backup `site.tar`; commands run in another folder."""
    monkeypatch.delenv("ALPR_CONFIG", raising=False)
    (tmp_path / "old").mkdir()
    data = make_site(tmp_path / "old")
    assert main(["backup", str(tmp_path / "site.tar"), "--config", str(tmp_path / "old" / "alpr.toml")]) == 0
    monkeypatch.chdir(tmp_path)
    return data


@pytest.fixture
def restore(tmp_path, capsys):
    """Restore a backup into the folder `new`; return exit code, output and errors."""

    def run(file="site.tar", *words):
        capsys.readouterr()
        code = main(["restore", file, *(words or ("--data", "new"))])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def refused(restore, tmp_path):
    """Expect that a restore says these words in one line and leaves neither a database nor keys."""

    def run(*said, file="site.tar"):
        before = names(tmp_path / "new")
        code, out, err = restore(file)
        assert (code, out, err.count("\n")) == (1, "", 1), err
        for words in said:
            assert words in err
        assert names(tmp_path / "new") - before <= {"alpr.lock", "images"}

    return run


def names(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def rewrite(source, target, change):
    """Write a tar of what `change` makes of each member (entry, content); the manifest's length stays true."""
    with tarfile.open(source) as old, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new:
        for entry in old:
            for changed, content in change(copy.copy(entry), old.extractfile(entry).read()):
                changed.size = len(content)
                new.addfile(changed, io.BytesIO(content))


def with_manifest(target, **changes):
    """Rewrite `site.tar` so that its manifest tells something else."""

    def change(entry, content):
        if entry.name == "manifest.json":
            content = json.dumps({**json.loads(content), **changes}).encode()
        yield entry, content

    rewrite("site.tar", target, change)


def test_the_same_site_is_there_again(site, restore, tmp_path):
    """Every row, picture and key; the configuration lies beside, for its owner alone."""
    code, out, err = restore()
    assert (code, err) == (0, "")
    assert "5 reads and 10 pictures" in out
    assert "new/alpr.toml.restored: take from it what you need" in out
    new = tmp_path / "new"
    assert dump(new / "alpr.db") == dump(site / "alpr.db", "audit") | {"audit": []}
    assert pictures(new) == pictures(site)
    assert len(pictures(new)) == 10
    assert stored(new) == stored(site)
    for name in ("evidence-key.pem", "push-key.pem"):
        assert (new / name).read_bytes() == (site / name).read_bytes()
        assert stat.S_IMODE((new / name).stat().st_mode) == 0o600
    assert (new / "alpr.toml.restored").read_text() == CONFIG
    assert stat.S_IMODE((new / "alpr.toml.restored").stat().st_mode) == 0o600
    expected = {"alpr.db", "alpr.lock", "alpr.toml.restored", "evidence-key.pem", "images", "push-key.pem"}
    assert names(new) == expected
    assert not [path for path in new.rglob("*") if path.name.endswith((".tmp", ".restoring"))]


def test_the_restored_site_works(site, restore, tmp_path):
    """Accounts, lists, searches and new reads, and a backup of it again."""
    assert restore()[0] == 0
    new = tmp_path / "new"

    async def use():
        database = await open_database(new)
        try:
            assert await users.find(database, "ada")
            assert [one.name for one in await lists.everyone(database, NOON)] == ["Staff"]
            found = await reads.page(database, ReadQuery(text="AB00003"))
            assert [one.read.id for one in found] == [read_id(3)]
        finally:
            await database.close()

    asyncio.run(use())
    shutil.copy(new / "alpr.toml.restored", tmp_path / "alpr.toml")
    (tmp_path / "alpr.toml").write_text(CONFIG + '[store]\ndata = "new"\n')
    assert main(["backup", "again.tar"]) == 0
    assert restore("again.tar", "--data", "third")[0] == 0
    assert stored(tmp_path / "third") == stored(site)


def test_the_folder_of_the_configuration_is_the_default(site, restore, tmp_path):
    """Without --data; the admin's own configuration stays as it is."""
    own = '[store]\ndata = "chosen"\n'
    (tmp_path / "alpr.toml").write_text(own)
    assert restore("site.tar", "--config", "alpr.toml")[0] == 0
    assert stored(tmp_path / "chosen") == stored(site)
    assert (tmp_path / "alpr.toml").read_text() == own


def test_a_running_site_is_let_alone(site, refused, tmp_path):
    """The lock of its folder says so; when it has stopped, the database that is there does."""
    shutil.copytree(site, tmp_path / "new")
    before = dump(site / "alpr.db")
    lock = DataLock(tmp_path / "new")
    lock.take(needed=True)
    refused("in use by another alpr", "stop it first")
    lock.release()
    refused("alpr.db is there already: move it away")
    assert dump(tmp_path / "new" / "alpr.db") == before
    for name in ("alpr.db-wal", "alpr.db-shm"):
        (tmp_path / "new" / name).unlink(missing_ok=True)
    (tmp_path / "new" / "alpr.db").rename(tmp_path / "new" / "alpr.db-wal")
    refused("alpr.db-wal is there already: move it away")


def test_another_key_is_not_overwritten(site, restore, refused, tmp_path):
    """Packages signed with it could never be proved again."""
    site_key_of_another_site = tmp_path / "new" / KEY_FILE
    site_key_of_another_site.parent.mkdir()
    site_key(tmp_path / "new")
    before = site_key_of_another_site.read_bytes()
    refused("evidence-key.pem: is another key than that of the backup: move it away first")
    assert site_key_of_another_site.read_bytes() == before
    site_key_of_another_site.write_bytes((site / KEY_FILE).read_bytes())
    assert restore()[0] == 0


def test_an_older_schema_is_migrated_at_the_next_start(tmp_path, restore, monkeypatch):
    """A backup of an older version is taken, its rows come forward."""
    monkeypatch.chdir(tmp_path)
    scripts = shutil.copytree(shipped("alembic"), tmp_path / "scripts")
    for script in (scripts / "versions").glob("*.py"):
        if not script.name.startswith("0001"):
            script.unlink()
    (tmp_path / "alpr.toml").write_text("")
    (tmp_path / "data").mkdir()
    migrate(tmp_path / "data" / "alpr.db", scripts)
    with closing(sqlite3.connect(tmp_path / "data" / "alpr.db")) as connection, connection:
        connection.execute("INSERT INTO stills VALUES ('gate-in', x'61', 1, 2, 'processed', 0, '', NULL, 0, 5)")
    assert main(["backup", "old.tar"]) == 0
    code, _, err = restore("old.tar")
    assert (code, err) == (0, "")
    new = tmp_path / "new" / "alpr.db"
    assert dump(new) == dump(tmp_path / "data" / "alpr.db")
    assert not is_current(new)
    migrate(new)
    assert is_current(new)
    assert len(dump(new)["stills"]) == 1


def test_what_is_no_backup_is_told(site, refused, tmp_path):
    """Before anything is unpacked, even before the folder is made."""
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "zeros").write_bytes(bytes(10240))
    (tmp_path / "text").write_text("this is no tar " * 1000)
    with tarfile.open("packed", "w:gz") as tar:
        tar.add("site.tar")
    with tarfile.open("foreign", "w") as tar:
        tar.add("text")
    rewrite("site.tar", "no-json", lambda entry, content: [(entry, content.replace(b'"format"', b"format"))])
    for file, *said in (
        ("nowhere", "cannot be read (No such file or directory): name a file that `alpr backup` wrote"),
        (str(site), "cannot be read (Is a directory)"),
        ("empty", "is no tar"),
        ("text", "is no tar"),
        ("packed", "is no tar (unpack it first if it is compressed)"),
        ("zeros", "is no backup of alpr"),
        ("foreign", "is no backup of alpr"),
        ("no-json", "manifest.json cannot be read"),
    ):
        refused(f"backup {file}: ", *said, file=file)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "alpr backup 2"}, "is of the format 'alpr backup 2'"),
        ({"schema": "9999", "alpr": "99.0"}, "written by a newer alpr (99.0, schema 9999): install that version first"),
        ({"file_bytes": "many"}, "manifest.json cannot be read"),
        ({"made_at": "today"}, "manifest.json cannot be read"),
        ({"file_bytes": 10**12}, "ends too early"),
        ({"schema": "0001"}, "is of another schema than it says"),
        ({"database_sha256": "0" * 64}, "its database is not as it was made"),
    ],
)
def test_a_manifest_that_does_not_fit_is_told(site, refused, changes, said):
    """What is of another version, and what was changed."""
    with_manifest("other.tar", **changes)
    refused(said, file="other.tar")


def test_a_file_that_ends_too_early_is_told(site, refused, tmp_path):
    """Wherever it was cut: at the first bytes, in the database, between two pictures, before the last block."""
    whole = (tmp_path / "site.tar").read_bytes()
    for length, said in (
        (300, "is no tar"),
        (1000, "damaged (unexpected end of data)"),
        (5000, "ends too early (5,000 of"),
        (len(whole) // 2, "ends too early"),
        (len(whole) - 20 * 512, "ends too early"),
        (len(whole) - 1, f"ends too early ({len(whole) - 1:,} of {len(whole):,} bytes)"),
    ):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        refused("backup cut.tar: ", said, file="cut.tar")
    assert not (tmp_path / "new").exists()


def test_a_changed_byte_of_the_database_is_told(site, refused, tmp_path):
    """Its SHA-256 stands in the manifest."""

    def change(entry, content):
        if entry.name == "alpr.db":
            content = content[:-1] + bytes([content[-1] ^ 1])
        yield entry, content

    rewrite("site.tar", "changed.tar", change)
    refused("its database is not as it was made: take another copy", file="changed.tar")


def test_what_is_no_database_behind_a_true_sum_is_told(site, refused):
    """Somebody made the file by hand."""
    for content, said in ((b"no database" * 1000, "is no database"), (b"", "is not one of alpr")):

        def change(entry, old, content=content):
            if entry.name == "manifest.json":
                sums = {"database_sha256": hashlib.sha256(content).hexdigest()}
                old = json.dumps({**json.loads(old), **sums, "file_bytes": 0}).encode()
            yield entry, content if entry.name == "alpr.db" else old

        rewrite("site.tar", "made.tar", change)
        refused(said, file="made.tar")


def test_a_backup_without_its_database_is_told(site, refused):
    """And one whose pictures come before it."""
    manifest = {"file_bytes": 0}
    with_manifest("long.tar", **manifest)
    rewrite(
        "long.tar",
        "bare.tar",
        lambda entry, content: [] if entry.name == "alpr.db" or "images" in entry.name else [(entry, content)],
    )
    refused("has no database in it", file="bare.tar")
    rewrite("long.tar", "order.tar", lambda entry, content: [] if entry.name == "alpr.db" else [(entry, content)])
    refused("does not belong into it", file="order.tar")


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/tmp/escaped-by-restore",
        "images/../../escaped",
        "images/2026/03/01/gate-in/../../../../../../escaped.jpg",
        "images/2026/03/01/../escaped.jpg",
        "images//tmp/escaped.jpg",
        "alpr.db-wal",
        "alpr.lock",
        "../evil-key.pem",
        "images/2026/03/01/gate-in/unknown-frame.jpg",
        "images/2026/03/01/gate-in/.hidden.jpg",
    ],
)
@pytest.mark.parametrize("place", ["alpr.toml", "alpr.db"])
def test_no_member_leads_out_of_the_folder(site, refused, tmp_path, name, place):
    """Names that no backup has are refused, before the database and behind it, even where a row names them."""
    row = name.removeprefix("images/")
    with closing(sqlite3.connect(site / "alpr.db")) as connection, connection:
        if name != "images/2026/03/01/gate-in/unknown-frame.jpg":
            connection.execute("UPDATE reads SET frame_path = ? WHERE id = ?", (row, read_id(1)))
    assert main(["backup", "odd.tar", "--config", "old/alpr.toml"]) == 0

    def change(entry, content):
        yield entry, content
        if entry.name == place:
            yield tarfile.TarInfo(name), b"evil"

    rewrite("odd.tar", "evil.tar", change)
    before = {path for path in tmp_path.rglob("*") if "new" not in path.parts}
    refused(f"{name!r} does not belong into it", file="evil.tar")
    assert {path for path in tmp_path.rglob("*") if "new" not in path.parts} == before
    assert not [path for path in Path("/tmp").iterdir() if path.name.startswith("escaped")]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_only_plain_files_are_unpacked(site, refused, tmp_path, kind):
    """No link through which the next member would be written elsewhere."""
    (tmp_path / "outside").mkdir()

    def change(entry, content):
        if entry.name.startswith("images/"):
            link = tarfile.TarInfo("images/2026")
            link.type, link.linkname = kind, str(tmp_path / "outside")
            yield link, b""
        yield entry, content

    rewrite("site.tar", "linked.tar", change)
    refused("'images/2026' is no plain file", file="linked.tar")
    assert names(tmp_path / "outside") == set()


def test_pictures_that_differ_or_are_missing_are_told(site, restore, tmp_path):
    """All else is restored; the exit code says that something is not as it was."""
    first, second, third, *_ = sorted(pictures(site))

    def change(entry, content):
        if entry.name == f"images/{first}":
            content = b"another picture"
        if entry.name not in (f"images/{second}", f"images/{third}"):
            yield entry, content

    with_manifest("long.tar", file_bytes=0)
    rewrite("long.tar", "less.tar", change)
    code, out, err = restore("less.tar")
    assert code == 1
    assert "5 reads and 8 pictures" in out
    assert "2 pictures are missing\n" in err
    assert f"1 pictures are not as they were stored, such as {first}" in err
    wanted = {**pictures(site), first: b"another picture"}
    del wanted[second], wanted[third]
    assert pictures(tmp_path / "new") == wanted
    assert stored(tmp_path / "new") == stored(site)


def test_one_picture_that_differs_is_a_fault(site, restore):
    """Even when none is missing."""
    first = f"images/{min(pictures(site))}"
    with_manifest("long.tar", file_bytes=0)
    rewrite("long.tar", "other.tar", lambda entry, old: [(entry, b"another" if entry.name == first else old)])
    code, _, err = restore("other.tar")
    assert (code, err.count("\n")) == (1, 1)
    assert "1 pictures are not as they were stored" in err


def test_pictures_that_were_gone_at_the_backup_are_told(site, restore, tmp_path):
    """With when they went."""
    (site / "images" / min(pictures(site))).unlink()
    assert main(["backup", "less.tar", "--config", "old/alpr.toml"]) == 0
    code, _, err = restore("less.tar")
    assert code == 1
    assert "1 pictures are missing (1 of them were when the backup was made)" in err


def test_a_backup_without_pictures(site, restore, tmp_path):
    """Says where they belong, and is no fault."""
    assert main(["backup", "bare.tar", "--without-pictures", "--config", "old/alpr.toml"]) == 0
    code, out, err = restore("bare.tar")
    assert (code, err) == (0, "")
    assert "copy the folder `images` of the former data folder to " in out
    shutil.copytree(site / "images", tmp_path / "new" / "images")
    assert stored(tmp_path / "new") == stored(site)


def test_a_full_disk_leaves_no_half_site(site, restore, tmp_path):
    """With space it works, into the same folder."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        room = 2 << 20
        for left in (100_000, (site / "alpr.db").stat().st_size + 8192):
            (disk / "ballast").write_bytes(bytes(room - left - 16384))
            code, out, err = restore("site.tar", "--data", str(disk / "new"))
            assert (code, out) == (1, "")
            assert err == f"data folder {disk / 'new'}: the disk is full: free some space\n"
            assert names(disk / "new") <= {"alpr.lock", "images"}
            (disk / "ballast").unlink()
        assert restore("site.tar", "--data", str(disk / "new"))[0] == 0
        assert pictures(disk / "new") == pictures(site)
        assert stored(disk / "new") == stored(site)


def test_killed_at_any_moment_it_leaves_no_half_site(tmp_path, monkeypatch):
    """SIGKILL while pictures are unpacked, and while the database is; the next run brings everything."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alpr.toml").write_text(CONFIG)
    asyncio.run(many_reads(tmp_path / "data", 600))
    assert main(["backup", "site.tar"]) == 0
    new = tmp_path / "new"
    for sign in (new / ".alpr.db.restoring", new / "images" / "2026" / "03" / "01" / "camera-3"):
        child = subprocess.Popen(
            [sys.executable, "-m", "alpr.cli", "restore", "site.tar", "--data", "new"], stdout=subprocess.DEVNULL
        )
        while not sign.exists():
            assert child.poll() is None, "it had ended already"
            time.sleep(0.0005)
        child.kill()
        assert child.wait() == -signal.SIGKILL
        assert not (new / "alpr.db").exists()
        assert not (new / KEY_FILE).exists()
    assert 0 < len(list((new / "images").rglob("*.jpg*"))) < 1200
    assert main(["restore", "site.tar", "--data", "new"]) == 0
    assert pictures(new) == pictures(tmp_path / "data")
    assert stored(new) == stored(tmp_path / "data")
    assert not list(new.rglob("*.tmp"))
    assert not (new / ".alpr.db.restoring").exists()


async def many_reads(data, count):
    """Store reads in one transaction, the same two pictures for each."""
    images = Images(data / "images")
    database = await open_database(data)
    try:
        async with database.write() as connection:
            for number in range(1, count + 1):
                folder = f"2026/03/01/camera-{number % 7}"
                paths = [f"{folder}/{read_id(number)}-{part}.jpg" for part in ("frame", "crop")]
                for path in paths:
                    (images.root / path).parent.mkdir(parents=True, exist_ok=True)
                    (images.root / path).write_bytes(path.encode() * 100)
                sums = [hashlib.sha256(path.encode() * 100).hexdigest() for path in paths]
                evidence = Evidence(paths[0], sums[0], 160, 64, paths[1], sums[1])
                await reads.save(connection, make_read(number, looks=()), evidence, (), NOON)
    finally:
        await database.close()
