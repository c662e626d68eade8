"""The RTSP link against GStreamer's server: real sockets, real authentication, real video."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise, product
from pathlib import Path

import pytest

from alpr.camera.address import Address
from alpr.camera.decoder import open_decoder
from alpr.camera.nal import Codec
from alpr.camera.rtsp import RtspLink
from alpr.errors import CameraError
from alpr.status import CameraStatus
from tests.camera.clips import GROUP, PICTURES, number_of, units

DEBIAN_PYTHON = "/usr/bin/python3"
NEEDED = (
    "needs Debian's gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-rtsp glib-networking"
)
SERVER = Path(__file__).with_name("rtsp_server.py")
CASES = list(product(("h264", "h265"), ("tcp", "udp"), ("none", "basic", "digest")))
PATIENCE = 15

pytestmark = pytest.mark.rtsp


def server_is_installed():
    code = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        return subprocess.run([DEBIAN_PYTHON, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Write the clips for the server, once."""
    if not server_is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail(NEEDED)
        pytest.skip(NEEDED)
    folder = tmp_path_factory.mktemp("clips")
    for codec in Codec:
        (folder / f"clip.{codec.value}").write_bytes(b"".join(units(codec)))
    return folder


class Server:
    def __init__(self, process, port, host="127.0.0.1"):
        self.process, self.port, self.host = process, port, host

    def address(self, path, *, user="admin:secret", scheme="rtsp", **options):
        return Address(f"{scheme}://{user}{'@' if user else ''}{self.host}:{self.port}/{path}", **options)


@asynccontextmanager
async def serving(clips, *options):
    process = await asyncio.create_subprocess_exec(
        DEBIAN_PYTHON, SERVER, "--clips", clips, *options, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            ready = (await process.stdout.readline()).split()
        yield Server(process, int(ready[1]))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()


class Viewer:
    """One link that runs until enough pictures have come, or it fails."""

    def __init__(self, address, transport="tcp", *, timeout=5.0, wanted=PICTURES):
        self.status = CameraStatus("gate-in")
        opened = partial(open_decoder, "software", status=self.status)
        self.link = RtspLink(address, opened, self.status, transport=transport, timeout=timeout)
        self.numbers = []
        self.wanted = wanted
        self.enough = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def deliver(self, picture, captured_at):
        self.numbers.append(number_of(picture.luma()))
        if len(self.numbers) == self.wanted:
            self._loop.call_soon_threadsafe(self.enough.set)

    async def watch(self):
        """Return once enough pictures have come; raise what ended the link before."""
        running = asyncio.create_task(self.link.run(self.deliver))
        enough = asyncio.create_task(self.enough.wait())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({running, enough}, return_when=asyncio.FIRST_COMPLETED)
        enough.cancel()
        if not running.done():
            running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.result()
        return self

    def assert_flawless(self):
        assert len(self.numbers) >= self.wanted
        assert all((after - before) % PICTURES == 1 for before, after in pairwise(self.numbers)), self.numbers
        assert self.numbers[0] % GROUP == 0
        assert (self.status.packets_lost, self.status.decode_errors) == (0, 0)


async def refusal(address, **options):
    """Return the error of a link that has to fail, and that its text has one line and no password."""
    with pytest.raises(CameraError) as caught:
        await Viewer(address, **options).watch()
    text = str(caught.value)
    assert text.startswith("camera gate-in: ")
    assert "\n" not in text
    assert "secret" not in text
    return text


async def test_every_codec_transport_and_authentication(clips):
    """H.264 and H.265, TCP and UDP, none, basic and digest: twelve streams at once, each picture in its order."""
    async with (
        serving(clips) as none,
        serving(clips, "--auth", "basic") as basic,
        serving(clips, "--auth", "digest") as digest,
    ):
        servers = {"none": none, "basic": basic, "digest": digest}
        viewers = [Viewer(servers[auth].address(codec), transport) for codec, transport, auth in CASES]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
    for (codec, *_), viewer in zip(CASES, viewers, strict=True):
        viewer.assert_flawless()
        assert viewer.status.codec == codec


async def test_refusals_are_told_apart(clips):
    """Wrong password, no password, wrong path, no video and a wrong codec each have their own words."""
    async with serving(clips) as server, serving(clips, "--auth", "digest") as digest:
        cases = [
            (digest.address("h264", user="admin:wrong"), "refused (401): check username and password"),
            (digest.address("h264", user=""), "refused (401): check username and password"),
            (server.address("nothing"), "refused (404): check the path"),
            (server.address("audio"), "sends no video"),
            (server.address("jpeg"), "sends JPEG: set its stream to H.264 or H.265"),
        ]
        texts = await asyncio.gather(*(refusal(address) for address, _ in cases))
    for text, (_, words) in zip(texts, cases, strict=True):
        assert words in text


async def test_a_password_of_special_characters(clips):
    """It may stand percent-encoded in the URL, or as it is in the settings."""
    async with serving(clips, "--auth", "digest", "--password", "p@ss:w/ö%41") as server:
        viewers = [
            Viewer(server.address("h264", user="admin:p%40ss%3Aw%2F%C3%B6%2541"), wanted=5),
            Viewer(server.address("h265", user="", username="admin", password="p@ss:w/ö%41"), wanted=5),
        ]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
    for viewer in viewers:
        viewer.assert_flawless()


async def test_sound_beside_the_video_is_left_alone(clips):
    """A mount with audio gives its pictures over both transports."""
    async with serving(clips) as server:
        viewers = [Viewer(server.address("av"), transport, wanted=30) for transport in ("tcp", "udp")]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
    for viewer in viewers:
        viewer.assert_flawless()


async def test_ipv6_over_both_transports(clips):
    """A camera with an IPv6 address gives its pictures, over UDP too."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    async with serving(clips, "--host", "::1", "--auth", "digest") as server:
        server.host = "[::1]"
        viewers = [Viewer(server.address("h264"), transport, wanted=30) for transport in ("tcp", "udp")]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
    for viewer in viewers:
        viewer.assert_flawless()


@pytest.mark.parametrize("option", ["--aggregate", "--parameters-in-sdp"])
async def test_aggregates_and_parameter_sets_in_the_description(clips, option):
    """STAP-A and AP packets, and parameter sets that the SDP alone repeats, make no difference."""
    async with serving(clips, option) as server:
        viewers = [Viewer(server.address(codec), wanted=30) for codec in ("h264", "h265")]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
    for viewer in viewers:
        viewer.assert_flawless()


@pytest.mark.parametrize(("protocols", "transport", "other"), [("tcp", "udp", "tcp"), ("udp", "tcp", "udp")])
async def test_a_transport_that_the_camera_refuses(clips, protocols, transport, other):
    """The error names the transport to set instead."""
    async with serving(clips, "--protocols", protocols) as server:
        text = await refusal(server.address("h264"), transport=transport)
    assert f'refuses {transport.upper()} (461): set `transport = "{other}"`' in text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Make a certificate that nobody signed but itself."""
    path = tmp_path_factory.mktemp("tls") / "camera.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera"]
    try:
        subprocess.run([*command, "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    except OSError:
        pytest.skip("needs Debian's openssl")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


async def test_encrypted_streams(clips, certificate):
    """RTSPS with a self-signed certificate works when it is allowed, and is refused in words when it is not."""
    async with serving(clips, "--certificate", certificate, "--auth", "digest") as server:
        viewer = Viewer(server.address("h264", scheme="rtsps", tls_verify=False), wanted=30)
        await viewer.watch()
        text = await refusal(server.address("h264", scheme="rtsps"))
    viewer.assert_flawless()
    assert "its certificate is not trusted" in text
    assert "`tls_verify = false`" in text


async def test_rtsps_where_there_is_no_tls(clips):
    """The wrong scheme is said, instead of a bare handshake failure."""
    async with serving(clips) as server:
        assert "rtsp:// instead of rtsps://" in await refusal(server.address("h264", scheme="rtsps"), timeout=2.0)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_server_killed(clips, transport):
    """Its end is an error within a second, over UDP too."""
    async with serving(clips) as server:
        viewer = Viewer(server.address("h264"), transport)
        running = asyncio.create_task(viewer.link.run(viewer.deliver))
        viewer.wanted = 10
        async with asyncio.timeout(PATIENCE):
            await viewer.enough.wait()
        server.process.kill()
        async with asyncio.timeout(1):
            with pytest.raises(CameraError, match=r"camera gate-in: .*connection.*: waiting for it to come back"):
                await running


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_server_frozen(clips, transport):
    """A stream that freezes is an error after `timeout`, and a link cancelled meanwhile closes within two seconds."""
    async with serving(clips) as server:
        viewers = [Viewer(server.address("h264"), transport, timeout=seconds) for seconds in (1.0, 60.0)]
        tasks = [asyncio.create_task(viewer.link.run(viewer.deliver)) for viewer in viewers]
        for viewer in viewers:
            viewer.wanted = 10
            async with asyncio.timeout(PATIENCE):
                await viewer.enough.wait()
        server.process.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(4):
            with pytest.raises(CameraError, match="no packet for 1 s"):
                await tasks[0]
        tasks[1].cancel()
        async with asyncio.timeout(2):
            await asyncio.wait({tasks[1]})
        assert tasks[1].cancelled()
        server.process.send_signal(signal.SIGCONT)
