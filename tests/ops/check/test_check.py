"""`alpr check`: what would run, and what is suspicious."""

from __future__ import annotations

import json
import socket

import pytest

from alpr.access import ListKind
from alpr.cli import main
from alpr.configfile import load_config
from alpr.domain import utc_now
from alpr.ops.check.command import planned, unwritable, web_address
from alpr.store import lists
from alpr.store.database import open_database

CAMERA = '[[camera]]\nname = "gate-in"\nurl = "rtsp://admin:geheim@10.0.0.5/x"\n'


@pytest.fixture
def checked(tmp_path, capsys):
    """Check a configuration of this text; return exit code and standard output."""

    def check(text, *options):
        path = tmp_path / "alpr.toml"
        path.write_text("[web]\nenabled = false\n" + text if "[web]" not in text else text)
        path.chmod(0o600)
        code = main(["check", "--config", str(path), *options])
        return code, capsys.readouterr().out

    return check


def warnings(output):
    """Return the warnings of a report in JSON."""
    return json.loads(output)["warnings"]


def test_the_plan_in_words(checked, tmp_path):
    """Cameras with their addresses, zones, data folder and pages, no password."""
    code, output = checked(
        f'[site]\nname = "Yard"\nregions = ["eu"]\n{CAMERA}direction = "in"\n'
        "[[camera.zone]]\npolygon = [[0, 0], [1, 0], [1, 1]]\n"
        '[[camera]]\nname = "old"\nurl = "x.mp4"\nenabled = false\n'
    )
    assert code == 0
    assert "gate-in: rtsp://10.0.0.5/x, 10 fps, regions eu, direction in, 1 zone" in output
    assert "old: disabled" in output
    assert f"data      {tmp_path}/data" in output
    assert "pages     off" in output
    assert "geheim" not in output
    assert "warning" not in output


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("", "no camera is enabled"),
        (CAMERA, "no region is set"),
        ('[[camera]]\nname = "a"\nurl = "nope.mp4"', "nope.mp4 does not exist"),
        ('[[camera]]\nname = "a"\nurl = "rtsp://h/x"\npassword = "p"', "has a password and no username"),
        ('[[camera]]\nname = "a"\nurl = "snapshot+http://h/x"\npoll = 10', "is not longer than poll"),
        ('[recognition]\nmodels = "nothing"', "gate-detector.onnx is missing"),
        ('[store]\ndata = "alpr.toml"', "is a file, not a folder"),
        ('[web]\nhost = "0.0.0.0"', "without HTTPS"),
        ('[web]\nhost = "192.0.2.1"', "192.0.2.1:8080: Cannot assign requested address"),
    ],
)
def test_what_is_suspicious(checked, text, warning):
    """Each thing that would disappoint later is said now, and is no fault."""
    code, output = checked(text, "--json")
    assert code == 0
    assert any(warning in told for told in warnings(output)), warnings(output)


def test_a_port_in_use(checked):
    """The usual cause of a page that does not come: something else listens there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        _, output = checked(f"[web]\nport = {other.getsockname()[1]}", "--json")
    assert any("Address already in use: is alpr running already?" in told for told in warnings(output))


def test_passwords_that_every_user_may_read(checked, tmp_path, capsys):
    """A file with passwords should be for its owner only."""
    path = tmp_path / "alpr.toml"
    path.write_text(f'{CAMERA.replace("admin:geheim@", "")}username = "a"\npassword = "b"\n')
    path.chmod(0o644)
    main(["check", "--config", str(path), "--json"])
    assert any("chmod 600" in told for told in warnings(capsys.readouterr().out))


def test_faults_as_json(checked):
    """With --json the faults are an object too; the exit code is that of a wrong configuration."""
    code, output = checked(f"{CAMERA}fsp = 3", "--json")
    assert code == 2
    assert "did you mean `fps`" in json.loads(output)["faults"][0]


def test_unwritable(tmp_path):
    """A folder that does not exist yet is fine where its parent can be written to."""
    assert unwritable(tmp_path / "a" / "b") is None
    (tmp_path / "file").touch()
    assert "is a file" in unwritable(tmp_path / "file" / "data")


def test_web_address():
    """An IPv6 host is bracketed in a URL."""
    assert web_address("::1", 8080) == "http://[::1]:8080/"


async def test_rules_are_told_in_words_and_unknown_lists_are_found(tmp_path):
    """Lists live in the database: where there is one, a rule that names another list is warned of."""
    path = tmp_path / "alpr.toml"
    path.write_text('[[rule]]\nname = "Staff"\nlists = ["Stuff"]\nalarm = "info"\n')
    assert not [one for one in planned(path, load_config(path)).warnings if "list" in one]
    database = await open_database(tmp_path / "data")
    await lists.create(database, "Staff", ListKind.ALLOW, "bea", utc_now())
    plan = planned(path, load_config(path))
    await database.close()
    assert plan.rules == ["Staff: on Stuff -> info alarm"]
    assert "rule Staff: there is no list `Stuff`: did you mean `Staff`?" in plan.warnings


def test_a_line_in_the_place_of_a_direction(tmp_path, capsys):
    """The plan says that the line tells the direction, and warns where a direction stands beside it."""
    path = tmp_path / "alpr.toml"
    camera = '[[camera]]\nname = "lane"\nurl = "rtsp://10.0.0.5/x"\nline = [[0.0, 0.6], [1.0, 0.6]]\n'
    path.write_text(f'{camera}direction = "in"\n')
    main(["check", "--config", str(path)])
    output = capsys.readouterr().out
    assert "direction by its line" in output
    assert "camera lane: has a line, so that its direction is not asked" in output
