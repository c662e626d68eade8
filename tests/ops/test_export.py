"""`alpr export`: reads as files, and what persons said as labelled pictures that bench and train take."""

from __future__ import annotations

import asyncio
import csv
import json

import cv2
import pytest

from alpr.bus import Bus
from alpr.cli import main
from alpr.correction import Corrector
from alpr.domain import Box, Recording
from alpr.keepers.gate import Gatekeeper
from alpr.recorder import Recorder
from alpr.site.rules.book import Rulebook
from alpr.status import Status
from alpr.store import audit
from alpr.store.database import open_database
from alpr.store.images import Images
from alpr.training.reader.crops import labelled_crops
from alpr.training.truth import Truth, load_truth
from tests.drawn_reads import make_capture, read_id


async def _filled(data):
    """Store three reads with their pictures; correct one, confirm one."""
    database = await open_database(data)
    try:
        bus, status = Bus(), Status()
        recorder = Recorder(database, Images(data / "images"), bus, status)
        work = asyncio.create_task(recorder.run())
        for number in (1, 2, 3):
            await recorder.record(Recording("gate-in", (make_capture(number),)))
        await recorder.drain()
        work.cancel()
        corrector = Corrector(database, bus, Gatekeeper(database, bus, status, Rulebook()))
        await corrector.correct(read_id(1), "XY77", "ada")
        await corrector.confirm(read_id(3), "ada")
    finally:
        await database.close()


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give a site with three reads, in whose folder commands run."""
    (tmp_path / "alpr.toml").write_text('[[camera]]\nname = "gate-in"\nurl = "rtsp://127.0.0.1/"\n')
    asyncio.run(_filled(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_reads_are_written_as_csv_and_lines(site, capsysbinary):
    """Narrowed by the options; what was written is noted in the audit log."""
    assert main(["export", "--text", "AB*"]) == 0
    rows = list(csv.DictReader(capsysbinary.readouterr().out.decode("utf-8-sig").splitlines()))
    assert [row["text"] for row in rows] == ["AB00003", "AB00002"]
    assert main(["export", "--form", "jsonl", "--review", "corrected", "--output", "out.jsonl"]) == 0
    (line,) = (site / "out.jsonl").read_text().splitlines()
    assert (json.loads(line)["text"], json.loads(line)["machine_text"]) == ("XY77", "AB00001")
    assert main(["export", "--since", "2026-03-02"]) == 0
    assert len(capsysbinary.readouterr().out.splitlines()) == 1

    async def told():
        database = await open_database(site / "data")
        try:
            return [one.detail for one in await audit.latest(database) if one.action == "reads export"]
        finally:
            await database.close()

    assert asyncio.run(told()) == ["0 reads", "1 reads", "2 reads"]


def test_what_persons_said_becomes_labels(site):
    """Frames with boxes for bench, crops for train; the machine's text beside the true one; no unreviewed read."""
    assert main(["export", "--labels", "labels"]) == 0
    truths = load_truth(site / "labels")
    assert sorted(truth.text for (truth,) in truths.values()) == ["AB00003", "XY77"]
    assert {truth.box for (truth,) in truths.values()} == {Box(4, 8, 60, 24)}
    for name in truths:
        assert cv2.imread(str(site / "labels" / name)).shape == (160, 320, 3)
    assert {truth for (truth,) in load_truth(site / "labels" / "crops").values()} == {Truth("XY77"), Truth("AB00003")}
    assert {crop.text for crop in labelled_crops(site / "labels" / "crops", print)} == {"XY77", "AB00003"}
    rows = list(csv.DictReader((site / "labels" / "truth.csv").read_text().splitlines()))
    assert {(row["text"], row["machine_text"], row["review"]) for row in rows} == {
        ("XY77", "AB00001", "corrected"),
        ("AB00003", "AB00003", "confirmed"),
    }


def test_a_folder_that_cannot_be_written_is_told(site, capsys):
    """One line that says what to do."""
    (site / "file").write_text("")
    assert main(["export", "--labels", "file/labels"]) == 1
    assert "name a folder that can be written" in capsys.readouterr().err
