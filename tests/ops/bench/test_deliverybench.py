"""A receiver that is down while deliveries wait, and then takes them: the measurement in small."""

from __future__ import annotations

from alpr.ops.bench.delivery import measure


async def test_what_waited_for_a_receiver_arrives_once_and_in_order(tmp_path):
    """Nothing is lost, nothing comes twice, nothing overtakes, and the page stays fast all the while."""
    timing = await measure(tmp_path / "data", 400, 1.0, calls=20)
    assert (timing.waiting, timing.lost, timing.twice, timing.overtook) == (400, 0, 0, 0)
    assert timing.page_ms_p95 < 500
    assert timing.call_ms_p50 < 500
