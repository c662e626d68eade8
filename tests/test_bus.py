"""The in-process bus: each listener hears what it asked for, and a sleeping one holds up nobody."""

from __future__ import annotations

from alpr.bus import AlarmsChanged, Bus, DeliveriesChanged, Event, ListsChanged, RulesChanged


async def test_a_listener_hears_the_kinds_that_it_asked_for_in_order() -> None:
    """What it did not ask for does not even take room in its queue."""
    bus = Bus(depth=2)
    async with bus.listen(ListsChanged, RulesChanged) as queue, bus.listen(AlarmsChanged) as other:
        happened: tuple[Event, ...] = (ListsChanged(), AlarmsChanged(), DeliveriesChanged(), RulesChanged())
        for event in happened:
            bus.publish(event)
        assert [queue.get_nowait() for _ in range(queue.qsize())] == [ListsChanged(), RulesChanged()]
        assert other.get_nowait() == AlarmsChanged()
        assert other.empty()


async def test_a_sleeping_listener_loses_the_oldest_and_a_gone_one_is_forgotten() -> None:
    """Publishing never waits."""
    bus = Bus(depth=1)
    async with bus.listen(ListsChanged, RulesChanged) as queue:
        bus.publish(ListsChanged())
        bus.publish(RulesChanged())
        assert queue.get_nowait() == RulesChanged()
    bus.publish(ListsChanged())
    assert queue.empty()
