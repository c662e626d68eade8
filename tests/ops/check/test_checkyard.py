"""What `alpr check` says of lanes and containers."""

from __future__ import annotations

from alpr.config import Camera, Config, Portal, Rule
from alpr.ops.check.yard import yard_warnings, yard_words


def camera(name, **settings):
    return Camera(name=name, url=f"rtsp://192.0.2.1/{name}", **settings)


def test_lanes_in_words():
    """One line each."""
    config = Config(camera=[camera("front"), camera("left")], portal=[Portal(name="lane", cameras=["front", "left"])])
    assert yard_words(config) == ["portal lane: front, left, within 20 s"]
    assert list(yard_warnings(config)) == []


def test_what_is_probably_not_meant():
    """Containers that never come in, rules about containers that nobody reads, a lane without cameras."""
    stop = Rule(name="Stop", arrivals=["unexpected"], tag="stop")
    (warning,) = yard_warnings(Config(camera=[camera("front", reads=["container"])], rule=[stop]))
    assert warning.startswith("camera front: reads containers and has no direction")
    (warning,) = yard_warnings(Config(camera=[camera("front")], rule=[stop]))
    assert warning.startswith("rule Stop: asks for `arrivals`")
    (warning,) = yard_warnings(Config(portal=[Portal(name="lane")]))
    assert warning == "portal lane: names no cameras, so that it does nothing"
    both = [
        camera("in", reads=["plate", "container"], direction="in"),
        camera("off", reads=["container"], enabled=False),
    ]
    assert list(yard_warnings(Config(camera=both, rule=[stop]))) == []
