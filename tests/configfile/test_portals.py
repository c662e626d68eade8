"""Portals of the configuration: each camera at one of them, and known."""

from __future__ import annotations

import pytest

from alpr.configfile import load_config
from alpr.errors import ConfigError

CAMERAS = "".join(f'[[camera]]\nname = "{name}"\nurl = "rtsp://192.0.2.1/{name}"\n' for name in ("front", "left"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('name = "a"\ncameras = ["fron"]\n', "`cameras` names `fron`, which is no camera: did you mean `front`?"),
        ('name = "a"\ncameras = ["front", "front"]\n', "`front` stands at the portal `a` already"),
        ('name = "a"\ncameras = ["front"]\nrear = ["left"]\n', "`rear` names `left`, which is not among"),
        ('name = "a"\n[[portal]]\nname = "A"\n', "a portal is called `A` already"),
        ('name = "a"\nseconds = 0\n', "`seconds` must be more than 0"),
    ],
)
def test_each_fault_in_its_words(tmp_path, text, fault):
    """One fault gives one line."""
    path = tmp_path / "alpr.toml"
    path.write_text(f"{CAMERAS}[[portal]]\n{text}")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    (told,) = caught.value.faults
    assert fault in told


def test_a_portal_and_its_yard(tmp_path):
    """Rates are tables of their own."""
    path = tmp_path / "alpr.toml"
    portal = '[[portal]]\nname = "lane"\ncameras = ["front", "left"]\nrear = ["left"]\n'
    path.write_text(f"{CAMERAS}{portal}[yard]\nfree_days = 3\n[[yard.rate]]\nfeet = 40\nafter = 3\nper_day = 12.5\n")
    config = load_config(path, {})
    assert (config.portal[0].rear, config.yard.free_days, config.yard.rate[0].per_day) == (["left"], 3, 12.5)
