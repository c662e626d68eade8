"""The pages of batches: progress, what failed with its reason, and tried again on demand."""

from __future__ import annotations

from datetime import timedelta

from alpr.domain import Still, utc_now
from alpr.store import audit, batches
from alpr.store.stills import StillLedger, mark_processed
from tests.web.conftest import token_in


async def test_a_batch_shows_how_far_it_is_and_what_failed(client, log_in, site):
    """A guard has one picture or all of them tried again."""
    await log_in(client)
    assert "No stills were read yet" in (await client.get("/batches")).text
    now, ledger = utc_now(), StillLedger(site.database, "archive")
    await batches.begin(site.database, "archive", "/srv/archive", 4, 2, now)
    async with site.database.write() as connection:
        for number in range(2):
            await mark_processed(connection, "archive", Still(f"{number}.jpg", 1, number), 1, now)
        await mark_processed(connection, "yard-box", Still("a.jpg", 1, 1), 0, now)
    await ledger.failed(Still("x/8.jpg", 1, 8), "8.jpg: no picture: cut off", 3, None)
    await ledger.failed(Still("9.jpg", 1, 9), "9.jpg: no picture: cut off", 1, now + timedelta(hours=1))
    page = (await client.get("/batches")).text
    for words in ("archive", "running, 2 workers", "2 / 4", "75 %", "1 to be tried again", "yard-box", "watched"):
        assert words in page
    one = (await client.get("/batches/archive")).text
    assert "8.jpg: no picture: cut off" in one
    assert "given up" in one
    form = {"csrf": token_in(one), "path": "x/8.jpg"}
    answer = await client.post("/batches/archive/retry", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert {failed.retry_at is None for failed in await batches.failures(site.database, "archive")} == {False}
    assert (await audit.latest(site.database, 1))[0].action == "stills retry"
    await batches.touch(site.database, "archive", now - timedelta(minutes=5))
    assert "broke off: run it again" in (await client.get("/batches/archive")).text
    assert (await client.get("/batches/other")).status_code == 404
