"""A camera's URL leads to the right source, with its credentials and its patience."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from alpr.camera.address import address_of
from alpr.camera.folder import FolderSource
from alpr.camera.live import LiveSource
from alpr.camera.replay import FileSource
from alpr.camera.source import Medium, Source, medium_of, open_source
from alpr.config import Camera
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus
from tests.camera.films import film, jpeg, number_in
from tests.camera.httpcamera import PASSWORD, USER, guarded, http_camera, mjpeg, still
from tests.fakes import until


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rtsp://cam/stream1", Medium.RTSP),
        ("RTSPS://cam/stream1", Medium.RTSP),
        ("http://cam/shot.jpg", Medium.SNAPSHOT),
        ("https://cam/axis-cgi/jpg/image.cgi", Medium.SNAPSHOT),
        ("http://mjpeg.example/shot.jpg", Medium.SNAPSHOT),
        ("http://cam/axis-cgi/mjpg/video.cgi", Medium.STREAM),
        ("http://cam/video.mjpeg?fps=5", Medium.STREAM),
        ("http://cam:8080/?action=stream", Medium.STREAM),
        ("http://cam/live/index.m3u8?token=1", Medium.PLAYLIST),
        ("mjpeg+http://cam/shot.jpg", Medium.STREAM),
        ("hls+https://cam/live", Medium.PLAYLIST),
        ("snapshot+http://cam/video.mjpg", Medium.SNAPSHOT),
        ("file:///srv/film.mp4", Medium.FILE),
        ("folder:///srv/uploads", Medium.FOLDER),
        ("/nowhere/film.mp4", Medium.FILE),
        ("/nowhere/uploads", Medium.FOLDER),
    ],
)
def test_the_url_says_what_it_is(url, expected):
    """Scheme, ending and hints in the path choose the medium."""
    assert medium_of(url) is expected


def test_the_backend_may_overrule():
    """`backend = "ffmpeg"` reads RTSP and plain HTTP through FFmpeg."""
    assert medium_of("rtsp://cam/1", "ffmpeg") is Medium.STREAM
    assert medium_of("http://cam/live", "ffmpeg") is Medium.STREAM


def test_a_plain_path_asks_the_disk(tmp_path):
    """A folder with a dot in its name is a folder, a file without one is a file."""
    (tmp_path / "cam.1").mkdir()
    (tmp_path / "film").write_bytes(b"x")
    assert medium_of(str(tmp_path / "cam.1")) is Medium.FOLDER
    assert medium_of(str(tmp_path / "film")) is Medium.FILE


@pytest.mark.parametrize(
    ("settings", "kind", "live"),
    [
        ({"url": "rtsp://cam/1"}, LiveSource, True),
        ({"url": "http://cam/shot"}, LiveSource, True),
        ({"url": "hls+http://cam/live"}, LiveSource, True),
        ({"url": "file:///film.mp4"}, LiveSource, True),
        ({"url": "file:///film.mp4", "realtime": False}, FileSource, False),
        ({"url": "folder:///uploads"}, FolderSource, False),
    ],
)
def test_each_medium_has_its_source(settings, kind, live):
    """Only files read as fast as they go and folders wait for their consumer."""
    source: Source = open_source(Camera(name="gate", **settings), CameraStatus("gate"))
    assert isinstance(source, kind)
    assert source.live is live
    assert source.name == "gate"


def test_the_status_shows_the_url_without_its_password():
    """What the pages show holds no secret."""
    status = CameraStatus("gate")
    open_source(Camera(name="gate", url="rtsp://admin:hunter2@cam/1"), status)
    assert status.url == "rtsp://admin:***@cam/1"


def test_an_unknown_scheme_is_refused():
    """The error names the camera and suggests the nearest scheme."""
    camera = Camera(name="gate", url="rtsp://cam/1").model_copy(update={"url": "rstp://cam/1"})
    with pytest.raises(CameraError, match="camera gate: the url has the unknown scheme `rstp`, did you mean `rtsp`"):
        open_source(camera, CameraStatus("gate"))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"url": "http://a:b%40c@cam/1"}, ("http://cam/1", "a", "b@c", "http://a:b%40c@cam/1")),
        (
            {"url": "http://cam/1", "username": "ü", "password": "/:@"},
            ("http://cam/1", "ü", "/:@", "http://%C3%BC:%2F%3A%40@cam/1"),
        ),
        ({"url": "mjpeg+http://a:b@cam/1", "password": "x"}, ("http://cam/1", "a", "x", "http://a:x@cam/1")),
        ({"url": "rtsp://cam/1"}, ("rtsp://cam/1", "", "", "rtsp://cam/1")),
    ],
)
def test_credentials_are_kept_apart(settings, expected):
    """Settings go before the URL; put together again, everything reserved is encoded; `repr` hides the password."""
    address = address_of(Camera(name="gate", **settings))
    assert (address.url, address.username, address.password, address.with_credentials) == expected
    assert "password" not in repr(address)


async def test_frames_come_from_every_medium(tmp_path):
    """A stream behind digest login, a snapshot, a film as fast as it goes and a folder all give frames."""
    film(tmp_path / "film.mp4", 8)
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills" / "a.jpg").write_bytes(jpeg(9))
    async with http_camera() as camera:
        camera.pages |= {"/live.mjpg": guarded(mjpeg(), "digest"), "/shot": still(jpeg(5))}
        login = {"username": USER, "password": PASSWORD}
        for settings, expected in [
            ({"url": camera.url("/live.mjpg"), **login}, range(10)),
            ({"url": camera.url("/shot"), "poll": 0.1}, [5]),
            ({"url": str(tmp_path / "film.mp4"), "realtime": False}, [0]),
            ({"url": f"file://{tmp_path}/film.mp4", "loop": True}, range(8)),
            ({"url": str(tmp_path / "stills"), "settle": 0.0, "poll": 0.1}, [9]),
        ]:
            source = open_source(Camera(name="gate", **settings), CameraStatus("gate"))
            async with aclosing(source.frames()) as frames:
                frame = await anext(frames)
            assert frame.camera == "gate"
            assert number_in(frame.picture) in expected


async def test_a_camera_that_is_not_there_is_told_in_words():
    """RTSP by either backend, a stream and a snapshot at a port where nobody listens: no frame, one line each."""
    async with http_camera() as camera:
        free = camera.port
    for settings in (
        {"url": f"rtsp://127.0.0.1:{free}/1"},
        {"url": f"rtsp://127.0.0.1:{free}/1", "backend": "ffmpeg"},
        {"url": f"mjpeg+http://127.0.0.1:{free}/1"},
        {"url": f"http://127.0.0.1:{free}/1"},
    ):
        status = CameraStatus("gate")
        source = open_source(Camera(name="gate", **settings, username=USER, password=PASSWORD), status)
        async with aclosing(source.frames()) as frames:
            waiting = asyncio.ensure_future(anext(frames))
            await until(lambda status=status: status.state is CameraState.RECONNECTING)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        assert status.error.startswith("camera gate: ")
        assert "check address" in status.error
        assert PASSWORD not in status.error
