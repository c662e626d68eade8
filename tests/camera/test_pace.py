"""Thinning to a rate, and playing at the speed of filming."""

from __future__ import annotations

import pytest

from alpr.camera.pace import Pacing, Thinning


@pytest.mark.parametrize(
    ("camera", "wanted", "expected"),
    [(25, 10, 10.0), (30, 10, 10.0), (10, 10, 10.0), (10, 25, 10.0), (12.5, 10, 10.0), (25, 60, 25.0), (50, 1, 1.0)],
)
def test_thinning_gives_the_wanted_rate(camera, wanted, expected):
    """Over a minute, the chosen pictures come to the wanted rate, or to all when there are fewer."""
    thinning = Thinning(wanted)
    chosen = sum(thinning.admits(index / camera) for index in range(60 * int(camera)))
    assert chosen / (60 * int(camera) / camera) == pytest.approx(expected, rel=0.03)


def test_a_jittering_camera_at_the_wanted_rate_is_not_halved():
    """A camera that sends ten pictures a second, some 20 ms early, keeps all of them."""
    thinning = Thinning(10)
    assert all(thinning.admits(index / 10 - 0.02 * (index % 2)) for index in range(100))


def test_thinning_survives_a_clock_that_goes_back():
    """After a jump back of an hour the next picture is admitted at once."""
    thinning = Thinning(10)
    assert thinning.admits(3600.0)
    assert thinning.admits(0.0)
    assert not thinning.admits(0.04)


def test_pacing_waits_for_stream_time():
    """Pictures that are read at once are spread as they were filmed."""
    pacing = Pacing()
    assert [pacing.wait(time, 100.0) for time in (5.0, 5.04, 5.2)] == pytest.approx([0.0, 0.04, 0.2])


def test_pacing_forgives_gaps_and_being_late():
    """A gap of an hour waits two seconds; after a standstill of ten seconds nothing is hurried."""
    pacing = Pacing()
    pacing.wait(0.0, 100.0)
    assert pacing.wait(3600.0, 100.0) == pytest.approx(2.0)
    assert pacing.wait(3600.04, 102.0) == pytest.approx(0.04)
    assert pacing.wait(3600.08, 112.0) == 0.0
    assert pacing.wait(3600.12, 112.0) == pytest.approx(0.04)
