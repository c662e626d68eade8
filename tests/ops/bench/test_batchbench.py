"""The measurement of batches, with a few drawn stills."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from alpr.errors import ConfigError
from alpr.ops.bench.batch import Counted, fill, killed

ROOT = Path(__file__).parents[3]


def test_pictures_are_copied_until_there_are_enough(tmp_path):
    """Each under a name of its own; a folder without any is told."""
    (tmp_path / "few").mkdir()
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(tmp_path / "few" / name), np.zeros((9, 16, 3), np.uint8))
    fill(tmp_path / "few", tmp_path / "many", 5)
    assert len(list((tmp_path / "many").iterdir())) == 5
    (tmp_path / "none").mkdir()
    with pytest.raises(ConfigError, match="none: has no pictures: name a folder with stills"):
        fill(tmp_path / "none", tmp_path / "more", 5)


async def test_a_batch_that_is_killed_is_counted(tmp_path):
    """Killed on its way: every picture is in the store, nine in ten with a read, each once."""
    (tmp_path / "few").mkdir()
    cv2.imwrite(str(tmp_path / "few" / "a.jpg"), np.zeros((9, 16, 3), np.uint8))
    fill(tmp_path / "few", tmp_path / "many", 60)
    data = tmp_path / "data"
    command = ("-m", "tests.ops.batch_child", str(tmp_path / "many"), str(data))
    start = partial(asyncio.create_subprocess_exec, sys.executable, *command, cwd=ROOT)
    assert await killed(start, data, 60, 1) == Counted(60, 54, 54)
