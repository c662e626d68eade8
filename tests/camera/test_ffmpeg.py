"""MJPEG and HLS through FFmpeg, against a real HTTP server."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import ssl
import subprocess
import time
from contextlib import aclosing

import pytest

from alpr.camera.address import Address
from alpr.camera.ffmpeg import FfmpegLink
from alpr.camera.latest import Latest
from alpr.camera.live import LiveSource, Patience
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus
from tests.camera.films import film, number_in
from tests.camera.httpcamera import PASSWORD, USER, answer, guarded, http_camera, mjpeg, still
from tests.fakes import until

QUICK = Patience(stall=0.6, first_picture=2, ladder=(0.05,), closing=1)


def linked(url, *, segmented=False, timeout=2.0, username="", password="", tls_verify=True):
    status = CameraStatus("gate")
    address = Address(url, username, password, tls_verify)
    link = FfmpegLink(address, status, segmented=segmented, timeout=timeout)
    return LiveSource(link, Latest(200, status), status, QUICK), status, link


async def numbers(live, count):
    found = []
    async with asyncio.timeout(8), aclosing(live.frames()) as frames:
        async for frame in frames:
            found.append((number_in(frame.picture), frame.time))
            if len(found) == count:
                break
    return found


async def fault(link):
    with pytest.raises(CameraError) as caught:
        await asyncio.wait_for(link.run(lambda picture, captured_at: None), 8)
    text = str(caught.value)
    assert text.startswith("camera gate: ")
    assert "\n" not in text
    return text


async def test_mjpeg_pictures_come_in_order():
    """The pictures of a multipart stream come in order, the newest first taken, with size and codec told."""
    async with http_camera() as camera:
        camera.pages["/video"] = mjpeg()
        live, status, _ = linked(camera.url("/video"))
        found = [number for number, _ in await numbers(live, 12)]
    assert len(set(found)) == 12
    assert found == sorted(found)
    assert (status.width, status.height, status.codec) == (160, 48, "mjpeg")


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_a_password_with_special_characters_gets_through(scheme):
    """What is reserved in a URL is encoded for FFmpeg and arrives as it was meant."""
    async with http_camera() as camera:
        camera.pages["/video"] = guarded(mjpeg(), scheme)
        live, _, _ = linked(camera.url("/video"), username=USER, password=PASSWORD)
        assert len(await numbers(live, 2)) == 2


async def refuses(request, writer):
    await answer(writer, 403)


async def is_down(request, writer):
    await answer(writer, 503)


async def hangs(request, writer):
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/login", "refused (401): check username and password"),
        ("/none", "not found (404)"),
        ("/forbidden", "refused (403)"),
        ("/down", "fault of the camera"),
        ("/hangs", "no answer within 0.4 s"),
        ("/page", "no video that FFmpeg knows"),
        ("/page.txt", "no video"),
        ("/short", "the connection broke"),
    ],
)
async def test_each_fault_has_its_words(path, words):
    """Every way to fail raises one line with the camera's name, and never the password."""
    async with http_camera() as camera:
        camera.pages |= {
            "/login": guarded(mjpeg(), "basic"),
            "/forbidden": refuses,
            "/down": is_down,
            "/hangs": hangs,
            "/page": still(b"<html>login</html>" * 500),
            "/page.txt": still(b"hello\n" * 5000),
            "/short": mjpeg(3, 0),
        }
        _, _, link = linked(camera.url(path), timeout=0.4, username=USER, password="wrong-secret")
        text = await fault(link)
    assert words in text
    assert "wrong-secret" not in text


async def test_no_server_is_told_in_words():
    """A port where nobody listens is one line."""
    async with http_camera() as camera:
        url = camera.url("/video")
    _, _, link = linked(url)
    assert "cannot be reached (Connection refused)" in await fault(link)


async def test_a_server_that_dies_and_returns_is_found_again():
    """The end of the stream is a loss, and the camera is back by itself."""
    async with http_camera() as camera:
        camera.pages["/video"] = mjpeg()
        live, status, _ = linked(camera.url("/video"))
        async with asyncio.timeout(8), aclosing(live.frames()) as frames:
            await anext(frames)
            await camera.die()
            await until(lambda: status.state is CameraState.RECONNECTING)
            await camera.start()
            await until(lambda: status.state is CameraState.LIVE)
    assert status.reconnects == 1


async def test_a_stream_that_freezes_is_cut_by_the_watchdog():
    """A server that keeps the connection but sends nothing more counts as stalled; then the camera heals."""
    freeze = asyncio.Event()
    async with http_camera() as camera:
        camera.pages["/video"] = mjpeg(5, 0.01, after=freeze)
        live, status, _ = linked(camera.url("/video"), timeout=3)
        async with asyncio.timeout(8), aclosing(live.frames()) as frames:
            await anext(frames)
            await until(lambda: status.state is CameraState.STALLED)
            camera.pages["/video"] = mjpeg()
            await until(lambda: status.state is CameraState.LIVE)
        freeze.set()


async def test_closing_does_not_wait_for_a_hanging_read():
    """A link that hangs in a read is given up within two seconds, long before its own timeout."""
    async with http_camera() as camera:
        camera.pages["/video"] = hangs
        _, _, link = linked(camera.url("/video"), timeout=4)
        running = asyncio.create_task(link.run(lambda picture, captured_at: None))
        await until(lambda: len(camera.requests) == 1)
        begun = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert time.monotonic() - begun < 2


def playlist(folder):
    film(
        folder / "live.m3u8",
        50,
        format="hls",
        options={"hls_time": "1", "hls_list_size": "0", "hls_segment_filename": str(folder / "part%d.ts")},
    )
    return {f"/{path.name}": still(path.read_bytes()) for path in folder.iterdir()}


async def test_hls_is_paced_by_its_own_time(tmp_path):
    """Segments that can be fetched at once are played as they were filmed."""
    async with http_camera() as camera:
        camera.pages |= playlist(tmp_path)
        live, status, _ = linked(camera.url("/live.m3u8"), segmented=True)
        found = await numbers(live, 25)
    assert [number for number, _ in found] == list(range(25))
    steps = [later - earlier for (_, earlier), (_, later) in itertools.pairwise(found)]
    assert sum(steps) == pytest.approx(24 / 25, abs=0.15)
    assert status.codec == "h264"


async def test_a_playlist_cannot_read_files_of_this_machine(tmp_path):
    """A playlist from a camera that names a local file gives no picture."""
    film(tmp_path / "secret.ts", 5)
    listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{tmp_path}/secret.ts\n#EXT-X-ENDLIST\n"
    async with http_camera() as camera:
        camera.pages["/live.m3u8"] = still(listed.encode())
        _, status, link = linked(camera.url("/live.m3u8"), segmented=True)
        await fault(link)
    assert status.frames_decoded == 0


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory):
    """Make a certificate that nobody vouches for."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    path = tmp_path_factory.mktemp("tls") / "camera.pem"
    kind = [
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run(
        ["openssl", "req", *kind, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", f"{path}.crt"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{path}.crt", path)
    return context


async def test_tls_is_verified_unless_switched_off(self_signed):
    """A certificate of the camera's own making is refused, and accepted with `tls_verify = false`."""
    async with http_camera(self_signed) as camera:
        camera.pages["/video"] = mjpeg()
        _, _, link = linked(camera.url("/video", "https"))
        assert "the certificate" in await fault(link)
        assert not camera.requests
        live, _, _ = linked(camera.url("/video", "https"), tls_verify=False)
        assert len(await numbers(live, 2)) == 2


async def test_the_segments_of_a_playlist_follow_the_same_trust(self_signed, tmp_path):
    """With `tls_verify = false` the segments of an HLS stream are fetched over TLS as its playlist is."""
    async with http_camera(self_signed) as camera:
        camera.pages |= playlist(tmp_path)
        live, _, _ = linked(camera.url("/live.m3u8", "https"), segmented=True, tls_verify=False)
        assert len(await numbers(live, 3)) == 3
