"""Relays and interlocks over HTTP, against a real server."""

from __future__ import annotations

import asyncio

import pytest

from alpr.barrier.http import HttpDevice, HttpInput, HttpRelay
from alpr.errors import DeliveryError


class Device:
    """An HTTP server of one request at a time: what it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        """Request line and body."""
        self.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        self.hold = asyncio.Event()
        self.hold.set()

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[16:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        self.heard.append((head.partition(" HTTP")[0], (await reader.readexactly(length)).decode()))
        await self.hold.wait()
        writer.write(self.answer.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1).encode())
        writer.close()

    def says(self, body: str, head: str = "HTTP/1.1 200 OK") -> None:
        self.answer = f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"


@pytest.fixture
async def device():
    played = Device()
    server = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    async with server:
        played.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield played
        played.hold.set()


@pytest.fixture
async def client():
    opened = HttpDevice("barrier main", "", "", timeout=0.3, tls_verify=True)
    yield opened
    await opened.disconnect()


async def test_two_requests_make_a_pulse(device, client):
    """The address that closes the contact, then the one that lets it go, each with its body."""
    relay = HttpRelay(client, "POST", (f"{device.url}/on", '{"on": true}'), (f"{device.url}/off", ""))
    await relay.close_contact()
    await relay.release()
    assert device.heard == [("POST /on", '{"on": true}'), ("POST /off", "")]


async def test_a_relay_that_lets_go_by_itself_is_asked_once(device, client):
    """Without a second address nothing is asked for."""
    relay = HttpRelay(client, "GET", (f"{device.url}/relay/0?turn=on", ""), ("", ""))
    await relay.close_contact()
    await relay.release()
    assert device.heard == [("GET /relay/0?turn=on", "")]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("HTTP/1.1 401 No", r"refused \(401\): check username and password"),
        ("HTTP/1.1 500 Oh", "answered 500"),
        ("HTTP/1.1 302 Go\r\nLocation: http://10.0.0.1/", r"redirects \(302\) to http://10\.0\.0\.1/: write that"),
        ("garbage", "cannot be reached"),
    ],
)
async def test_answers_that_are_no_success(device, client, head, said):
    """Only a success opens; a redirect is told, not followed."""
    device.says("", head)
    with pytest.raises(DeliveryError, match=f"barrier main: .*{said}"):
        await client.ask("POST", device.url)
    assert len(device.heard) == 1


async def test_a_device_that_does_not_answer(device, client):
    """Silence ends at the time limit."""
    device.hold.clear()
    with pytest.raises(DeliveryError, match=r"no answer within 0\.3 s"):
        await client.ask("POST", device.url)


@pytest.mark.parametrize(
    ("body", "key", "free", "expected"),
    [
        ("0\n", "", "0", True),
        ("1", "", "0", False),
        ("FREE", "", "free", True),
        ('{"id": 0, "state": false}', "state", "false", True),
        ('{"inputs": [{"state": 1}]}', "inputs.0.state", "0", False),
        ('{"inputs": [{"state": 0}]}', "inputs.0.state", "0", True),
    ],
)
async def test_an_interlock_is_read(device, client, body, key, free, expected):
    """A text, or one value inside JSON, is compared with what means free."""
    device.says(body)
    assert await HttpInput("barrier main: interlock", client, device.url, key, free).is_free() is expected


@pytest.mark.parametrize("body", ["", "<html>", '{"state": 0}', "[]", "[" * 5000])
async def test_an_interlock_that_answers_garbage_is_not_free(device, client, body):
    """What cannot be understood is a fault, which keeps the barrier shut."""
    device.says(body)
    with pytest.raises(DeliveryError, match=r"interlock: its answer holds no `inputs\.0`: check `key`"):
        await HttpInput("barrier main: interlock", client, device.url, "inputs.0", "0").is_free()
