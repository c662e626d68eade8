"""The reports: figures of a range of days as charts, files and JSON, and what Prometheus scrapes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from alpr.domain import utc_now
from tests.web.yard_drawn import A, B, C, Yard


@pytest.fixture
async def traffic(site):
    """Let three containers come and one leave: it stayed one and a half days."""
    yard = Yard(site)
    await yard.drives("in", 3, "GXXK4821", A, B)
    await yard.drives("in", 2, "MZZ77", C, size_type="45G1")
    await yard.drives("out", 0.5, "MZZ77", C, size_type="45G1")


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_every_chart_has_its_file(client, log_in, traffic):
    """The days without anything stand in it, too."""
    await log_in(client)
    days = rows(await client.get("/reports/containers.csv"))
    assert len(days) == 7
    assert (sum(int(day["in"]) for day in days), sum(int(day["out"]) for day in days)) == (3, 1)
    assert int(rows(await client.get("/reports/balance.csv"))[-1]["balance"]) == 2
    stayed = {row["from_minutes"]: row["visits"] for row in rows(await client.get("/reports/dwell.csv"))}
    assert stayed["1440"] == "1"
    assert sum(map(int, stayed.values())) == 1
    sizes = rows(await client.get("/reports/sizes.csv"))
    assert [(row["size_type"], row["containers"]) for row in sizes] == [("22G1", "2"), ("45G1", "1")]
    assert sizes[1]["meaning"].startswith("40 ft")
    owners = {row["owner"]: row["containers"] for row in rows(await client.get("/reports/owners.csv"))}
    assert owners == {"MSCU": "1", "TCLU": "1", "HLXU": "1"}
    sure = [row for row in rows(await client.get("/reports/confidence.csv")) if row["reads"] != "0"]
    assert {row["mean_confidence"] for row in sure} == {"0.96"}
    assert sum(int(row["vehicles"]) for row in rows(await client.get("/reports/vehicles.csv"))) == 3
    assert rows(await client.get("/reports/stays.csv"))
    assert (await client.get("/reports/other.csv")).status_code == 404


async def test_the_page_draws_them_for_the_days_that_are_chosen(client, log_in, traffic):
    """By hours for a single day; what is no range is refused in words."""
    await log_in(client)
    page = (await client.get("/reports")).text
    assert page.count("<figure") == 8
    assert "HLXU" in page
    day = f"{utc_now() - timedelta(days=30):%Y-%m-%d}"
    assert "Nothing in these days." in (await client.get("/reports", params={"from": day, "to": day})).text
    for wrong in (
        {"when": "ever"},
        {"from": "soon"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2020-01-01"},
    ):
        assert (await client.get("/reports", params=wrong)).status_code == 400


async def test_the_same_for_programs(client, log_in, traffic):
    """As JSON, and the state of the yard for Prometheus."""
    await log_in(client)
    told = (await client.get("/api/v1/reports")).json()
    figures = {one["name"]: one for one in told["figures"]}
    assert figures["sizes"]["rows"][0] == ["22G1", "20 ft, 8 ft 6 in, general purpose", 2]
    assert figures["containers"]["heads"] == ["day", "containers", "in", "out"]
    metrics = (await client.get("/api/v1/metrics")).text
    assert 'alpr_yard_containers{feet="20"} 2.0' in metrics
    assert 'alpr_camera_live{camera="gate-in"} 1.0' in metrics
