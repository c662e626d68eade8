"""Loading alpr.toml: every fault with its line, secrets from where they belong, paths made absolute."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alpr.configfile import config_path, load_config
from alpr.errors import ConfigError

CAMERA = '[[camera]]\nname = "gate-in"\nurl = "rtsp://10.0.0.5/x"\n'


@pytest.fixture
def write(tmp_path):
    """Write the text as alpr.toml and return its path."""

    def written(text):
        path = tmp_path / "alpr.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return written


def faults(path, environ=None):
    """Load the file, which must be refused, and return the faults without the path."""
    with pytest.raises(ConfigError) as refused:
        load_config(path, environ or {})
    assert all(fault.startswith(f"{path}:") for fault in refused.value.faults)
    return [fault.removeprefix(f"{path}:").strip() for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{CAMERA}fsp = 3", '4: camera[0] "gate-in": unknown key `fsp`, did you mean `fps`?'),
        (f'{CAMERA}fps = "ten"', '4: camera[0] "gate-in": `fps` must be a number, not the text "ten"'),
        (f'{CAMERA}fps = "10"', '`fps` must be a number, not the text "10": remove the quotes'),
        (f"{CAMERA}enabled = 1", "`enabled` must be true or false, not the number 1"),
        (f'{CAMERA}loop = "true"', 'true or false, not the text "true": remove the quotes'),
        (f"{CAMERA}min_plate_width = 3.5", "`min_plate_width` must be a whole number, not the number 3.5"),
        (f"{CAMERA}username = 2026-01-01", "`username` must be a text in quotes, not a date or time"),
        (f"{CAMERA}fps = 0", "`fps` must be more than 0, not 0"),
        (f"{CAMERA}fps = nan", "`fps` must be a finite number"),
        (
            f'{CAMERA}transport = "TCP"',
            '`transport` must be one of "tcp", "udp", not the text "TCP": did you mean "tcp"?',
        ),
        (f'{CAMERA}regions = "eu"', "`regions` must be an array, such as `[...]`, not the text"),
        (f'{CAMERA}regions = ["eu", "germany"]', "unknown region `germany`, did you mean `de`?"),
        (
            f'{CAMERA}reads = ["plates"]',
            '`reads[0]` must be one of "plate", "container", not the text "plates": did you mean "plate"?',
        ),
        (f"{CAMERA}reads = []", "`reads`"),
        (
            '[containers]\nowners = ["MSCU", "MAERSK"]',
            "`MAERSK` is no owner's code: write three letters, `MSC`, or four, `MSCU`",
        ),
        (f'{CAMERA}pattern = ""', "`pattern` must not be empty"),
        ('[[camera]]\nurl = "rtsp://h/x"', "1: camera[0]: `name` is missing"),
        ('[[camera]]\nname = "gate-in"', '1: camera[0] "gate-in": `url` is missing'),
        ('[[camera]]\nname = "my gate"\nurl = "x.mp4"', "`my gate` is no name for a camera"),
        ('[[camera]]\nname = "a"\nurl = "rstp://h/x"', "the url has the unknown scheme `rstp`, did you mean `rtsp`?"),
        (f"{CAMERA}[[camera.zone]]\npolygon = [[0, 0], [1, 2], [1, 1]]", "`polygon[1][1]` must be at most 1, not 2"),
        (f"{CAMERA}[[camera.zone]]\npolygon = [[0, 0], [1], [1, 1]]", "`polygon[1]` must be a point"),
        (
            f"{CAMERA}[[camera.zone]]\npolygon = [[0, 0], [1, 1]]",
            "zone[0]: `polygon` needs at least 3 entries and has 2",
        ),
        (f"{CAMERA}[[camera.zone]]\npolygon = [[0, 0], [1, 1], [0.5, 0.5]]", "no area"),
        (
            f"{CAMERA}[[camera.zones]]\npolygon = []",
            "unknown table `[[camera.zones]]`, did you mean `[[camera.zone]]`?",
        ),
        ("[[cameras]]\n", "1: unknown table `[[cameras]]`, did you mean `[[camera]]`?"),
        ("[recogniton]\naccept = 1", "1: unknown table `[recogniton]`, did you mean `[recognition]`?"),
        ('[camera]\nname = "a"', "1: `camera` is written with two brackets, once for each camera: `[[camera]]`"),
        ('[[web]]\nhost = "x"', "1: `web` stands once and has one bracket: `[web]`"),
        ("site = 3", "`site` must be a table, not the number 3"),
        ("[site]\nfps = 3", "2: site: unknown key `fps`, did you mean `fps` of `[[camera]]`?"),
        (f"{CAMERA}decoder_command = 'decode {{size}}'", "`decoder_command` cannot be filled in"),
        (f"{CAMERA}decoder_command = 'decode \"'", "quotes are closed"),
        ("session_hour = 3", "unknown key `session_hour`, did you mean `session_hours` of `[web]`?"),
        ("[log]\nxyzzy = 3", "unknown key `xyzzy`; known here are level, format"),
        ("[web]\nport = 99999", "`port` must be at most 65535, not 99999"),
        ('[site]\ntimezone = "Europe/Berln"', "unknown time zone `Europe/Berln`, did you mean `Europe/Berlin`?"),
        ("[recognition]\npreview = 0.3", "2: recognition: `preview` (0.3) is below `accept` (0.6)"),
        ("[recognition]\naccept = 0.95", "`preview` (0.9) is below `accept` (0.95)"),
        ("[recognition]\ntrack_gap = 30\npark_memory = 20", "`park_memory` (20) is below `track_gap` (30)"),
        (f'{CAMERA}password = "x"\npassword_file = "y"', "`password_file` and a password are both given"),
        (f'{CAMERA}password_file = "nope"', "nope cannot be read: No such file or directory"),
        (f'{CAMERA}password = "${{NOPE}}"', "`password` refers to the environment variable NOPE, which is not set"),
        (f"{CAMERA}password = 12345", "`password` must be a text in quotes"),
    ],
)
def test_each_fault_in_its_words(write, text, fault):
    """One fault gives one line: where, what, and what was probably meant."""
    told = faults(write(text))
    assert len(told) == 1, told
    assert fault in told[0]


def test_all_faults_at_once_in_the_order_of_the_file(write):
    """Everything that is wrong is told together, so that the admin edits once."""
    path = write(
        '[site]\ntimezone = "Nowhere"\n'
        f'{CAMERA}fsp = 1\nfps = "ten"\n'
        '[[camera]]\nname = "Gate-In"\nurl = "rtsp:///x"\n'
        "[recognition]\npreview = 0.1\nthreads = 0\n[[cameras]]\n"
    )
    assert [fault.split(":")[0] for fault in faults(path)] == ["2", "6", "7", "9", "10", "12", "13", "14"]


def test_duplicate_names_are_told_with_both_lines(write):
    """Two cameras that differ in case only would share a folder."""
    told = faults(write(f'{CAMERA}\n[[camera]]\nname = "Gate-In"\nurl = "x.mp4"'))
    assert len(told) == 1
    assert told[0].startswith('6: camera[1] "Gate-In": the name is taken by the camera in line 2 (upper and lower')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\nname = gate", "2: this is not TOML: Invalid value: a text needs quotes"),
        ('[site]\nname = "C:\\gate"', "2: this is not TOML: Unescaped"),
        ("[site]\n[site]", "2: this is not TOML: Cannot declare"),
        ("[site]\nname = 'a'\nname = 'b'", "the key stands twice"),
        ("[site]\nname", "2: this is not TOML: "),
        ("[site]\nregions = [\n'eu'\n", "3: this is not TOML: "),
        (b"a = 1\nb = '\xff'", "byte 11 is not UTF-8"),
        ("a = " + "[" * 5000, "nested too deep"),
    ],
)
def test_syntax_is_told_with_its_line(write, text, said):
    """What is no TOML at all is told in one line."""
    told = faults(write(text))
    assert len(told) == 1
    assert said in told[0]


def test_a_file_from_a_text_editor_of_windows_loads(write):
    """A byte order mark and CRLF harm nothing."""
    assert load_config(write(b"\xef\xbb\xbf[site]\r\nname = 'Yard'\r\n"), {}).site.name == "Yard"


def test_a_missing_file_says_how_to_begin(tmp_path):
    """No file: the message carries the command that makes one."""
    told = faults(tmp_path / "alpr.toml")
    assert "no such file" in told[0]
    assert "cp " in told[0]


def test_a_folder_is_no_file(tmp_path):
    """A path that cannot be read is told in the system's words."""
    assert "Is a directory" in faults(tmp_path)[0]


@pytest.mark.parametrize(
    ("camera", "environ", "expected"),
    [
        ('url = "rtsp://admin:p%40ss@10.0.0.5/x"', {}, ("admin", "p@ss")),
        ('url = "rtsp://admin@10.0.0.5/x"\npassword = "pw"', {}, ("admin", "pw")),
        ('url = "rtsp://10.0.0.5/x"\nusername = "a"\npassword = "${PW}"', {"PW": "geheim"}, ("a", "geheim")),
        ('url = "rtsp://a:${PW}@10.0.0.5/x"', {"PW": "ge/#heim"}, ("a", "ge/#heim")),
        ('url = "rtsp://10.0.0.5/x"\nusername = "a"\npassword_file = "secret"', {}, ("a", "from file")),
        (
            'url = "rtsp://10.0.0.5/x"\nusername = "a"\npassword = "old"',
            {"ALPR_CAMERA_GATE_IN_PASSWORD": "new"},
            ("a", "new"),
        ),
    ],
)
def test_where_a_password_may_come_from(write, tmp_path, camera, environ, expected):
    """From the URL, the key, a reference, a file or the environment; the URL comes out without it."""
    (tmp_path / "secret").write_text("from file\n")
    (loaded,) = load_config(write(f'[[camera]]\nname = "gate-in"\n{camera}'), environ).camera
    assert (loaded.username, loaded.password.get_secret_value()) == expected
    assert loaded.url == "rtsp://10.0.0.5/x"
    assert expected[1] not in repr(loaded)


def test_no_fault_shows_a_password(write, tmp_path):
    """Whatever is wrong around a password, the messages do not carry it."""
    (tmp_path / "secret").write_text("geheim\ngeheim\n")
    told = faults(
        write(
            '[[camera]]\nname = "a"\nurl = "rtsp://u:geheim#x@h/x"\n'
            '[[camera]]\nname = "b"\nurl = "rtps://u:geheim@h/x"\n'
            '[[camera]]\nname = "c"\nurl = "rtsp://u:geheim@h/x"\npassword = "geheim2"\n'
            '[[camera]]\nname = "d"\nurl = "rtsp://h/x"\npassword = ["geheim"]\n'
            '[[camera]]\nname = "e"\nurl = "rtsp://h/x"\npassword_file = "secret"\n'
        )
    )
    assert len(told) == 5
    assert "geheim" not in "".join(told)


def test_relative_paths_are_taken_from_the_folder_of_the_file(write, tmp_path):
    """Where the process was started does not matter."""
    config = load_config(
        write(
            '[recognition]\nmodels = "m"\n'
            '[[camera]]\nname = "a"\nurl = "clips/gate 1.mp4"\n'
            '[[camera]]\nname = "b"\nurl = "folder:stills"\n'
            '[[camera]]\nname = "c"\nurl = "file:///srv/x.mp4"\n'
        ),
        {},
    )
    assert config.store.data == tmp_path / "data"
    assert config.recognition.models == tmp_path / "m"
    assert [camera.url for camera in config.camera] == [
        f"{tmp_path}/clips/gate 1.mp4",
        f"folder://{tmp_path}/stills",
        "file:///srv/x.mp4",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_password_file_is_a_fault(write, tmp_path):
    """A secret of another user is told as such."""
    (tmp_path / "secret").touch(mode=0)
    assert "Permission denied" in faults(write(f'{CAMERA}password_file = "secret"'))[0]


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        (Path("x.toml"), {"ALPR_CONFIG": "y.toml"}, "x.toml"),
        (None, {"ALPR_CONFIG": "y.toml"}, "y.toml"),
        (None, {}, "alpr.toml"),
    ],
)
def test_which_file(option, environ, expected):
    """The option wins over the environment, which wins over the current folder."""
    assert config_path(option, environ) == Path(expected)
