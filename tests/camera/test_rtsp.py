"""The RTSP link against a scripted camera: what GStreamer's server does not do."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from alpr.camera.address import Address
from alpr.camera.decoder import open_decoder
from alpr.camera.rtsp import RtspLink
from alpr.errors import CameraError
from alpr.status import CameraStatus
from tests.camera.clips import number_of
from tests.camera.scriptedcamera import BYE, EXTENDED_REPORT, ScriptedCamera, filming, interleaved

PATIENCE = 15


class Viewing:
    """A link that runs in a task."""

    def __init__(self, url, *, timeout=5.0, **address):
        self.status = CameraStatus("gate-in")
        opened = partial(open_decoder, "software", status=self.status)
        self.link = RtspLink(Address(url, **address), opened, self.status, timeout=timeout)
        self.numbers = asyncio.Queue()
        loop = asyncio.get_running_loop()
        deliver = partial(self._deliver, loop)
        self.task = asyncio.create_task(self.link.run(deliver))

    def _deliver(self, loop, picture, captured_at):
        loop.call_soon_threadsafe(self.numbers.put_nowait, number_of(picture.luma()))

    async def take(self, count):
        """Return the numbers of the next pictures; raise what ended the link before."""
        numbers = []
        async with asyncio.timeout(PATIENCE):
            while len(numbers) < count:
                getting = asyncio.create_task(self.numbers.get())
                await asyncio.wait({getting, self.task}, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    self.task.result()
                numbers.append(await getting)
        return numbers

    async def cancelled(self):
        """Cancel the link; return whether it ended within two seconds, cancelled."""
        self.task.cancel()
        await asyncio.wait({self.task}, timeout=2)
        return self.task.cancelled()

    async def ends(self, words):
        """Wait for the link to end with these words."""
        with pytest.raises(CameraError) as caught:
            async with asyncio.timeout(PATIENCE):
                await self.task
        text = str(caught.value)
        assert text.startswith("camera gate-in: ")
        assert words in text
        assert "\n" not in text


async def test_a_session_from_beginning_to_end():
    """The requests come in their order, to the right URLs, and TEARDOWN when the link is cancelled."""
    async with filming(ScriptedCamera()) as camera:
        viewing = Viewing(camera.base)
        assert await viewing.take(5) == [0, 1, 2, 3, 4]
        assert await viewing.cancelled()
        base = camera.base
    assert [(method, url) for method, url, _ in camera.requests] == [
        ("OPTIONS", base),
        ("DESCRIBE", base),
        ("SETUP", f"{base}/track1"),
        ("PLAY", f"{base}/"),
        ("TEARDOWN", f"{base}/"),
    ]
    play = camera.requests[3][2]
    assert (play["Session"], play["Range"], "Scale" in play) == ("S1", "npt=0.000-", False)


async def test_sha_256_is_answered_and_a_new_nonce_in_the_middle_too():
    """A camera that demands SHA-256 with qop=auth lets us in, and still when it changes its nonce."""
    async with filming(ScriptedCamera(login=("admin", "p@ss"), timeout=2)) as camera:
        viewing = Viewing(camera.base, username="admin", password="p@ss")
        await viewing.take(5)
        camera.nonce = "nonce-2"
        await viewing.take(70)  # past a keep-alive, a second
        assert await viewing.cancelled()
    keep_alives = [headers for method, _, headers in camera.requests if method == "GET_PARAMETER"]
    assert any("nonce-2" in headers["Authorization"] for headers in keep_alives)
    assert all("Basic" not in headers.get("Authorization", "") for _, _, headers in camera.requests)


async def test_a_wrong_password_is_tried_once():
    """No account gets locked by our trying."""
    async with filming(ScriptedCamera(login=("admin", "right"))) as camera:
        await Viewing(camera.base, username="admin", password="wrong").ends("refused (401): check username")
    assert camera.methods() == ["OPTIONS", "OPTIONS"]


@pytest.mark.parametrize(
    "camera",
    [
        ScriptedCamera(channels=(6, 7)),
        ScriptedCamera(answers={"OPTIONS": (200, {})}),
        ScriptedCamera(answers={"OPTIONS": (501, {})}),
        ScriptedCamera(answers={"GET_PARAMETER": (451, {})}, timeout=2),
        ScriptedCamera(extra=interleaved(1, EXTENDED_REPORT)),
        ScriptedCamera(extra=interleaved(9, b"unasked") + interleaved(0, b"no RTP")),
        ScriptedCamera(extra=b"OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 77\r\n\r\n"),
        ScriptedCamera(extra=b"RTSP/1.0 200\r\nX: \xff\r\n\r\n"),
    ],
    ids=[
        "own channels",
        "no Public",
        "no OPTIONS",
        "keep-alive refused",
        "unknown RTCP",
        "odd packets",
        "own requests",
        "odd answers",
    ],
)
async def test_odd_cameras_are_lived_with(camera):
    """What makes aiortsp hang up costs no picture."""
    async with filming(camera):
        viewing = Viewing(camera.base)
        assert await viewing.take(60) == list(range(60))
        assert viewing.status.packets_lost == 0
        assert await viewing.cancelled()
    assert camera.responses == (["RTSP/1.0 200 OK"] if b"OPTIONS" in camera.extra else [])


async def test_ipv6_keeps_its_brackets():
    """The URL of a request is a URL."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    async with filming(ScriptedCamera(host="::1")) as camera:
        viewing = Viewing(camera.base)
        await viewing.take(2)
        assert await viewing.cancelled()
    assert camera.requests[0][1].startswith("rtsp://[::1]:")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"DESCRIBE": (302, {"Location": "rtsp://elsewhere/x"})}, "redirects (302) to rtsp://elsewhere/x"),
        ({"DESCRIBE": (403, {})}, "refused (403)"),
        ({"SETUP": (200, {"Transport": "RTP/AVP/TCP"})}, "opens no RTSP session"),
        ({"SETUP": (461, {})}, 'refuses TCP (461): set `transport = "udp"`'),
        ({"PLAY": (500, {})}, "refused (500 Words)"),
    ],
)
async def test_refusals_say_what_to_do(answers, words):
    """A status that ends the session is told in words."""
    async with filming(ScriptedCamera(answers=answers)) as camera:
        await Viewing(camera.base).ends(words)


async def test_the_end_of_the_stream_is_noticed_at_once():
    """RTCP BYE ends the link, though the connection stays open."""
    async with filming(ScriptedCamera(extra=interleaved(1, BYE))) as camera:
        await Viewing(camera.base, timeout=60).ends("it ended its stream")


async def test_a_web_server_on_the_port_is_told():
    """An address with the wrong port is no silence."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await Viewing(f"rtsp://127.0.0.1:{port}/").ends("it speaks HTTP, not RTSP")


async def test_a_camera_that_never_answers_is_given_up():
    """A connection that stays silent ends after `timeout`."""
    silent = asyncio.Event()

    async def serve(reader, writer):
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await Viewing(f"rtsp://127.0.0.1:{port}/", timeout=0.2).ends("no answer to OPTIONS in 0.2 s")
        silent.set()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rtsp://127.0.0.1:9/x", "connection refused: check address and port"),
        ("rtsp://no-such-camera.invalid/x", "host unknown: check its name"),
    ],
)
async def test_a_camera_that_is_not_there_is_told(url, words):
    """Nobody listening and no such host are two different things to check."""
    await Viewing(url).ends(words)


async def test_a_decoder_that_gives_up_ends_the_link():
    """The link ends with the decoder's own error, and the session is closed."""
    async with filming(ScriptedCamera()) as camera:
        status = CameraStatus("gate-in")
        opened = partial(open_decoder, "child", status=status, command="false")
        link = RtspLink(Address(camera.base), opened, status)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(CameraError, match=r"the decoder false ended \(1\)"):
                await link.run(lambda picture, captured_at: None)
    assert camera.methods()[-1] == "TEARDOWN"
