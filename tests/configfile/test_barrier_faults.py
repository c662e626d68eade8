"""Barriers, the broker and phone notifications in the configuration: what is wrong is told in its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from alpr.configfile import load_config
from alpr.errors import ConfigError

CAMERAS = '[[camera]]\nname = "gate-in"\nurl = "rtsp://h/x"\n'
BARRIER = '[[barrier]]\nname = "main"\nurl = "http://10.0.0.9/on"\n'


@pytest.fixture
def write(tmp_path):
    def do(text: str) -> Path:
        path = tmp_path / "alpr.toml"
        path.write_text(text)
        return path

    return do


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[barrier]]\nname = "main"', '1: barrier[0] "main": a barrier of the kind "http" needs `url`'),
        ('[[barrier]]\nname = "main"\nkind = "modbus"', 'a barrier of the kind "modbus" needs `host`'),
        (f'{BARRIER}kind = "relay"', '`kind` must be one of "http", "mqtt", "gpio", "modbus", not the text "relay"'),
        (f'{BARRIER}kind = "mqt"', 'did you mean "mqtt"?'),
        (
            '[[barrier]]\nname = "m"\nkind = "mqtt"\ntopic = "yard/#"\n[mqtt]\nenabled = true',
            "the topic `yard/#` holds `+` or `#`",
        ),
        (
            '[[barrier]]\nname = "m"\nkind = "mqtt"\ntopic = "yard/gate"',
            '3: barrier[0] "m": this barrier is opened over MQTT and [mqtt] is off: set `enabled = true` in [mqtt]',
        ),
        (f"{BARRIER}pulse = 99", "`pulse` must be at most 30, not 99"),
        (f"{BARRIER}puls = 1", "unknown key `puls`, did you mean `pulse`?"),
        (
            f'{CAMERAS}{BARRIER}cameras = ["gate-in", "gate_in"]',
            "`cameras` names `gate_in`, which is no camera: did you",
        ),
        (f'{BARRIER}cameras = ["gate-in"]', "which is no camera: known are none yet"),
        (f'{BARRIER}\n[[barrier]]\nname = "Main"\nurl = "http://h/x"', "a barrier is called `Main` already"),
        ('[[barrier]]\nname = "main"\nurl = "10.0.0.9/on"', "the url must begin with `http://` or `https://`"),
        (
            '[[barrier]]\nname = "main"\nurl = "http://u:geheim@h/on"',
            "the url holds a user name: write it as `username`",
        ),
        (f'{BARRIER}[barrier.interlock]\nkind = "http"', 'an interlock of the kind "http" needs `url`'),
        (f'{BARRIER}[barrier.interlock]\nkind = "gpio"\nfree = "yes"', '`free` must be "0" or "1" for the kind "gpio"'),
        (f'{BARRIER}password = "${{NOPE}}"', "the environment variable NOPE, which is not set"),
        ('[mqtt]\nenabled = true\ntls_ca = "ca.pem"', "`tls_ca` is given and `tls` is false"),
        ('[mqtt]\nprefix = "a/+"', "the topic `a/+` holds `+` or `#`"),
        ('[mqtt]\npassword_file = "nope"', "nope cannot be read"),
        ('[push]\ncontact = "admin@example.org"', '`contact` is "mailto:…" with an address or "https://…"'),
        ('[push]\nservices = ["https://push.example.org"]', "is no host of a push service: write its name alone"),
    ],
)
def test_each_fault_in_its_words(write, text, fault):
    """One fault gives one line, and no line shows a password."""
    with pytest.raises(ConfigError) as told:
        load_config(write(text), {})
    assert len(told.value.faults) == 1, told.value.faults
    assert fault in told.value.faults[0]
    assert "geheim" not in str(told.value)


def test_where_passwords_come_from(write, tmp_path):
    """Of barriers and the broker as of cameras: a reference, a file, or a variable of their own."""
    (tmp_path / "secret").write_text("from file\n")
    path = write(
        f'{BARRIER}password = "${{GATE}}"\n'
        '[[barrier]]\nname = "side-door"\nurl = "http://h/x"\n'
        '[mqtt]\nusername = "gate"\npassword_file = "secret"\n'
    )
    environ = {"GATE": "one", "ALPR_BARRIER_SIDE_DOOR_PASSWORD": "two"}
    loaded = load_config(path, environ)
    assert [one.password.get_secret_value() for one in loaded.barrier] == ["one", "two"]
    assert loaded.mqtt.password.get_secret_value() == "from file"
    assert load_config(path, {**environ, "ALPR_MQTT_PASSWORD": "three"}).mqtt.password.get_secret_value() == "three"
