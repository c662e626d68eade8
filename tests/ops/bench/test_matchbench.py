"""The measurement of the lists, and what it must show."""

from __future__ import annotations

from alpr.ops.bench.match import measure


def test_ten_thousand_entries_cost_a_read_less_than_a_millisecond():
    """The middle one of 300 reads, on one core that others use as well."""
    timing = measure(10_000, 300)
    assert timing.entries == 10_000
    assert 0 < timing.p50 < 1.0
