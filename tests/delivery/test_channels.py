"""Barriers and the broker as the configuration has them: after a restart, and when it changes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr import config as settings
from alpr.barrier.gates import Order
from alpr.bus import Bus
from alpr.delivery.channels import Channels
from alpr.domain import utc_now
from alpr.errors import DeliveryError
from alpr.status import Status
from alpr.store import audit
from alpr.store.database import open_database
from tests.delivery.mosquitto import ear, mosquitto
from tests.fakes import until

ZONE = ZoneInfo("UTC")
ANNA = Order("anna", "by hand", "read-1")
OFF = settings.Mqtt()


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


@asynccontextmanager
async def running(channels):
    task = asyncio.create_task(channels.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def broker_at(port: int) -> settings.Mqtt:
    return settings.Mqtt(enabled=True, port=port, client_id=f"box-{port}")


def over_mqtt(**changes) -> settings.Barrier:
    values = {"name": "main", "kind": "mqtt", "topic": "yard/gate", "pulse": 0.05, "cameras": ["gate-in"]}
    return settings.Barrier(**(values | changes))


async def test_a_barrier_over_mqtt(tmp_path, database):
    """Let go at the start as soon as there is a broker, one pulse for each order, and let go at the end."""
    channels = Channels(database, Bus(), Status())
    async with mosquitto(tmp_path) as broker, ear(broker) as heard:
        async with running(channels):
            await channels.load([over_mqtt()], broker_at(broker.port), "Yard", ZONE)
            await heard.until(lambda: heard.of("yard/gate") == [b"off"])
            assert await channels.barriers.get("main").open(ANNA)
            await heard.until(lambda: heard.of("yard/gate") == [b"off", b"on", b"off"])
        await heard.until(lambda: heard.of("yard/gate") == [b"off", b"on", b"off", b"off"])
        await heard.until(lambda: heard.of("alpr/status")[-1] == b"offline")
    (entry,) = await audit.latest(database)
    assert (entry.actor, entry.action, entry.subject) == ("anna", "open barrier", "main")
    assert entry.detail == "by hand; read read-1"


async def test_a_new_configuration_goes_to_the_new_broker(tmp_path, database):
    """Barriers and links of before are given up; targets carry the names that rules use."""
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    channels = Channels(database, Bus(), Status())
    async with mosquitto(first) as old, mosquitto(second) as new, running(channels):
        await channels.load([over_mqtt()], broker_at(old.port), "Yard", ZONE)
        target = channels.targets()["mqtt"]
        await channels.load([over_mqtt(), over_mqtt(name="side")], broker_at(old.port), "Yard", ZONE)
        assert channels.targets()["mqtt"] is target, "what did not change stays"
        await channels.load([over_mqtt(name="side", enabled=False)], broker_at(new.port), "Yard", ZONE)
        async with ear(old) as heard:
            await heard.until(lambda: heard.last.get("alpr/status") == "offline")
        async with ear(new) as heard:
            await heard.until(lambda: heard.last.get("alpr/status") == "online")
        assert set(channels.targets()) == {"mqtt"}
        await channels.load([], OFF, "Yard", ZONE)
        assert channels.targets() == {}


async def test_an_order_told_again_after_a_kill_opens_once(database):
    """The audit log remembers the opening of the run before, so the order that it could not note opens nothing."""
    opened_at = utc_now() - timedelta(seconds=3)
    await audit.record(database, audit.Entry(opened_at, "rule staff", "open barrier", "main"))
    channels = Channels(database, Bus(), Status())
    await channels.load([over_mqtt(repeat_after=10.0)], OFF, "Yard", ZONE)
    barrier = channels.barriers.get("main")
    assert (barrier.record.opened_at, barrier.record.opened_by) == (opened_at, "rule staff")
    assert not await barrier.open(ANNA)
    await channels.barriers.close()


async def test_without_a_broker_the_order_says_so(database):
    """A barrier over MQTT with the broker switched off is a fault in words."""
    channels = Channels(database, Bus(), Status())
    await channels.load([over_mqtt()], OFF, "Yard", ZONE)
    barrier = channels.barriers.get("main")
    with pytest.raises(DeliveryError, match="mqtt: is off"):
        await barrier.open(ANNA)
    await until(lambda: bool(barrier.record.stuck))
    await channels.barriers.close()
