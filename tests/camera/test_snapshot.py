"""A camera polled over HTTP, against a real server."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from alpr.camera.address import Address
from alpr.camera.latest import Latest
from alpr.camera.live import LiveSource, Patience
from alpr.camera.snapshot import SnapshotLink
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus
from tests.camera.films import jpeg, number_in
from tests.camera.httpcamera import PASSWORD, USER, answer, guarded, http_camera, still
from tests.fakes import until


def polled(url, *, username="", password="", timeout=2.0, unchanged=lambda: None, poll=0.02):
    status = CameraStatus("gate")
    address = Address(url, username, password)
    return SnapshotLink(address, status, poll=poll, timeout=timeout, unchanged=unchanged, max_bytes=1 << 20), status


async def pictures(link, count):
    """Run the link until it has delivered `count` pictures; return their numbers."""
    numbers, enough = [], asyncio.Event()

    def deliver(picture, captured_at):
        numbers.append(number_in(picture))
        if len(numbers) >= count:
            enough.set()

    running = asyncio.create_task(link.run(deliver))
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait({running, waiting}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    for task in (running, waiting):
        task.cancel()
    results = await asyncio.gather(running, waiting, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]
    return numbers


async def test_each_new_picture_is_taken_once():
    """Identical bytes are no new picture, but a sign of life."""
    signs = []
    async with http_camera() as camera:
        camera.pages["/shot"] = still(jpeg(1), jpeg(1), jpeg(2), jpeg(2), jpeg(3))
        link, status = polled(camera.url("/shot"), unchanged=lambda: signs.append(1))
        assert await pictures(link, 3) == [1, 2, 3]
    assert len(signs) == 2
    assert status.frames_decoded == 3


@pytest.mark.parametrize("scheme", ["basic", "digest", "digest-sha256", "both"])
async def test_the_login_that_the_camera_asks_for(scheme):
    """Basic, digest (MD5, SHA-256), and digest where both are offered, with a password full of special characters."""
    async with http_camera() as camera:
        camera.pages["/shot"] = guarded(still(jpeg(1), jpeg(2)), scheme)
        link, _ = polled(camera.url("/shot"), username=USER, password=PASSWORD)
        assert await pictures(link, 2) == [1, 2]
        if scheme == "both":
            assert not any(one.headers.get("authorization", "").startswith("Basic") for one in camera.requests)


async def test_etag_and_304_keep_an_unchanged_camera_alive():
    """A server that answers 304 for longer than the stall time is neither stalled nor connected anew."""

    async def page(request, writer):
        if request.headers.get("if-none-match") == '"one"':
            assert request.headers["if-modified-since"] == "Sat, 01 Jun 2024 12:00:00 GMT"
            await answer(writer, 304)
        else:
            await answer(writer, 200, jpeg(1), ETag='"one"', Last_Modified="Sat, 01 Jun 2024 12:00:00 GMT")

    async with http_camera() as camera:
        camera.pages["/shot"] = page
        status = CameraStatus("gate")
        latest = Latest(10, status)
        link = SnapshotLink(Address(camera.url("/shot")), status, poll=0.02, timeout=2, unchanged=latest.touch)
        live = LiveSource(link, latest, status, Patience(stall=0.2, ladder=(0.01,)))
        async with aclosing(live.frames()) as frames:
            assert number_in((await anext(frames)).picture) == 1
            await until(lambda: len(camera.requests) > 15)
    assert status.state is CameraState.LIVE
    assert status.reconnects == 0
    assert sum("if-none-match" not in one.headers for one in camera.requests) == 1


async def test_one_cut_picture_is_left_out():
    """A truncated JPEG costs that picture only, and is asked for again in full."""
    async with http_camera() as camera:
        camera.pages["/shot"] = still(jpeg(1), jpeg(2)[:500], jpeg(2), ETag='"x"')
        link, status = polled(camera.url("/shot"))
        assert await pictures(link, 2) == [1, 2]
    assert status.decode_errors == 1


async def redirect_away(request, writer):
    await answer(writer, 302, Location="http://localhost:9/shot")


async def redirect_round(request, writer):
    await answer(writer, 302, Location="/round")


async def redirect_down(request, writer):
    await answer(writer, 302, Location="/below/shot")


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
        ("/unknown", "a kind of login that is unknown"),
        ("/none", "not found (404)"),
        ("/forbidden", "refused (403)"),
        ("/down", "fault of the camera (503)"),
        ("/away", "redirects to http://localhost"),
        ("/round", "redirects in a circle"),
        ("/page", "no readable JPEG"),
        ("/huge", "sends more than 1 MiB"),
        ("/hangs", "no answer within 0.2 s"),
    ],
)
async def test_each_fault_has_its_words(path, words):
    """Every way to fail raises one line with the camera's name, and never the password."""
    async with http_camera() as camera:
        camera.pages |= {
            "/login": guarded(still(jpeg(1)), "digest"),
            "/unknown": guarded(still(jpeg(1)), "unknown"),
            "/forbidden": refuses,
            "/down": is_down,
            "/away": redirect_away,
            "/round": redirect_round,
            "/page": still(b"<html>login</html>"),
            "/huge": still(bytes(2_000_000)),
            "/hangs": hangs,
        }
        link, _ = polled(camera.url(path), username=USER, password="wrong-secret", timeout=0.2)
        with pytest.raises(CameraError) as caught:
            await pictures(link, 1)
    assert words in str(caught.value)
    assert str(caught.value).startswith("camera gate: ")
    assert "\n" not in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


async def test_a_redirect_on_the_same_host_is_followed():
    """The password goes along to another path of the same host."""
    async with http_camera() as camera:
        camera.pages |= {"/shot": redirect_down, "/below/shot": guarded(still(jpeg(4)), "basic")}
        link, _ = polled(camera.url("/shot"), username=USER, password=PASSWORD)
        assert await pictures(link, 1) == [4]


async def test_no_server_is_told_in_words():
    """A port where nobody listens is one line."""
    async with http_camera() as camera:
        url = camera.url("/shot")
    link, _ = polled(url)
    with pytest.raises(CameraError, match="camera gate: cannot be reached"):
        await pictures(link, 1)


async def test_a_server_that_dies_and_returns_is_found_again():
    """The camera is back by itself once its server is."""
    async with http_camera() as camera:
        camera.pages["/shot"] = still(jpeg(1), jpeg(2), jpeg(3))
        status = CameraStatus("gate")
        latest = Latest(100, status)
        link = SnapshotLink(Address(camera.url("/shot")), status, poll=0.02, timeout=1, unchanged=latest.touch)
        live = LiveSource(link, latest, status, Patience(stall=1, ladder=(0.05,)))
        async with aclosing(live.frames()) as frames:
            await anext(frames)
            await camera.die()
            await until(lambda: status.state is CameraState.RECONNECTING)
            await camera.start()
            await until(lambda: status.state is CameraState.LIVE)
    assert status.reconnects == 1
