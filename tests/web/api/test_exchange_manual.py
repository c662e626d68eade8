"""docs/exchange.md: its examples work as they stand."""

from __future__ import annotations

import asyncio
import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from alpr.config import Config
from alpr.domain import utc_now
from alpr.exchange.admission import Station
from alpr.intake.build import intake_settings
from alpr.store import reads, tokens
from alpr.store.reads import ReadQuery
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.server import serve
from tests import foreign_payloads as sent

MANUAL = Path(__file__).parents[3] / "docs" / "exchange.md"
PORT = 18_767


def blocks(language):
    """Return the examples of the manual in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples call curl")
async def test_the_examples_are_taken(site, tmp_path):
    """Each succeeds when it is pasted into a shell; what they send stands in the store."""
    settings = site.intake.settings
    names = ("south-gate", "b8a44f960ace", "44:a6:42:f3:2a:d7")
    stations = {("", name): Station("south-gate") for name in names}
    site.intake.settings = replace(settings, terms=replace(settings.terms, stations=stations))
    secrets = {"TOKEN": Role.SENDER, "VIEWER": Role.VIEWER}
    given = {"ALPR": f"http://127.0.0.1:{PORT}", "PICTURE": str(tmp_path / "frame.jpg"), "PATH": "/usr/bin:/bin"}
    (tmp_path / "frame.jpg").write_bytes(sent.jpeg())
    for name, role in secrets.items():
        given[name] = tokens.new_secret()
        new = NewToken(name, tokens.digest(given[name]), role, utc_now(), "a test")
        assert await tokens.create(site.database, new)
    serving = asyncio.create_task(serve(site.web(), "127.0.0.1", PORT))
    await asyncio.sleep(0.05)
    try:
        for example in blocks("sh"):
            process = await asyncio.create_subprocess_shell(
                example, env=given, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, error = await process.communicate()
            assert process.returncode == 0, f"{example}\n{error.decode()}"
            assert out, example
    finally:
        serving.cancel()
        await asyncio.wait({serving})
    stored = await reads.page(site.database, ReadQuery())
    assert sorted((one.read.source, one.read.text) for one in stored) == [
        *[("TOKEN", text) for text in ("AB123CD", "AB123CD", "B AB 1234", "B CD 567")],
        ("deck-2", "M XY 89"),
    ]
    assert [one.read.text for one in stored if one.evidence.frame_path] == ["B CD 567"]


def test_the_configuration_of_the_manual_is_right():
    """Its table is taken, and maps what it says."""
    (table,) = blocks("toml")
    settings = intake_settings(Config.model_validate(tomllib.loads(table)))
    assert settings.terms.stations["", "b8a44f960ace"] == Station("south-gate", "in")
    assert settings.bad_picture_kept
