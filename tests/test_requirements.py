"""What is pinned: for running, and for testing."""

from __future__ import annotations

from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements"


def test_what_runs_is_what_is_tested():
    """Every pin of the smaller list, its hashes included, stands in the larger one; tools of the tests do not run."""
    running, tested = ((REQUIREMENTS / name).read_text().splitlines() for name in ("cpu.txt", "cpu-test.txt"))
    assert set(running) < set(tested)
    names = {line.partition("==")[0] for line in running}
    assert {"onnxruntime", "litestar", "editables"} <= names
    assert not names & {"pytest", "playwright", "mypy", "ruff"}
