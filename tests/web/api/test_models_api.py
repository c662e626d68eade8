"""The model watch for programs: versions and drift, as on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alpr.domain import utc_now
from alpr.store import reads
from alpr.store.reads import Evidence
from tests.web.drawn_site import drawn_read

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)


@pytest.fixture
async def program(site, client, log_in):
    """Give a client of a site with 201 sure reads of last week and 202 unsure ones of today, by two versions."""
    async with site.database.write() as connection:
        for n in range(403):
            old = n < 201
            one = drawn_read("GX1", sure=[0.95 if old else 0.75] * 3, age=100 * 3600 if old else 60)
            made = replace(one, looks=(), reader=f"plate-reader {1 if old else 2}", detector="gate-detector 1")
            await reads.save(connection, made, EVIDENCE, [], utc_now())
    await log_in(client)
    return client


async def test_versions_and_drift(program):
    """Counts, mean and hundredths of each version; the camera's confidence has moved, its states have not."""
    answer = (await program.get("/api/v1/models")).json()
    found = {one["model"]: one for one in answer["readers"]}
    assert (found["plate-reader 1"]["count"], found["plate-reader 2"]["count"]) == (201, 202)
    assert found["plate-reader 2"]["mean_confidence"] == pytest.approx(0.75)
    assert found["plate-reader 2"]["confidences"][75] == 202
    assert found["plate-reader 1"]["states"] == [{"state": "final", "count": 201}]
    assert [one["count"] for one in answer["detectors"]] == [403]
    assert answer["activity"] == []
    first, second = (await program.get("/api/v1/models/drift")).json()["comparisons"]
    assert (first["subject"], first["of"], first["what"], first["ks"]) == ("gate-in", "camera", "confidence", 1.0)
    assert first["moved"] == first["psi"] > 1
    assert (first["usual_count"], first["lately_count"], first["enough"]) == (201, 202, True)
    assert (second["what"], second["ks"], second["moved"]) == ("states", None, 0.0)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        {"since": "2025-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        {"since": "2026-03-01T00:00:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"days": "7"},
    ],
)
async def test_odd_windows_are_refused(site, client, log_in, query):
    """A window that cannot be is told with its field."""
    await log_in(client)
    answer = await client.get("/api/v1/models", params=query)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
