"""SIGKILL at random moments while reads are written: no committed read is lost, none doubled, none without pictures."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest

from alpr.domain import State
from alpr.store import reads
from alpr.store.database import open_database
from alpr.store.images import Images
from alpr.store.reads import ReadQuery
from alpr.store.stills import StillLedger
from alpr.store.sweep import sweep
from tests import kill9_child
from tests.drawn_reads import number_of

ROUNDS = 30
NUMBERS_A_ROUND = 1900
LONGEST_LIFE = 0.7


async def reopened(data):
    """Start as the product does after a crash; return all reads, the known stills, and what the sweep found."""
    db, images = await open_database(data), Images(data / "images")
    try:
        swept = await sweep(db, images)
        stored = await reads.page(db, ReadQuery(limit=1_000_000))
        known = await StillLedger(db, kill9_child.FOLDER).known([kill9_child.still(n) for n in kill9_child.STILLS])
    finally:
        await db.close()
    return stored, known, swept


def check_pictures(images, stored):
    """Find every picture, as it was committed, and on it the number that the text says."""
    for read in stored:
        evidence = read.evidence
        for path, sha256 in ((evidence.frame_path, evidence.frame_sha256), (evidence.crop_path, evidence.crop_sha256)):
            jpeg = images.read(path)
            assert hashlib.sha256(jpeg).hexdigest() == sha256, path
            image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
            assert number_of(image) == int(read.read.text[2:]), path


def check_acknowledged(lines, stored):
    """Find everything that the child was told to be committed, once and no less complete."""
    by_id = {read.read.id: read.read for read in stored}
    for line in lines:
        identity, state, text = line.split()
        read = by_id[identity]
        assert state == State.PREVIEW or (read.state, read.text) == (state, text)


@pytest.mark.slow
async def test_kill_9_at_thirty_random_moments(tmp_path, kill_9):
    """One data folder, thirty kills; each next start needs no hand, and nothing is amiss after any of them."""
    data, acknowledged = tmp_path / "data", tmp_path / "acknowledged"
    acknowledged.touch()
    for turn in range(ROUNDS):
        kill_9(kill9_child.run, (data, 1 + turn * NUMBERS_A_ROUND, acknowledged), 0.02, LONGEST_LIFE)

        stored, known, swept = await reopened(data)
        assert swept.missing == 0
        with closing(sqlite3.connect(data / "alpr.db")) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        check_acknowledged(acknowledged.read_text().splitlines(), stored)
        texts = [read.read.text for read in stored]
        assert len(set(texts)) == len(texts)
        # A still is in the ledger exactly when its read is stored: they were one transaction.
        stills = {int(read.read.text[2:]) for read in stored if read.read.camera == kill9_child.FOLDER}
        assert known == {kill9_child.still(number) for number in stills}
        named = {path for read in stored for path in (read.evidence.frame_path, read.evidence.crop_path)}
        images = Images(data / "images")
        files = {str(path.relative_to(images.root)) for path in images.root.rglob("*") if path.is_file()}
        assert files - {".swept"} == named
    check_pictures(images, stored)
    assert len(stored) > ROUNDS
    print(f"{ROUNDS} kills: {len(stored)} reads, {len(acknowledged.read_text().splitlines())} commits acknowledged")  # noqa: T201
