from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import AsyncTestClient

from alpr.domain import utc_now
from alpr.status import CameraState, Status
from alpr.store import usage
from alpr.store.retention import Limits
from alpr.store.usage import Usage
from alpr.store.users import Role
from alpr.web.context import DemoScore
from alpr.web.system.disk_view import size
from alpr.web.system.view import system_state
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

NOW = datetime(2026, 6, 18, 10, 0, tzinfo=UTC)
STEADY = Usage(1_000_000_000_000, 600_000_000_000, 1000, (0,) * 20 + (100,) * 10, 500_000.0)


def judged(status: Status, disk: Usage | None = STEADY):
    return system_state(status, disk, 12, ZoneInfo("UTC"), NOW)


def silent() -> Status:
    status = Status()
    status.camera("back").change(CameraState.STALLED, "camera back: no picture for 5 s: check its network")
    return status


def faulty(**fields) -> Status:
    status = Status()
    for name, value in fields.items():
        setattr(status, name, value)
    return status


@pytest.mark.parametrize(
    ("status", "disk", "needs"),
    [
        (Status(), STEADY, []),
        (silent(), STEADY, ["back went silent just now."]),
        (faulty(fallback=True), STEADY, ["The models run on the processor."]),
        (faulty(recorder_error="disk full"), STEADY, ["Nothing can be stored now."]),
        (faulty(recorder_queue=20), STEADY, ["The disk falls behind."]),
        (faulty(loop_lag=[0.0] * 80 + [0.3] * 20), STEADY, ["The machine is overloaded."]),
        (Status(), replace(STEADY, free=450_000_000), ["The disk has 450.0 MB left."]),
        (Status(), replace(STEADY, total=10**9, free=475_000_000), ["The disk will be full in 9 days."]),
        (Status(), replace(STEADY, total=10**9, free=475_000_000, limits=Limits(disk=0.85)), []),
        (Status(), None, []),
    ],
)
def test_what_needs_somebody_is_said_in_a_sentence(status, disk, needs):
    """All well, or the count and each thing with its reason."""
    state = judged(status, disk)
    assert [need.title for need in state.needs] == needs
    assert state.headline == ("All well." if not needs else "1 thing needs you.")


def test_a_camera_that_came_to_its_end_or_is_off_needs_nobody():
    """A file that was read to its end has done its work; one that was given up has not."""
    status = Status()
    status.camera("file").change(CameraState.ENDED)
    status.camera("off").change(CameraState.DISABLED)
    assert judged(status).headline == "All well."
    status.camera("file").error = "camera file: no such file"
    assert judged(status).needs[0].title == "file has been given up."


def test_two_things_are_counted():
    """The headline counts."""
    assert judged(silent(), replace(STEADY, free=1)).headline == "2 things need you."


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 kB"), (640_000, "640 kB"), (1_900_000_000, "1.9 GB"), (2e12, "2.0 TB")]
)
def test_bytes_are_said_in_their_largest_unit(count, words):
    """Sizes read like those on the box of a disk."""
    assert size(count) == words


def test_the_forecast_goes_on_as_the_last_week_did():
    """Days before the first read do not thin out the pace."""
    fresh = replace(STEADY, reads_by_day=(0,) * 28 + (100, 300))
    assert fresh.bytes_per_day == 200 * 500_000
    assert fresh.days_left == 6000
    assert replace(STEADY, reads_by_day=(0,) * 30).days_left is None


@pytest.mark.parametrize(
    ("limits", "state", "pictures", "kept"),
    [
        (Limits(), "full in 9 days", "for ever", "for ever"),
        (Limits(disk=0.85), "oldest pictures go in 6 days", "as long as there is room", "for ever"),
        (Limits(disk=0.5), "oldest pictures go", "as long as there is room", "for ever"),
        (Limits(timedelta(days=30), timedelta(days=365), 0.85), "oldest pictures go in 6 days", "30 days", "365 days"),
    ],
)
def test_the_disk_says_how_long_things_are_kept(limits, state, pictures, kept):
    """And when the oldest pictures make room for new ones."""
    judgement = judged(Status(), replace(STEADY, total=10**9, free=475_000_000, limits=limits))
    assert judgement.disk_state == state
    assert [fact.words for fact in judgement.disk_facts[2:]] == [pictures, kept]


async def test_usage_counts_days_and_bytes(site):
    """Reads of the last thirty days are counted by day, and a read's bytes are those on the disk."""
    for age in (10, 90_000, 90_000, 40 * 86_400):
        await site.passes(drawn_read("VQAB123", age=age))
    found = await usage.measure(site.database, site.images, utc_now(), Limits())
    assert found.reads == 4
    assert found.reads_by_day[-3:] == (0, 2, 1)
    assert sum(found.reads_by_day) == 3
    pictures = [path.stat().st_size for path in site.images.rglob("*.jpg")]
    assert found.bytes_per_read >= sum(pictures) / 4
    assert 0 < found.free <= found.total


@pytest.fixture
async def admin(site, client, log_in):
    await site.add_user("bea", Role.ADMIN)
    await log_in(client, "bea")
    return client


async def test_the_page_is_for_admins(site, client, log_in, admin):
    """An admin sees all of it; a guard is told who may, and does not find the link."""
    page = (await admin.get("/system")).text
    assert "1 thing needs you." in page
    assert "gate-out went silent just now." in page
    assert '<svg class="chart"' in page
    assert (await admin.get("/system", headers={"hx-request": "true"})).text.lstrip().startswith('<div class="stack"')
    async with AsyncTestClient(site.web()) as other:
        await log_in(other)
        refused = await other.get("/system", headers={"accept": "text/html"})
        assert refused.status_code == 403
        assert "This page is for the role admin. You are signed in as anna (guard)." in refused.text
        assert 'href="/system"' not in (await other.get("/reads")).text


async def test_a_theme_is_kept_in_a_cookie(client, log_in):
    """Dark stays dark on every page until it is the device's again; strangers cannot choose for somebody."""
    await log_in(client)
    page = (await client.get("/reads")).text
    assert "data-theme" not in page
    form = {"theme": "dark", "next": "/cameras?x=1", "csrf": token_in(page)}
    answer = await client.post("/theme", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cameras?x=1")
    assert 'data-theme="dark"' in (await client.get("/reads")).text
    await client.post("/theme", data={**form, "theme": '"><script>'}, follow_redirects=False)
    assert "data-theme" not in (await client.get("/reads")).text
    assert (await client.post("/theme", data={**form, "csrf": "x"})).status_code == 403
    away = await client.post("/theme", data={**form, "next": "//evil.example"}, follow_redirects=False)
    assert away.headers["location"] == "/reads"


async def test_a_foreign_theme_cookie_is_not_written_into_the_page(client, log_in):
    """Whatever the cookie says, only two words reach the page."""
    client.cookies.set("alpr-theme", "x onload=alert(1)")
    await log_in(client)
    assert "onload" not in (await client.get("/reads")).text


async def test_the_demo_says_how_it_does(site, log_in):
    """With a truth to compare with, a corner counts; without, there is none."""
    site.demo_score = lambda: DemoScore(41, 1, 2)
    async with AsyncTestClient(site.web()) as client:
        await log_in(client)
        assert "44 passes" in (await client.get("/reads")).text
        assert "41 right" in (await client.get("/demo/score")).text
    site.demo_score = None
    async with AsyncTestClient(site.web()) as client:
        await log_in(client)
        assert 'id="score"' not in (await client.get("/reads")).text
        assert (await client.get("/demo/score")).status_code == 404


async def test_days_are_those_of_the_site(site, client, log_in):
    """A day begins and ends at the site's midnight, both days of a span included."""
    await log_in(client)
    at = datetime(2026, 6, 17, 22, 0, tzinfo=UTC)  # midnight in Berlin
    for text, moment in (("QMRT1", at - timedelta(seconds=1)), ("QMRT2", at), ("QMRT3", at + timedelta(hours=24))):
        await site.passes(replace(drawn_read(text), captured_at=moment))
    page = (await client.get("/reads?from=2026-06-18&to=2026-06-18")).text
    assert [text for text in ("QMRT1", "QMRT2", "QMRT3") if text in page] == ["QMRT2"]
