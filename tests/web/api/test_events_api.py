"""`/api/v1/events` and `/api/v1/hits`: what programs hear and see of what happens."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest

from alpr.access import Entry, ListKind, Severity
from alpr.bus import AlarmsChanged, LateReads
from alpr.domain import utc_now
from alpr.site.rules.alarms import NewAlarm
from alpr.store import alarms, entries, lists, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.server import serve
from tests.fakes import until
from tests.web.drawn_site import drawn_read

PORT = 18_761


@pytest.fixture
async def secret(site):
    made, now = tokens.new_secret(), utc_now()
    assert await tokens.create(site.database, NewToken("erp", tokens.digest(made), Role.ADMIN, now, "a test"))
    return made


@pytest.fixture
async def api(site, secret):
    """Serve the site over HTTP: a stream has no end that a client in the same process could wait for."""
    serving = asyncio.create_task(serve(site.web(), "127.0.0.1", PORT))
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}/api/v1", headers=headers, timeout=5) as client:
        await asyncio.sleep(0.05)
        yield client
    serving.cancel()
    await asyncio.wait({serving})


@asynccontextmanager
async def listening(api, **given):
    """Open a stream; give a function that returns its next event."""
    headers = {"last-event-id": given.pop("last")} if "last" in given else {}
    async with api.stream("GET", "/events", params=given, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        lines = answer.aiter_lines()

        async def event():
            told = {}
            async for line in lines:
                if line.startswith(":") or (not line and not told.get("event")):
                    continue
                if not line:
                    return told["event"], told.get("id"), json.loads(told["data"])
                name, _, value = line.partition(":")
                told[name] = value.strip()
            return None

        yield event


async def ready(site):
    """Wait until the stream listens."""
    await until(lambda: bool(site.bus._queues))


async def test_reads_are_told_as_they_are_stored(api, site):
    """In the shape of the API, with a number that grows."""
    async with listening(api, types="read") as event:
        await ready(site)
        first = await site.passes(drawn_read("AB123"))
        kind, number, body = await event()
        assert (kind, body["id"], body["text"]) == ("read", first.id, "AB123")
        await site.passes(drawn_read("CD456"))
        _, later, body = await event()
        assert (body["text"], int(later) > int(number)) == ("CD456", True)


async def test_whoever_comes_back_misses_no_read(api, site):
    """Those stored meanwhile come first, however old they are, in the order they were stored."""
    async with listening(api, types="read") as event:
        await ready(site)
        await site.passes(drawn_read("AB1"))
        _, number, _ = await event()
    for text, age in (("AB2", 5), ("AB3", 90_000), ("AB4", 0)):
        await site.passes(drawn_read(text, age=age), announce=False)
    async with listening(api, types="read", last=number) as event:
        assert [(await event())[2]["text"] for _ in range(3)] == ["AB2", "AB3", "AB4"]


async def test_hits_visits_and_alarms_are_told_too(api, site):
    """Hits and visits with their read, alarms when they change."""
    number = await lists.create(site.database, "Staff", ListKind.ALLOW, "bea", utc_now())
    assert await entries.add(
        site.database, number, Entry(0, "Staff", ListKind.ALLOW, "AB123", "Meyer"), "bea", utc_now()
    )
    await site.keeper.load()
    read = drawn_read("AB123")
    async with listening(api) as event:
        await ready(site)
        async with site.database.write() as connection:
            await alarms.raise_alarm(connection, NewAlarm("disk", "", Severity.WARNING, "Disk 91 % full"), utc_now())
        site.bus.publish(AlarmsChanged())
        kind, _, body = await event()
        assert (kind, body["text"]) == ("alarm", "Disk 91 % full")
        await site.passes(read, announce=False)
        async with site.database.write() as connection:
            await site.keeper.decide(connection, read, utc_now())
        site.bus.publish(LateReads())
        told = {kind: body for kind, _, body in [await event() for _ in range(3)]}
    assert set(told) == {"hit", "visit", "read"}
    assert (told["hit"]["read"], told["hit"]["hit"]["owner"]) == (read.id, "Meyer")
    assert told["visit"]["visit"]["text"] == "AB123"


async def test_a_stream_ends_with_its_token(api, site):
    """Revoked, it hears nothing more."""
    async with listening(api) as event:
        await ready(site)
        await tokens.revoke(site.database, "erp", utc_now())
        site.bus.publish(LateReads())
        with pytest.raises(json.JSONDecodeError):
            await event()


@pytest.mark.parametrize(
    ("query", "headers", "field"),
    [({"types": "cats"}, {}, "types"), ({}, {"last-event-id": "x"}, "Last-Event-ID"), ({"typos": "1"}, {}, "typos")],
)
async def test_a_stream_that_cannot_be_is_refused(api, query, headers, field):
    """With the parameter that is wrong."""
    answer = await api.get("/events", params=query, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


async def test_hits_are_paged_newest_first(api, site):
    """Of all reads; by list, kind, camera and time; each page names the next."""
    for kind, pattern in ((ListKind.ALLOW, "AB*"), (ListKind.WATCH, "AB1*")):
        number = await lists.create(site.database, kind.value.capitalize(), kind, "bea", utc_now())
        assert await entries.add(site.database, number, Entry(0, "", kind, pattern), "bea", utc_now())
    await site.keeper.load()
    made = []
    for place, text in enumerate(("AB1", "AB2", "XY1", "AB12")):
        read = drawn_read(text, age=100 - place, camera="gate-in" if place else "gate-out")
        made.append(read)
        await site.passes(read, announce=False)
        async with site.database.write() as connection:
            await site.keeper.decide(connection, read, utc_now())
    seen, cursor = [], {}
    while True:
        page = (await api.get("/hits", params={"limit": 2, **cursor})).json()
        seen += [(hit["text"], hit["hit"]["list"]) for hit in page["hits"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [text for text, _ in seen] == ["AB12", "AB12", "AB2", "AB1", "AB1"]
    assert len(set(seen)) == 5

    async def texts(**query):
        return [hit["text"] for hit in (await api.get("/hits", params=query)).json()["hits"]]

    assert await texts(list="Watch") == ["AB12", "AB1"]
    assert await texts(kind="allow", camera="gate-in") == ["AB12", "AB2"]
    assert await texts(since=made[2].captured_at.isoformat(), list="Allow") == ["AB12"]
    assert await texts(until=made[1].captured_at.isoformat(), list="Allow") == ["AB1"]
    assert (await api.get("/hits", params={"cursor": "??"})).status_code == 400
