"""`alpr prune`: what it removes, what it foretells, while nothing else has to stop."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from alpr.cli import main
from alpr.domain import utc_now
from alpr.store import reads
from alpr.store.database import open_database
from alpr.store.images import Images, Picture
from tests.drawn_reads import make_read


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give a folder with a configuration and three reads: of now, and 40 and 400 days old."""
    (tmp_path / "alpr.toml").write_text("[store]\nkeep_reads = 365\n")
    monkeypatch.chdir(tmp_path)
    asyncio.run(_fill(tmp_path / "data"))
    return tmp_path


async def _fill(data):
    db = await open_database(data)
    for number, age in enumerate((0, 40, 400), start=1):
        moment = utc_now() - timedelta(days=age)
        read = make_read(number, captured_at=moment, first_seen=moment, last_seen=moment)
        frame, crop = Images(data / "images").write(
            read.camera, read.id, moment, [Picture("frame", b"f"), Picture("crop", b"c")]
        )
        async with db.write() as connection:
            evidence = reads.Evidence(frame.path, frame.sha256, 320, 160, crop.path, crop.sha256)
            await reads.save(connection, read, evidence, (None,), moment)
    await db.close()


def _pictures(site) -> int:
    return len(list((site / "data" / "images").rglob("*.jpg")))


def test_without_days_the_configuration_says_what_goes(site, capsys):
    """Foretold first, then done, then nothing is left to do."""
    assert main(["prune", "--dry-run"]) == 0
    assert capsys.readouterr().out == "1 reads would be removed, and the pictures of 0\n"
    assert _pictures(site) == 6
    assert main(["prune"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 reads and 2 pictures removed"
    assert _pictures(site) == 4
    assert main(["prune"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"


def test_days_go_before_the_configuration(site, capsys):
    """Pictures of 30 days: two reads lose theirs, none is removed."""
    assert main(["prune", "--pictures", "30", "--dry-run"]) == 0
    assert capsys.readouterr().out == "0 reads would be removed, and the pictures of 2\n"
    assert main(["prune", "--pictures", "30"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 reads and 4 pictures removed"
    assert _pictures(site) == 2


@pytest.mark.parametrize("days", ["0", "-1", "many", "40000"])
def test_days_that_are_none_are_refused(site, capsys, days):
    """Before anything is removed."""
    with pytest.raises(SystemExit, match="2"):
        main(["prune", "--pictures", days])
    assert "--pictures" in capsys.readouterr().err
    assert _pictures(site) == 6
