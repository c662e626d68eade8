"""`alpr activity import`: events out of files, each with its line."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from alpr.cli import main
from alpr.store import activitysources, audit
from alpr.store.database import open_database

BEGIN = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "alpr.toml"
    path.write_text("")
    return path


def event(number: int, **other):
    at = (BEGIN + timedelta(minutes=number)).isoformat()
    return {"timestamp": at, "worker": "W1", "station": "S1", "type": "working", "confidence": 0.9} | other


async def test_a_file_is_added_once(config, tmp_path, capsys):
    """Good lines are kept, bad ones told with line and field; the same file again adds nothing."""
    file = tmp_path / "events.jsonl"
    lines = [json.dumps(event(number)) for number in range(2500)]
    lines[1200] = json.dumps(event(1200, count=-1, type="product_count"))
    lines[2000] = '{"timestamp": '
    file.write_text("\n".join(lines) + "\n")
    words = ["activity", "--config", str(config), "import", str(file), "--source", "hall-1"]
    assert await asyncio.to_thread(main, words) == 1
    said = capsys.readouterr()
    assert said.out == "activity hall-1: 2,498 accepted, 0 duplicate, 2 refused\n"
    assert f"{file}:1201: count: is -1" in said.err
    assert f"{file}:2001: is not JSON" in said.err
    assert await asyncio.to_thread(main, words) == 1
    assert capsys.readouterr().out == "activity hall-1: 0 accepted, 2,498 duplicate, 2 refused\n"
    db = await open_database(tmp_path / "data")
    try:
        (source,) = await activitysources.everyone(db)
        assert (source.name, source.events, source.skew) == ("hall-1", 2498, timedelta())
        assert [one.action for one in await audit.latest(db)] == ["activity import"] * 2
    finally:
        await db.close()


def test_csv_and_standard_input(config, tmp_path, capsys, monkeypatch):
    """CSV is known by its name or by how it begins; a file that is not there is told."""
    table = "timestamp;worker;station;type;confidence;count\n2026-03-04T05:00:00Z;W1;S1;product_count;0.9;4\n"
    (tmp_path / "events.csv").write_text("\ufeff" + table)
    words = ["activity", "--config", str(config), "import"]
    assert main([*words, str(tmp_path / "events.csv")]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table.encode())))
    assert main([*words, "-"]) == 0
    assert capsys.readouterr().out == (
        "activity import: 1 accepted, 0 duplicate, 0 refused\nactivity import: 0 accepted, 1 duplicate, 0 refused\n"
    )
    assert main([*words, str(tmp_path / "nothing")]) == 1
    assert "No such file or directory: name a file that can be read" in capsys.readouterr().err


def test_a_factory_that_is_off(config, capsys):
    """The command says how to switch it on."""
    config.write_text("[factory]\nenabled = false\n")
    assert main(["activity", "--config", str(config), "import", "x"]) == 2
    assert "set `enabled = true` in [factory]" in capsys.readouterr().err
