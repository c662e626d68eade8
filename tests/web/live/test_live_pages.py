from __future__ import annotations

import asyncio

import cv2
import numpy as np
import pytest
from litestar.testing import AsyncTestClient

from alpr.camera.picture import ImagePicture
from alpr.domain import Box, Frame, Label, utc_now
from alpr.live import LivePicture, LiveView, Mark
from alpr.status import CameraState
from alpr.web.live.drawing import draw_jpeg
from alpr.web.live.pictures import LivePictures
from tests.web.drawn_site import PLATE_BOX, VEHICLE_BOX, draw_frame, drawn_read

PICTURE = "/live/gate-in/picture.jpg"


@pytest.fixture
async def inside(client, log_in):
    """Log a guard in."""
    await log_in(client)
    return client


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def frame_of(image: np.ndarray, camera: str = "gate-in") -> Frame:
    return Frame(camera, 0, utc_now(), 0.0, ImagePicture(image))


def test_a_board_holds_the_newest_and_forgets_who_looked_long_ago():
    """Publishing keeps one frame a camera; a look counts as watching for five seconds."""
    clock = Clock()
    view = LiveView(clock)
    assert view.watch("gate-in") is None
    first, second = frame_of(np.zeros((9, 16, 3), np.uint8)), frame_of(np.zeros((9, 16, 3), np.uint8))
    view.publish(first)
    view.publish(second)
    assert view.watched("gate-in")
    assert not view.watched("gate-out")
    clock.now += 5
    assert not view.watched("gate-in")
    live = view.watch("gate-in")
    assert live is not None
    assert live.frame is second
    view.forget("gate-in")
    assert view.watch("gate-in") is None


async def test_a_picture_is_compressed_once_for_all_and_so_many_times_a_second():
    """Ten who ask at once cost one compression; a newer frame waits for its turn; nobody costs nothing."""
    clock = Clock()
    view = LiveView(clock)
    pictures = LivePictures(view, clock, fps=5)
    image = draw_frame("VQAB123")
    for _ in range(100):
        view.publish(frame_of(image))
    assert pictures.encoded == 0
    made = await asyncio.gather(*(pictures.picture("gate-in") for _ in range(10)))
    assert pictures.encoded == 1
    assert len({id(one) for one in made}) == 1
    view.publish(frame_of(image))
    clock.now += 0.1
    assert await pictures.picture("gate-in") is made[0]
    clock.now += 0.15
    newer = await pictures.picture("gate-in")
    assert newer is not None
    assert newer.number > made[0].number
    clock.now += 60
    assert await pictures.picture("gate-in") is newer
    assert pictures.encoded == 2


@pytest.mark.parametrize(
    ("width", "height", "sent"),
    [(1920, 1080, (960, 540)), (640, 480, (640, 480)), (3840, 2160, (960, 540)), (1, 1, (1, 1))],
)
def test_live_pictures_are_small(width, height, sent):
    """A picture is never wider than asked for and never enlarged."""
    live = LivePicture(1, frame_of(np.full((height, width, 3), 90, np.uint8)))
    image = cv2.imdecode(np.frombuffer(draw_jpeg(live, 960), np.uint8), cv2.IMREAD_COLOR)
    assert (image.shape[1], image.shape[0]) == sent


def test_boxes_and_texts_are_drawn_and_the_frame_stays_as_it_is():
    """The plate's box and text stand in the copy that is sent; evidence is never drawn on."""
    image = np.full((720, 1280, 3), 90, np.uint8)
    marks = (Mark(VEHICLE_BOX, Label.TRUCK), Mark(PLATE_BOX, Label.PLATE, "GXXK4821", 0.98))
    plain = draw_jpeg(LivePicture(1, frame_of(image)), 960)
    drawn = cv2.imdecode(np.frombuffer(draw_jpeg(LivePicture(2, frame_of(image), marks), 960), np.uint8), 1)
    assert len(plain) < 30_000
    assert (image == 90).all()
    above = drawn[round(PLATE_BOX.y1 * 0.75) - 40 : round(PLATE_BOX.y1 * 0.75) - 8, 400:500]
    assert above.max() > 240
    assert above.min() < 60
    assert drawn[round(VEHICLE_BOX.y1 * 0.75), 400].max() > 150


@pytest.mark.parametrize(
    "mark",
    [
        Mark(Box(-50, -50, 5000, 5000), Label.PLATE, "W" * 200, 1.0),
        Mark(Box(1270, 2, 1279, 8), Label.PLATE, "ÄÖ漢字<script>", 1.0),
        Mark(Box(3, 3, 3, 3), Label.PLATE, "A", 1.0),
        Mark(Box(0, 700, 4, 719), Label.PLATE, "\n\x00", 1.0),
    ],
)
@pytest.mark.parametrize("size", [(720, 1280), (12, 20)])
def test_a_mark_at_the_edge_or_of_any_text_is_drawn(mark, size):
    """No box and no text can break a picture."""
    live = LivePicture(1, frame_of(np.zeros((*size, 3), np.uint8)), (mark,))
    assert draw_jpeg(live, 960)[:2] == b"\xff\xd8"


async def test_a_viewer_gets_only_what_is_new(site, inside):
    """Before the first picture nothing comes; the same picture again is 304; pages of people are not stored."""
    assert (await inside.get(PICTURE)).status_code == 204
    site.shows("VQAB123")
    first = await inside.get(PICTURE)
    assert (first.status_code, first.headers["content-type"]) == (200, "image/jpeg")
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"if-none-match": first.headers["etag"]}
    assert (await inside.get(PICTURE, headers=known)).status_code == 304
    site.shows("QMRT77")
    await asyncio.sleep(0.05)
    for _ in range(20):
        again = await inside.get(PICTURE, headers=known)
        if again.status_code == 200:
            break
        await asyncio.sleep(0.02)
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


async def test_nobody_watching_costs_no_compression(site, log_in):
    """A site that runs without a viewer compresses nothing, and other pages do not count as viewers."""
    app = site.web()
    async with AsyncTestClient(app) as client:
        await log_in(client)
        for _ in range(20):
            site.shows("VQAB123")
        for path in ("/reads", "/live", "/cameras"):
            assert (await client.get(path)).status_code == 200
        assert app.state.web.pictures.encoded == 0
        await client.get(PICTURE)
        assert app.state.web.pictures.encoded == 1


async def test_the_wall_says_in_words_what_is_lost(site, inside):
    """A lost camera keeps its last picture with the reason over it; the last read stands below each."""
    await site.passes(drawn_read("VQAB123", age=200))
    site.shows("VQAB123", "gate-out")
    page = (await inside.get("/live")).text
    assert "1 of 2 cameras live" in page
    assert "<b>Lost just now</b><span>Refused (401): check username and password</span>" in page
    assert '<img src="/live/gate-out/picture.jpg" width="960" height="540"' in page
    assert "<b>Waiting</b>" in page
    assert 'data-columns="2" data-rows="1"' in page
    assert "3 min ago" in page


async def test_the_wall_follows_its_cameras(site, inside):
    """The state comes as parts for each tile; when cameras come or go the page is told to load anew."""
    page = (await inside.get("/live")).text
    key = page.partition("/live/state?key=")[2][:12]
    state = await inside.get(f"/live/state?key={key}")
    assert state.text.count('hx-swap-oob="true"') == 5
    site.status.camera("yard").change(CameraState.LIVE)
    assert (await inside.get(f"/live/state?key={key}")).headers["hx-refresh"] == "true"


@pytest.mark.parametrize(
    ("cameras", "grid"), [(1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (9, (3, 3)), (26, (5, 6))]
)
async def test_the_grid_fits_the_count(site, inside, cameras, grid):
    """Tiles stand as near to a square as their count allows, five side by side at most."""
    site.status.cameras.clear()
    for n in range(cameras):
        site.status.camera(f"c{n}").change(CameraState.LIVE)
    page = (await inside.get("/live")).text
    assert f'data-columns="{grid[0]}" data-rows="{grid[1]}"' in page


async def test_one_camera_has_a_page_of_its_own(site, inside):
    """It shows the picture, the last reads of this camera alone, and the way to the others."""
    site.shows("VQAB123")
    await site.passes(drawn_read("VQAB123"))
    await site.passes(drawn_read("QMRT77", camera="gate-out"))
    page = (await inside.get("/live/gate-in")).text
    assert "VQAB123" in page
    assert "QMRT77" not in page
    assert 'href="/live/gate-out"' in page
    assert (await inside.get("/live/gate-in/state")).status_code == 200


@pytest.mark.parametrize("path", ["/live/nix", "/live/nix/state", "/live/nix/picture.jpg", "/live/..%2f"])
async def test_a_camera_that_is_not_there_is_not_found(inside, path):
    """Names that no camera has are 404 and leave nothing behind."""
    assert (await inside.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/live", "/live/state", "/live/gate-in", PICTURE, "/system", "/demo/score"])
async def test_live_pictures_need_a_login(client, path):
    """Without a session there is no picture and no state."""
    assert (await client.get(path, headers={"accept": "*/*"})).status_code == 401
