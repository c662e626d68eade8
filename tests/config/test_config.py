"""The models of the configuration, and the manual `alpr.toml` against them."""

from __future__ import annotations

import re
import shutil
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import get_args, get_origin

import certifi
import pytest
from pydantic import SecretStr, ValidationError

from alpr.config import REGIONS, Camera, Config, Section, Site, Zone, region_code
from alpr.configfile import load_config
from alpr.paths import shipped
from alpr.recognizers.grammars import known_regions

MANUAL = shipped("alpr.toml")
EXAMPLES = {
    "alarm",
    "name",
    "url",
    "password_file",
    "secret_file",
    "token_file",
    "tls_ca",
    "models",
    "polygon",
    "id",
    "when",
}
"""Keys without a default: the manual shows an example."""


def uncommented(text):
    """Take the `# ` off every line that is configuration once it is gone."""
    setting = re.compile(r"# (\[\[?[a-z.]+\]\]?$|[a-z_]+ = )")
    return "\n".join(line[2:] if setting.match(line) else line for line in text.splitlines())


def section_of(annotation):
    """Return the model that a field holds, alone or in a list, or None."""
    inner = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    return inner if isinstance(inner, type) and issubclass(inner, Section) else None


def plain(value):
    """Return a default as TOML would hold it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def check_section(section, table, where):
    """Compare a table of the manual with the defaults of its model, tables inside included."""
    assert set(table) == set(section.model_fields), where
    for key, field in section.model_fields.items():
        if inner := section_of(field.annotation):
            value = table[key][0] if isinstance(table[key], list) else table[key]
            check_section(inner, value, f"{where}.{key}")
        elif key not in EXAMPLES or where == "alpr.toml.site":
            assert table[key] == plain(field.get_default(call_default_factory=True)), f"{where}.{key}"


def test_the_manual_shows_every_setting_with_its_default_and_nothing_else():
    """Every key of every model stands in the shipped alpr.toml, commented or not, with its right default."""
    check_section(Config, tomllib.loads(uncommented(MANUAL.read_text())), "alpr.toml")


def test_the_manual_as_shipped_is_the_default_configuration():
    """The shipped file changes nothing."""
    loaded = load_config(MANUAL, {})
    store = loaded.store.model_copy(update={"data": Path("data")})
    assert loaded.model_copy(update={"store": store}) == Config()


def test_the_examples_of_the_manual_are_right(tmp_path):
    """With all comments removed the manual still loads, but for the secret that it cannot hold."""
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    text = uncommented(MANUAL.read_text()).replace("/run/secrets/gate-in", str(secret))
    shutil.copy(certifi.where(), tmp_path / "ca.pem")
    path = tmp_path / "alpr.toml"
    path.write_text(text)
    config = load_config(path, {})
    assert [camera.name for camera in config.camera] == ["gate-in", "gate-out", "drop-box"]
    assert config.camera[0].password.get_secret_value() == "geheim"


def test_every_setting_of_the_manual_is_explained():
    """Every line that sets something carries a comment or stands right below one."""
    lines = uncommented(MANUAL.read_text().partition("# More examples:")[0]).splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if re.match(r"[a-z_]+ = ", line) and " # " not in line and not before.startswith("#")
    ]
    assert bare == []


def test_regions_are_those_with_plate_formats():
    """A region that can be configured has formats, and the other way round."""
    assert set(REGIONS) == set(known_regions())


@pytest.mark.parametrize(("text", "code"), [("eu", "eu"), ("US", "us"), (" De ", "de"), ("uk", "gb"), ("usa", "us")])
def test_region_code(text, code):
    """Case does not count, and the usual other names are understood."""
    assert region_code(text) == code


@pytest.mark.parametrize(
    ("text", "said"), [("germany", "`de`"), ("Europe", "`eu`"), ("brazl", "`br`"), ("zz", "known are eu, us")]
)
def test_unknown_region(text, said):
    """An unknown region is answered with the nearest code."""
    with pytest.raises(ValueError, match=re.escape(said)):
        region_code(text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Europe/Berln", "`Europe/Berlin`"),
        ("berlin", "`Europe/Berlin`"),
        ("new york", "`America/New_York`"),
        ("Europe", "write it like"),
        ("../etc/passwd", "unknown time zone"),
    ],
)
def test_unknown_time_zone(name, said):
    """An unknown time zone is answered with the nearest one."""
    with pytest.raises(ValidationError, match=re.escape(said)):
        Site(timezone=name)


def test_a_zone_needs_an_area():
    """Corners on one line make no zone."""
    with pytest.raises(ValidationError, match="no area"):
        Zone(polygon=[(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_finite(value):
    """`nan` and `inf` are numbers in TOML and no settings."""
    with pytest.raises(ValidationError):
        Camera(name="a", url="rtsp://h/x", fps=value)


def test_no_password_in_repr_or_errors():
    """A configuration can be printed, and its faults too."""
    assert "geheim" not in repr(Camera(name="a", url="rtsp://h/x", password=SecretStr("geheim")))
    with pytest.raises(ValidationError) as fault:
        Camera(name="a", url="rtsp://u:geheim#@h/x", fps=99)
    assert "geheim" not in str(fault.value)
