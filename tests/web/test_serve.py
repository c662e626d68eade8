from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx
import pytest

from alpr.access import Decision, Verdict
from alpr.errors import ConfigError
from alpr.store import users
from alpr.web.server import serve
from tests.web.drawn_site import as_preview, drawn_read


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def served(site):
    port = free_port()
    serving = asyncio.create_task(serve(site.web(), "127.0.0.1", port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client, serving
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def next_event(lines) -> dict[str, str]:
    """Read one event (or comment) of the stream."""
    event: dict[str, str] = {}
    async for line in lines:
        if not line:
            return event
        name, _, value = line.partition(": ")
        event[name] = event.get(name, "") + value + "\n"
    return {"ended": "yes"}


async def test_a_committed_read_is_streamed_as_a_row(site, log_in):
    """A new read comes as `read`; its final comes under the same id; a filter lets only its own through."""
    async with served(site) as (client, _):
        await log_in(client)
        async with client.stream("GET", "/events?camera=gate-in") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert (await next_event(lines))["retry"] == "2000\n"
            final = drawn_read("VQAB123")
            await site.passes(as_preview(final))
            event = await next_event(lines)
            assert (event["event"], event["id"]) == ("read\n", f"{final.id}\n")
            assert 'data-state="preview"' in event["data"]
            await site.passes(final)
            event = await next_event(lines)
            assert event["id"] == f"{final.id}\n"
            assert 'data-state="final"' in event["data"]
            await site.passes(drawn_read("QMRT77", camera="gate-out"))
            assert "event" not in await next_event(lines)


async def test_a_read_comes_to_the_gate_with_its_screen(site, log_in):
    """The event holds what the guard sees and hears, so that nothing needs to be asked for; links stay in the kiosk."""
    async with served(site) as (client, _):
        await log_in(client)
        async with client.stream("GET", "/gate/gate-in/events?kiosk=1") as stream:
            lines = stream.aiter_lines()
            assert (await next_event(lines))["event"] == "hello\n"
            read = await site.passes(drawn_read("VQAB123"), decision=Decision(Verdict.ALLOWED, "Staff: Meyer"))
            event = await next_event(lines)
            said = json.loads(event["data"])
            assert (event["event"], said["id"], said["verdict"]) == ("read\n", read.id, "allowed")
            assert said["words"] == "Allowed. V Q A B 1 2 3"
            for words in (f'data-read="{read.id}"', "data-follows", "ALLOWED", "kiosk=1", 'id="gate-state"'):
                assert words in said["screen"], words


async def test_a_row_that_leaves_the_filter_is_still_updated(site, log_in):
    """On a list of previews the final comes as `update`: for rows that are there, never a new one."""
    async with served(site) as (client, _):
        await log_in(client)
        async with client.stream("GET", "/events?state=preview") as stream:
            lines = stream.aiter_lines()
            await next_event(lines)
            final = drawn_read("VQAB123")
            await site.passes(as_preview(final))
            assert (await next_event(lines))["event"] == "read\n"
            await site.passes(final)
            assert (await next_event(lines))["event"] == "update\n"


async def test_the_stream_ends_with_the_session(site, log_in):
    """Who is logged out elsewhere sees no further read: the stream says bye and ends."""
    async with served(site) as (client, _):
        await log_in(client)
        async with client.stream("GET", "/events") as stream:
            lines = stream.aiter_lines()
            await next_event(lines)
            await users.set_active(site.database, "anna", active=False)
            await site.passes(drawn_read("VQAB123"))
            event = await next_event(lines)
            assert event["event"] == "bye\n"
            assert "VQAB123" not in str(event)
            assert await next_event(lines) == {"ended": "yes"}


async def test_the_server_stops_within_three_seconds_with_streams_open(site, log_in):
    """Open event streams end by themselves when the server is cancelled."""
    async with served(site) as (client, serving):
        await log_in(client)
        async with client.stream("GET", "/events") as one, client.stream("GET", "/events") as two:
            for stream in (one, two):
                await next_event(stream.aiter_lines())
            start = time.monotonic()
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await serving
            assert time.monotonic() - start < 3
    assert not site.bus._queues


async def test_a_stream_nobody_reads_any_more_is_forgotten(site, log_in):
    """A browser that goes away leaves no listener behind."""
    async with served(site) as (client, _):
        await log_in(client)
        async with client.stream("GET", "/events") as stream:
            await next_event(stream.aiter_lines())
            assert len(site.bus._queues) == 1
        for _ in range(100):
            if not site.bus._queues:
                break
            await asyncio.sleep(0.02)
        assert not site.bus._queues


async def test_only_so_many_streams_are_open(site, log_in):
    """The 65th stream is told to wait."""
    app = site.web()
    for _ in range(64):
        await app.state.web.streams.acquire()
    port = free_port()
    serving = asyncio.create_task(serve(app, "127.0.0.1", port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await log_in(client)
        assert (await client.get("/events")).status_code == 503
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def test_a_port_in_use_is_told_in_one_line(site):
    """The line says what to change."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as told:
            await serve(site.web(), "127.0.0.1", port)
    assert str(told.value) == (
        f"web: port {port} on 127.0.0.1 is in use: choose another `port` in [web] or stop the other program"
    )


async def test_an_address_of_another_machine_is_told(site):
    """An address that this machine does not have names the key to change."""
    with pytest.raises(ConfigError, match=r"web: address 192\.0\.2\.1 cannot be used .*check `host` in \[web\]"):
        await serve(site.web(), "192.0.2.1", free_port())


async def test_a_preview_after_its_final_changes_nothing(site, log_in):
    """Events that come late show the read as it is stored."""
    async with served(site) as (client, _):
        await log_in(client)
        final = await site.passes(drawn_read("VQAB123"))
        await site.passes(replace(as_preview(final)))
        assert 'data-state="final"' in (await client.get("/reads")).text
