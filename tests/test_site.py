"""The product as it runs at a site: `alpr run` as a process of its own, cameras that die, disks that fill, kill -9."""

from __future__ import annotations

import random
import signal
import socket
import sqlite3
import time
from contextlib import ExitStack, closing
from itertools import pairwise

import cv2
import httpx
import pytest

from tests.drawn_plates import street, write_film
from tests.site_process import (
    FPS,
    PLATES,
    RtspServer,
    Site,
    drive,
    free_port,
    logged_in,
    need_gstreamer,
    running,
    wait_for,
    write_clips,
)
from tests.small_disk import fill, make_read_only, small_disk

STALL = 2.0
KILLS = 5

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Write the clips for the RTSP servers, once."""
    need_gstreamer()
    return write_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def yard(clips, tmp_path_factory):
    """Run a site of four cameras, two on a server without and two on one with a password."""
    site = Site(tmp_path_factory.mktemp("yard"))
    with ExitStack() as ends:
        site.free = RtspServer(clips)
        ends.callback(site.free.end)
        site.locked = RtspServer(clips, "--auth", "digest")
        ends.callback(site.locked.end)
        site.configure(
            camera("free-tcp", site.free.url("h264")),
            camera("free-udp", site.free.url("h265"), transport="udp"),
            camera("locked-tcp", site.locked.url("h265", "admin:secret")),
            camera("locked-udp", site.locked.url("h264"), username="admin", password="secret", transport="udp"),
        )
        site.add_user("guard", "correct horse")
        ends.enter_context(running(site))
        wait_for(lambda: states(site) == {"live"}, 20)
        yield site


def camera(name, url, **settings):
    """Set a camera up that is looked at often enough for a vehicle that passes in two seconds."""
    return {"name": name, "url": str(url), "stall_timeout": STALL, **settings}


def states(site):
    """Return what the cameras are doing."""
    return {counted["state"] for counted in site.counters().values()}


def plates(site, name):
    """Return the plates stored of a camera."""
    return {text for (text,) in site.rows(f"SELECT text FROM reads WHERE camera = '{name}' AND text <> ''")}


class Watch:
    """Looks at the counters of cameras that should not notice what happens to others."""

    def __init__(self, site, *names):
        self.site, self.names = site, names
        self.seen = []

    def look(self):
        """Note the decoded frames of each camera; return the counters of all."""
        counted = self.site.counters()
        self.seen.append((time.monotonic(), [counted[name]["frames_decoded"] for name in self.names]))
        return counted

    def assert_undisturbed(self):
        """Find no second without a picture, and all in all as many as the cameras send."""
        (begun, _), (ended, _) = self.seen[0], self.seen[-1]
        for place, name in enumerate(self.names):
            told = [(at, counts[place]) for at, counts in self.seen]
            grew = [begun, *(at for (_, before), (at, after) in pairwise(told) if after > before), ended]
            assert max(after - before for before, after in pairwise(grew)) < 1, (name, told)
            assert told[-1][1] - told[0][1] > 0.9 * FPS * (ended - begun) - FPS / 2, (name, told)


@pytest.mark.rtsp
def test_four_cameras_are_read_and_shown(yard):
    """H.264 and H.265, TCP and UDP, with and without a password: each plate is in the database and on the page."""
    expected = {name: {PLATES["h264" if name in {"free-tcp", "locked-udp"} else "h265"]} for name in yard.counters()}
    wait_for(lambda: {name: plates(yard, name) for name in expected} == expected, 30)
    assert httpx.get(f"http://127.0.0.1:{yard.port}/health").json() == {"status": "ok"}
    with logged_in(yard, "guard", "correct horse") as browser:
        page = browser.get("/reads").text
        for name, texts in expected.items():
            assert name in page
            assert all(text in page or text[:3] in page for text in texts)
        (identity,) = yard.rows("SELECT id FROM reads WHERE text <> '' LIMIT 1")[0]
        shown = browser.get(f"/reads/{identity}")
        assert shown.status_code == httpx.codes.OK
        for part in ("frame", "crop"):
            answer = browser.get(f"/reads/{identity}/{part}.jpg")
            assert (answer.status_code, answer.headers["content-type"]) == (httpx.codes.OK, "image/jpeg")
            assert answer.content[:2] == b"\xff\xd8"
    assert httpx.get(f"http://127.0.0.1:{yard.port}/reads").status_code in {401, 302, 303}
    assert "secret" not in yard.log.read_text()


@pytest.mark.rtsp
def test_a_killed_server_comes_back_and_harms_no_other(yard):
    """Both of its cameras reconnect, live again within ten seconds of its return; the others lose nothing."""
    watch = Watch(yard, "locked-tcp", "locked-udp")
    watch.look()
    yard.free.end()
    died = time.monotonic()
    wait_for(lambda: {watch.look()[name]["state"] for name in ("free-tcp", "free-udp")} == {"reconnecting"}, 3)
    assert httpx.get(f"http://127.0.0.1:{yard.port}/health").json() == {"status": "degraded"}
    while time.monotonic() - died < 4:
        time.sleep(0.3)
        watch.look()
    yard.free.start()
    wait_for(lambda: {watch.look()[name]["state"] for name in ("free-tcp", "free-udp")} == {"live"}, 10)
    watch.assert_undisturbed()
    for name in ("free-tcp", "free-udp"):
        assert len(yard.lines("camera_lost", camera=name)) == len(yard.lines("camera_back", camera=name)) == 1
        assert "\n" not in yard.lines("camera_lost", camera=name)[0]["error"]


@pytest.mark.rtsp
def test_a_frozen_server_is_noticed_and_harms_no_other(yard):
    """A camera that hangs with its connections open is told within its stall time and a second, and recovers."""
    watch = Watch(yard, "free-tcp", "free-udp")
    watch.look()
    yard.locked.send(signal.SIGSTOP)
    frozen = ("locked-tcp", "locked-udp")
    took = wait_for(lambda: all(watch.look()[name]["state"] != "live" for name in frozen), STALL + 1)
    assert took > STALL - 1
    assert {watch.look()[name]["state"] for name in frozen} <= {"stalled", "reconnecting"}
    yard.locked.send(signal.SIGCONT)
    wait_for(lambda: {watch.look()[name]["state"] for name in frozen} == {"live"}, 10)
    watch.assert_undisturbed()


@pytest.mark.rtsp
def test_it_stops_cleanly_with_a_vehicle_in_view(clips, tmp_path):
    """SIGTERM while a read is still a preview: it is completed, stored, and the process ends within seconds."""
    server, site = RtspServer(clips), Site(tmp_path / "site")
    site.configure(*(camera(f"gate-{number}", server.url("h264")) for number in range(2)))
    try:
        with running(site):
            wait_for(lambda: site.rows("SELECT id FROM reads WHERE state = 'preview'"), 25)
            begun = time.monotonic()
            assert site.stop() == 0
            assert time.monotonic() - begun < 6
        [stopped] = site.lines("stopped")
        assert stopped["recorder_queue"] == 0
        assert {state for (state,) in site.rows("SELECT state FROM reads")} <= {"final", "unread"}
        assert site.check_pictures() >= 1
        assert not [line for line in site.lines() if line["level"] in {"error", "warning"}]
    finally:
        server.end()


@pytest.mark.rtsp
def test_cameras_that_cannot_work_say_why_and_a_reload_mends_them(clips, tmp_path):
    """Each fault is one line, the good camera goes on; SIGHUP takes what is new and refuses what is faulty."""
    server, site = RtspServer(clips, "--auth", "digest"), Site(tmp_path / "site")
    good = camera("good", server.url("h264", "admin:secret"))
    bad = [
        camera("stranger", server.url("h264", "admin:wrong")),
        camera("absent", f"rtsp://127.0.0.1:{free_port()}/h264"),
        camera("odd", server.url("jpeg", "admin:secret")),
        camera("film", tmp_path / "gone.mp4", realtime=False),
    ]
    words = {
        "stranger": "camera stranger: refused (401): check username and password",
        "absent": "camera absent: connection refused: check address and port",
        "odd": "camera odd: sends JPEG: set its stream to H.264 or H.265",
    }
    site.configure(good, *bad)
    try:
        with running(site):
            wait_for(lambda: site.counters()["good"]["state"] == "live", 15)
            for name, said in words.items():
                assert said in site.until("camera_lost", camera=name)["error"]
            assert "gone.mp4" in site.until("camera given up", camera="film")["error"]
            counted = site.counters()
            assert {name: counted[name]["state"] for name in (*words, "film")} == {
                **dict.fromkeys(words, "reconnecting"),
                "film": "ended",
            }
            for name in words:  # said once, though it is tried again and again
                assert len(site.lines("camera_lost", camera=name)) == 1

            site.config.write_text(site.config.read_text().replace("stall_timeout", "stal_timeout"))
            site.send(signal.SIGHUP)
            fault = site.until("configuration not taken, the old one goes on")["fault"]
            assert "stal_timeout" in fault
            assert f"{site.config}:" in fault
            before = site.counters()
            assert set(before) == {"good", "stranger", "absent", "odd", "film"}

            site.configure(good, camera("stranger", server.url("h265", "admin:secret")))
            site.send(signal.SIGHUP)
            site.until("configuration taken")
            wait_for(lambda: states(site) == {"live"}, 10)
            after = site.counters()
            assert set(after) == {"good", "stranger"}
            assert after["good"]["frames_decoded"] > before["good"]["frames_decoded"]
            assert after["good"]["reconnects"] == 0
            assert site.stop() == 0
            assert "wrong" not in site.log.read_text()
    finally:
        server.end()


def test_kill_9_needs_no_hand(tmp_path):
    """Five kills while reads are written: none that was stored is lost, previews are completed, pictures are whole."""
    chance, site = random.Random(7), Site(tmp_path / "site", web=False)
    for name, texts in {"in": ("KLM4607", "BXD7042", "TRW3385"), "out": ("HGV9316", "PNA2874", "CLY6053")}.items():
        pictures = [image for text in texts for image in drive(text, passing=1.6, empty=0.8)]
        write_film(tmp_path / f"{name}.mp4", pictures, FPS)
    site.configure(*(camera(n, tmp_path / f"{n}.mp4", realtime=False, loop=True) for n in ("in", "out")))
    stored = {}
    for number in range(KILLS):
        with running(site):
            # What was stored before is there, and no preview is left of it.
            now = dict(site.rows("SELECT id, state FROM reads"))
            assert set(now) >= set(stored)
            assert not {i for i, state in stored.items() if state == "preview" and now[i] == "preview"}
            wait_for(lambda known=set(now): set(dict(site.rows("SELECT id, state FROM reads"))) - known, 30)
            time.sleep(chance.uniform(0.0, 0.8))
            stored = dict(site.rows("SELECT id, state FROM reads"))
            assert site.stop(signal.SIGKILL) == -signal.SIGKILL
            assert len(site.lines("started")) == 1, number
    with running(site):
        # The first read that is stored comes after the sweep of what the kills left.
        wait_for(lambda: len(site.rows("SELECT id FROM reads")) > len(stored), 30)
        assert site.stop() == 0
    assert {state for (state,) in site.rows("SELECT state FROM reads")} <= {"final", "unread"}
    assert site.check_pictures() > len(stored) >= KILLS
    assert not site.lines("pictures missing")


def test_what_it_cannot_start_with_is_one_line(tmp_path):
    """A port in use, a data folder in use, and a database of a newer version: refused in words, with the exit code."""
    site, second = Site(tmp_path / "site"), Site(tmp_path / "second")
    absent = camera("absent", f"rtsp://127.0.0.1:{free_port()}/")
    site.configure(absent)
    with socket.create_server(("127.0.0.1", site.port)):
        code, said = site.refused()
        assert (code, said) == (
            2,
            f"web: port {site.port} on 127.0.0.1 is in use: choose another `port` in [web] or stop the other program",
        )
    with running(site):
        second.configure(absent, data=site.data)
        code, said = second.refused()
        assert code == 1
        assert said.startswith(f"data folder {site.data}: in use by another alpr (process {site.process.pid}): stop it")
        assert "\n" not in said
        assert site.stop() == 0
    with closing(sqlite3.connect(site.data / "alpr.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    code, said = site.refused()
    assert code == 1
    assert "written by a newer alpr (revision 9999" in said
    assert "\n" not in said


def write_still(path, text):
    """Put a picture into a folder as a program does that copies it there."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(cv2.imencode(".jpg", street(text))[1].tobytes())
    unfinished.rename(path)


def test_a_disk_that_fills_loses_nothing(tmp_path):
    """A full disk is one line, the process lives, and once there is space all of it is stored; read-only is refused."""
    texts = ["KLM4607", "BXD7042", "TRW3385", "HGV9316", "PNA2874", "CLY6053"]
    site, stills = Site(tmp_path / "site", web=False), tmp_path / "stills"
    stills.mkdir()
    with small_disk(tmp_path / "disk", "8m") as disk:
        site.configure(camera("drop", stills, settle=0.2, poll=0.2), data=disk / "data")
        with running(site):
            write_still(stills / "first.jpg", texts[0])
            wait_for(lambda: plates(site, "drop") == {texts[0]}, 15)
            ballast = fill(disk)
            for number, text in enumerate(texts[1:]):
                write_still(stills / f"{number}.jpg", text)
            error = site.until("nothing can be stored, trying again")["error"]
            assert "the disk is full: free some space" in error
            time.sleep(1)
            assert not site.ended()
            assert len(site.lines("nothing can be stored, trying again")) == 1
            ballast.unlink()
            site.until("storing again", within=40)
            wait_for(lambda: plates(site, "drop") == set(texts), 20)
            assert site.stop() == 0
        assert site.check_pictures() == len(texts)
        make_read_only(disk)
        code, said = site.refused()
        assert code == 1
        assert f"data folder {disk / 'data'}: lies on a read-only file system: mount it for writing" in said
        assert "\n" not in said


def test_a_watched_folder_over_a_restart(tmp_path):
    """Each still is read once, a broken one is in the ledger as failed, and a missing folder heals by itself."""
    site, stills = Site(tmp_path / "site", web=False), tmp_path / "stills"
    site.configure(camera("drop", stills, settle=0.2, poll=0.2))
    with running(site):
        assert "stills: " in site.until("camera_lost", camera="drop")["error"]
        stills.mkdir()
        write_still(stills / "a.jpg", "KLM4607")
        (stills / "broken.jpg").write_bytes(b"\xff\xd8 no picture at all")
        site.until("camera_back", camera="drop")
        wait_for(lambda: plates(site, "drop") == {"KLM4607"}, 15)
        site.until("still_failed", camera="drop")
        assert site.stop(signal.SIGKILL) == -signal.SIGKILL
    write_still(stills / "b.jpg", "BXD7042")
    with running(site):
        wait_for(lambda: plates(site, "drop") == {"KLM4607", "BXD7042"}, 15)
        time.sleep(1)  # time for a second look at what is known already
        assert site.stop() == 0
    assert site.rows("SELECT count(*) FROM reads") == [(2,)]
    ledger = dict(site.rows("SELECT CAST(path AS TEXT), status FROM stills"))
    assert ledger == {"a.jpg": "processed", "b.jpg": "processed", "broken.jpg": "failed"}
    assert site.check_pictures() == 2
