"""The command line: lazy commands, one line for each error, the right exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from alpr import __version__
from alpr.cli import COMMANDS, Command, main
from alpr.errors import CameraError, ConfigError, StoreError

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


@pytest.fixture
def offering(monkeypatch):
    """Offer a command `fake` whose module is this one, and set what it does."""
    module = sys.modules[__name__]
    command = Command("fake", "pretend", __name__, lent=("alpr.errors:StoreError",))
    monkeypatch.setattr("alpr.cli.COMMANDS", (*COMMANDS, command))

    def offer(deed):
        monkeypatch.setattr(module, "fake_command", deed, raising=False)
        monkeypatch.setattr(module, "add_arguments", lambda parser: parser.add_argument("--x"), raising=False)

    return offer


def raising(error):
    """Make a command that ends with the error."""

    def deed(args, **lent):
        raise error

    return deed


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError("alpr.toml:1: bad", "alpr.toml:2: worse"), 2, "alpr.toml:1: bad\nalpr.toml:2: worse\n"),
        (CameraError("camera gate-in: refused (401)"), 1, "camera gate-in: refused (401)\n"),
        (ExceptionGroup("tasks", [ExceptionGroup("inner", [StoreError("disk: full")])]), 1, "disk: full\n"),
        (ExceptionGroup("tasks", [StoreError("a"), ConfigError("b")]), 2, "a\nb\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_are_one_line_each_and_an_exit_code(offering, capsys, error, code, said):
    """Whatever the user can be told is told without a traceback."""
    offering(raising(error))
    assert main(["fake"]) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("ours"), ExceptionGroup("tasks", [StoreError("a"), KeyError("b")])]
)
def test_our_own_bugs_are_not_hidden(offering, error):
    """An error that is no AlprError keeps its traceback, alone and in company."""
    offering(raising(error))
    with pytest.raises(type(error)):
        main(["fake"])


def test_a_command_gets_its_arguments_and_what_it_is_lent(offering):
    """What a module may not import comes from the command line's floor, by keyword."""
    seen = []
    offering(lambda args, **lent: seen.append((args, lent)) or 0)
    assert main(["fake", "--x", "1", "--config", "a.toml"]) == 0
    ((args, lent),) = seen
    assert isinstance(args, Namespace)
    assert (args.x, str(args.config), lent) == ("1", "a.toml", {"StoreError": StoreError})


@pytest.mark.parametrize("words", [[], ["nonsense"], ["check", "--nonsense"]])
def test_wrong_usage_ends_with_2(words, capsys):
    """Argparse's own exit code is the one that is documented."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: alpr" in capsys.readouterr().err


def test_version(capsys):
    """`alpr --version` names the product and its version."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"alpr {__version__}\n"


def test_check_imports_no_decoder_and_no_models(tmp_path):
    """`alpr check` answers fast because it loads neither PyAV, OpenCV nor ONNX Runtime."""
    (tmp_path / "alpr.toml").write_text("[web]\nenabled = false\n")
    script = (
        "import sys; from alpr.cli import main; code = main(['check'])\n"
        "print(code, [name for name in ('av', 'onnxruntime', 'cv2', 'litestar', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    """`alpr read … | head` ends quietly."""
    (tmp_path / "alpr.toml").write_text("[web]\nenabled = false\n")
    program = f"{sys.executable} -m alpr.cli check"
    done = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; (sleep 0.2; exec {program}) | true; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout.strip() == "1"
    assert done.stderr == ""


def test_run_refuses_a_faulty_configuration_before_it_starts_anything(tmp_path, capsys):
    """`alpr run` with a fault ends with 2 and the line of the fault."""
    path = tmp_path / "alpr.toml"
    path.write_text("[web]\nprot = 80\n")
    assert main(["run", "--config", str(path)]) == 2
    assert capsys.readouterr().err == f"{path}:2: web: unknown key `prot`, did you mean `port`?\n"
