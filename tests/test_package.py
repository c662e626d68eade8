"""The package: built, installed into an empty environment, started outside of a checkout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest

from alpr import __version__

ROOT = Path(__file__).parents[1]
SHIPPED = ("templates", "static", "models", "alembic")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the source distribution, and the wheel from that alone."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, "sdist", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    build(folder / f"alpr-{__version__}", "wheel", folder)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Install the wheel into an empty environment; return its programs' folder.

    The dependencies are those of the environment that runs the tests, seen through a path file: nothing is downloaded,
    and the checkout, which is installed there in a way that path files of others do not follow, stays out of sight.
    """
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    (wheel,) = built.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin"


def run(*words, cwd=None):
    """Run a program as outside of any checkout; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ALPR"))}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(root, target, folder):
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=root)


def shipped_files():
    """List what the checkout has in the folders that are shipped."""
    return {
        path.relative_to(ROOT).as_posix()
        for name in SHIPPED
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    } | {"alpr.toml"}


def test_the_wheel_holds_all_that_is_shipped_and_no_tests(built):
    """Templates, static files, models, migrations and the manual lie inside the package."""
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    share = {name.removeprefix("alpr/_share/") for name in names if name.startswith("alpr/_share/")}
    assert share == shipped_files()
    assert all(name.startswith(("alpr/", f"alpr-{__version__}.dist-info/")) for name in names)
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "alpr").rglob("*.py")}
    assert sources <= names
    assert "alpr/locale/de.po" in names


def test_the_source_distribution_builds_and_tests_itself(built):
    """It has what the package is built from, and what `make` needs."""
    root = built / f"alpr-{__version__}"
    for name in (*shipped_files(), "pyproject.toml", "Makefile", "LICENSE", "README.md", "tests/test_package.py"):
        assert (root / name).is_file(), name
    assert list((root / "requirements").glob("*.txt"))


def test_the_installed_program_is_the_one_of_the_wheel(installed, tmp_path):
    """Started elsewhere it finds its own files and none of a checkout."""
    assert run(installed / "alpr", "--version", cwd=tmp_path) == f"alpr {__version__}\n"
    place = run(installed / "python", "-c", "import alpr; print(alpr.__file__)", cwd=tmp_path).strip()
    assert Path(place).is_relative_to(installed.parent)
    where = "from alpr.paths import shipped; print(shipped('models'))"
    assert Path(run(installed / "python", "-c", where, cwd=tmp_path).strip()).is_relative_to(installed.parent)


def test_the_installed_program_serves_its_pages(installed, tmp_path):
    """`alpr check` agrees, a token is made, `alpr run` answers with a page, a file and the API, and ends when told."""
    port = free_port()
    config = tmp_path / "alpr.toml"
    config.write_text(f'[web]\nport = {port}\n[store]\ndata = "data"\n')
    run(installed / "alpr", "check", "--config", config, cwd=tmp_path)
    secret = run(installed / "alpr", "token", "--config", config, "add", "test", cwd=tmp_path).strip()
    with (tmp_path / "log").open("w") as log:
        program = subprocess.Popen(
            [installed / "alpr", "run", "--config", config], cwd=tmp_path, stdout=log, stderr=log
        )
    try:
        wait_for(port, program, tmp_path / "log")
        status, page = fetch(port, "/login")
        assert status == 200
        sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert fetch(port, sheet)[0] == 200
        assert fetch(port, "/health") == (200, '{"status":"ok"}')
        status, answer = fetch(port, "/api/v1/reads", authorization=f"Bearer {secret}")
        assert (status, answer) == (200, '{"reads":[],"next":null}')
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0, (tmp_path / "log").read_text()
    finally:
        program.kill()
        program.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, program, log):
    """Wait until the program answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert program.poll() is None, log.read_text()
        try:
            fetch(port, "/health")
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def fetch(port, path, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
