"""Activity events over a real Mosquitto: stored before they are acknowledged, answered one by one."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import aiomqtt
import pytest

from alpr.activity import FactoryPlan
from alpr.bus import ActivityCommitted, Bus
from alpr.delivery.activityear import ActivityEar
from alpr.delivery.mqtt import Broker, MqttLink
from alpr.delivery.topics import Topics
from alpr.domain import utc_now
from alpr.errors import StoreError
from alpr.intake.activity import Intake
from alpr.site.factory.floor import Floor
from alpr.store import activitysources
from alpr.store.database import open_database
from tests.delivery.mosquitto import ear, mosquitto
from tests.site.drawn_floor import BERLIN


@dataclass
class Listener:
    """An ear that can be made to fail, as when the process is killed before it has stored a message."""

    inner: ActivityEar
    broken: bool = False
    heard: int = 0
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, sender: str, payload: bytes) -> str:
        self.heard += 1
        if self.broken:
            self.waiting.set()
            await asyncio.Event().wait()
        return await self.inner.hear(sender, payload)


@pytest.fixture
async def broker(tmp_path):
    async with mosquitto(tmp_path) as started:
        yield started


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


def listener(database, bus=None):
    floor = Floor(FactoryPlan(BERLIN))
    return Listener(ActivityEar(Intake(database, bus or Bus(), floor), floor))


@asynccontextmanager
async def listening(broker, hears):
    """Keep a link up that hears, until the context ends."""
    link = MqttLink(
        Broker("127.0.0.1", broker.port, "", "", "alpr", None),
        Topics("alpr"),
        ear=hears,
        first_pause=0.02,
        longest_pause=0.1,
    )

    async def greet():
        pass

    running = asyncio.create_task(link.run(greet))
    await asyncio.wait_for(link.up.wait(), 10)
    try:
        yield link
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def event(number: int, **other):
    at = (utc_now() - timedelta(seconds=number)).isoformat()
    return {"timestamp": at, "worker": "W1", "station": "S1", "type": "working", "confidence": 0.9} | other


async def stored(database):
    return {one.name: (one.events, one.refused) for one in await activitysources.everyone(database)}


async def test_events_are_stored_and_answered(broker, database):
    """A message with one event, a list or JSON Lines; what is refused is told with its place and field."""
    bus = Bus()
    async with listening(broker, listener(database, bus)), ear(broker) as heard, bus.listen(ActivityCommitted) as news:
        async with aiomqtt.Client("127.0.0.1", broker.port) as camera:
            await asyncio.sleep(0)
            await camera.publish("alpr/activity/events", json.dumps(event(1, id="a")), qos=1)
            lines = [json.dumps(event(2)), "{broken", json.dumps(event(3, type="asleep"))]
            await camera.publish("alpr/activity/events/hall-2", "\n".join(lines), qos=1)
            await camera.publish("alpr/activity/events", json.dumps([event(4), event(5)]), qos=2)
            await camera.publish("alpr/activity/events", b"\xff\xfe", qos=1)
        await heard.until(lambda: len(heard.of("alpr/activity/answers")) == 4)
    answers = [json.loads(one) for one in heard.of("alpr/activity/answers")]
    assert [(one["sender"], one["accepted"], one["refused"]) for one in answers] == [
        ("", 1, 0),
        ("hall-2", 1, 2),
        ("", 2, 0),
        ("", 0, 1),
    ]
    assert answers[0]["ids"] == ["a"]
    assert [(one["position"], one["field"]) for one in answers[1]["faults"]] == [(2, ""), (3, "type")]
    assert await stored(database) == {"mqtt": (3, 1), "mqtt/hall-2": (1, 2)}
    assert news.get_nowait() == ActivityCommitted(frozenset({"W1"}), frozenset({"S1"}), 1)


async def test_what_was_not_stored_comes_again(broker, database):
    """The broker keeps what was not acknowledged, and what was sent while nobody was there."""
    broken = listener(database)
    broken.broken = True
    async with listening(broker, broken), aiomqtt.Client("127.0.0.1", broker.port) as camera:
        for number in range(10):
            await camera.publish("alpr/activity/events", json.dumps(event(number, id=f"n{number}")), qos=1)
        await asyncio.wait_for(broken.waiting.wait(), 10)
    assert await stored(database) == {}
    async with aiomqtt.Client("127.0.0.1", broker.port) as camera:
        await camera.publish("alpr/activity/events", json.dumps(event(20, id="away")), qos=1)
    async with ear(broker) as heard, listening(broker, listener(database)):
        await heard.until(lambda: len(heard.of("alpr/activity/answers")) == 11)
    assert await stored(database) == {"mqtt": (11, 0)}


async def test_a_disk_that_refuses_is_waited_for(database):
    """A message is kept until it can be stored."""
    floor = Floor(FactoryPlan(BERLIN))
    intake = Intake(database, Bus(), floor)

    class Stubborn:
        refusals = 1

        async def take(self, items, source):
            if self.refusals:
                self.refusals -= 1
                raise StoreError("database: the disk is full: free some space")
            return await intake.take(items, source)

    hears = ActivityEar(Stubborn(), floor, again=0.01)
    assert json.loads(await hears.hear("", json.dumps(event(1)).encode()))["accepted"] == 1


async def test_the_factory_that_is_off_says_so(database):
    """Whoever sends all the same is told why nothing is taken."""
    floor = Floor()
    hears = ActivityEar(Intake(database, Bus(), floor), floor)
    assert not hears.listens
    answer = json.loads(await hears.hear("", json.dumps(event(1)).encode()))
    assert "set `enabled = true` in [factory]" in answer["faults"][0]["reason"]
