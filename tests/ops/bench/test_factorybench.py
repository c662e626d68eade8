"""The measurement of the factory: events are sent and figures asked for."""

from __future__ import annotations

import sys

from alpr.ops.bench import factory as factorybench


def test_sending_and_asking_are_measured(monkeypatch, capsys):
    """A second of events over HTTP, and two days of work that are asked for."""
    words = ["factorybench", "--seconds", "1", "--rate", "300", "--days", "2", "--share", "0.02"]
    monkeypatch.setattr(sys, "argv", words)
    assert factorybench.main() == 0
    told = capsys.readouterr().out
    assert "events in" in told
    assert all(f"\n{name} " in told for name in ("figures of a month", "trend of a year, days", "timeline of a day"))
