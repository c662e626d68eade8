"""What a real Mosquitto, and Home Assistant behind it, hears of a site."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.access import Decision, Message, Severity, Verdict
from alpr.bus import AlarmsChanged, Bus, ReadCommitted
from alpr.delivery.homeassistant import Host, discovery, object_id
from alpr.delivery.mqtt import Broker, MqttLink
from alpr.delivery.mqttsite import Announced, SiteTeller
from alpr.delivery.mqtttarget import MqttTarget
from alpr.delivery.outbox import Outbox
from alpr.delivery.topics import Topics
from alpr.domain import Reading, State, utc_now
from alpr.site.rules.alarms import NewAlarm
from alpr.status import CameraState, Status
from alpr.store import alarms, deliveries, hits, reads
from alpr.store.database import Database, open_database
from alpr.store.deliveries import DeliveryState
from alpr.store.images import Images
from alpr.store.reads import Evidence
from tests.delivery.mosquitto import ear, mosquitto
from tests.drawn_reads import NOON, make_read
from tests.fakes import until

EVIDENCE = Evidence("f.jpg", "0" * 64, 640, 360, "c.jpg", "0" * 64)
ALLOWED = Decision(Verdict.ALLOWED, "Staff: Meyer Logistics", opens=True)
HOST = Host("Depot", "alpr")


@dataclass
class Yard:
    """The parts of a site that are told of."""

    database: Database
    link: MqttLink
    bus: Bus = field(default_factory=Bus)
    status: Status = field(default_factory=Status)
    now = NOON + timedelta(hours=3)

    async def passes(self, number: int, state: State = State.FINAL, *, new: bool = True, text: str | None = None):
        """Let a read be stored and announced, as the recorder does."""
        read = make_read(number, state=state)
        if text is not None:
            read = replace(read, reading=Reading(text, 0.0))
        async with self.database.write() as connection:
            await reads.save(connection, read, EVIDENCE, [None] * len(read.looks), self.now)
            await hits.save(connection, read.id, ALLOWED)
        self.bus.publish(ReadCommitted(read, new, ALLOWED))
        return read


@pytest.fixture
async def broker(tmp_path):
    async with mosquitto(tmp_path) as started:
        yield started


@pytest.fixture
async def yard(broker, tmp_path) -> AsyncIterator[Yard]:
    database = await open_database(tmp_path / "data")
    link = MqttLink(
        Broker("127.0.0.1", broker.port, "", "", "alpr", None), Topics("alpr"), first_pause=0.02, longest_pause=0.1
    )
    made = Yard(database, link)
    made.status.camera("gate-in").change(CameraState.LIVE)
    made.status.camera("gate.out").change(CameraState.RECONNECTING, "camera gate.out: refused (401)")
    yield made
    await database.close()


@asynccontextmanager
async def telling(yard: Yard):
    """Run the teller until the context ends."""
    teller = SiteTeller(
        yard.link,
        Announced("homeassistant", HOST),
        bus=yard.bus,
        status=yard.status,
        database=yard.database,
        zone=ZoneInfo("UTC"),
        clock=lambda: yard.now,
    )
    running = asyncio.create_task(teller.run())
    try:
        yield teller
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_states_are_retained(yard, broker):
    """Whoever comes later finds how each camera is, its last plate and verdict, and how many reads there were today."""
    await yard.passes(1)
    await yard.passes(2)
    async with telling(yard):
        await asyncio.wait_for(yard.link.up.wait(), 10)
        async with ear(broker) as heard:
            await heard.until(lambda: heard.last.get("alpr/camera/gate.out/reads_today") == "0")
    assert {topic: heard.last[f"alpr/camera/{topic}"] for topic in ("gate-in/state", "gate.out/state")} == {
        "gate-in/state": "live",
        "gate.out/state": "reconnecting",
    }
    gate = {what: heard.last[f"alpr/camera/gate-in/{what}"] for what in ("plate", "verdict", "reads_today")}
    assert gate == {"plate": "AB00002", "verdict": "allowed", "reads_today": "2"}
    assert json.loads(heard.last["alpr/camera/gate-in/last"])["confidence"] == 0.9


async def test_a_read_is_told_as_it_happens_and_its_event_once(yard, broker):
    """The preview makes the event that automations run on; the final only brings the details up to date."""
    async with telling(yard), ear(broker) as heard:
        await heard.until(lambda: heard.last.get("alpr/camera/gate-in/reads_today") == "0")
        read = await yard.passes(7, State.PREVIEW)
        await yard.passes(7, State.FINAL, new=False)
        await heard.until(lambda: len(heard.of("alpr/read")) == 2)
        await yard.passes(8, State.UNREAD, text="")
        await heard.until(lambda: heard.last.get("alpr/camera/gate-in/plate") == "unread")
        await heard.until(lambda: len(heard.of("alpr/camera/gate-in/read")) == 2)
    first, second, _ = [json.loads(payload) for payload in heard.of("alpr/read")]
    assert [(one["new"], one["read"]["state"]) for one in (first, second)] == [(True, "preview"), (False, "final")]
    assert first["read"]["verdict"] == "allowed"
    event = json.loads(heard.of("alpr/camera/gate-in/read")[0])
    assert event == {"event_type": "allowed", "text": "AB00007", "id": read.id}
    assert heard.last["alpr/camera/gate-in/reads_today"] == "2"


async def test_cameras_that_change_come_and_go(yard, broker):
    """A new state is told at once, a new camera announced, and one that is gone taken back."""
    async with telling(yard), ear(broker) as heard:
        config = "homeassistant/sensor/alpr_gate-in_plate/config"
        await heard.until(lambda: config in heard.last and "alpr/camera/gate-in/state" in heard.last)
        yard.status.camera("gate-in").change(CameraState.STALLED)
        await heard.until(lambda: heard.last["alpr/camera/gate-in/state"] == "stalled")
        del yard.status.cameras["gate-in"]
        yard.status.camera("dock")
        await heard.until(lambda: heard.last[config] == "")
        await heard.until(lambda: heard.last.get("homeassistant/sensor/alpr_dock_plate/config", "") != "")


async def test_the_day_begins_anew(yard, broker):
    """At midnight the count of today starts from nothing."""
    await yard.passes(1)
    async with telling(yard), ear(broker) as heard:
        await heard.until(lambda: heard.last.get("alpr/camera/gate-in/reads_today") == "1")
        yard.now += timedelta(days=1)
        await heard.until(lambda: heard.last["alpr/camera/gate-in/reads_today"] == "0")


async def test_an_alarm_is_told_once(yard, broker):
    """Alarms are events, and their count is retained."""
    new = NewAlarm("disk", "", Severity.CRITICAL, "The disk is 93 % full", None, sound=False, escalate_at=None)
    async with telling(yard), ear(broker) as heard:
        await heard.until(lambda: heard.last.get("alpr/alarms") == "0")
        async with yard.database.write() as connection:
            assert await alarms.raise_alarm(connection, new, yard.now)
        yard.status.open_alarms = 1
        yard.bus.publish(AlarmsChanged())
        yard.bus.publish(AlarmsChanged())
        await heard.until(lambda: len(heard.of("alpr/alarms")) == 3)
    assert [json.loads(payload)["text"] for payload in heard.of("alpr/alarm")] == ["The disk is 93 % full"]
    assert heard.last["alpr/alarms"] == "1"


_REQUIRED = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
}
"""Keys that the documentation of Home Assistant's MQTT platforms calls required, apart from those of all."""


def test_discovery_carries_what_home_assistant_requires():
    """Key by key: component and object id in the topic; unique id, device, origin and availability in the payload."""
    cameras = ["gate-in", "gate.out"]
    entities = list(discovery("homeassistant", HOST, cameras, Topics("alpr")))
    ids = []
    for entity in entities:
        parts = re.fullmatch(r"homeassistant/([a-z_]+)/([A-Za-z0-9_-]+)/config", entity.topic)
        keys = json.loads(entity.payload)
        assert parts is not None
        assert parts[1] in _REQUIRED
        assert _REQUIRED[parts[1]] <= keys.keys()
        assert keys["unique_id"] == parts[2]
        assert keys["device"]["identifiers"]
        assert keys["device"]["name"]
        assert keys["origin"]["name"] == "alpr"
        assert (keys["availability_topic"], keys["payload_available"], keys["payload_not_available"]) == (
            "alpr/status",
            "online",
            "offline",
        )
        assert keys["name"]
        ids.append(keys["unique_id"])
    assert len(set(ids)) == len(ids) == 1 + 5 * len(cameras)


def test_entities_that_choose_from_a_list_name_every_choice():
    """An enum sensor and an event accept only values that were announced; an enum has no unit and no state class."""
    keys = {e.topic.split("/")[2]: json.loads(e.payload) for e in discovery("ha", HOST, ["gate"], Topics("alpr"))}
    every = [verdict.value for verdict in Verdict]
    verdict = keys["alpr_gate_verdict"]
    assert (verdict["device_class"], verdict["options"]) == ("enum", every)
    assert not {"state_class", "unit_of_measurement"} & verdict.keys()
    assert keys["alpr_gate_read"]["event_types"] == every
    assert keys["alpr_gate_plate"]["device"]["via_device"] in keys["alpr_alarms"]["device"]["identifiers"]


def test_ids_hold_allowed_characters_only_and_stay_apart():
    """Cameras whose names differ in a character that is not allowed are still two devices."""
    ids = [object_id("alpr", camera) for camera in ("gate.1", "gate_1", "gate-1")]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in ids)


async def test_deliveries_survive_a_broker_that_drops(yard, broker, tmp_path):
    """Messages of rules written while the broker is away arrive in order once it is back, with their keys."""
    outbox = Outbox(yard.database, Images(tmp_path / "images"), {"mqtt": MqttTarget(yard.link)})
    sending = asyncio.create_task(outbox.run())
    async with telling(yard):
        await asyncio.wait_for(yard.link.up.wait(), 10)
        await broker.stop()
        await until(lambda: bool(yard.status.mqtt_fault))
        async with yard.database.write() as connection:
            for number in range(20):
                message = Message(f"k{number}", "mqtt", f"no. {number}", "", {"event": "read"}, rule="night/watch")
                assert await deliveries.add(connection, message, utc_now())
        outbox.wake()
    await broker.start()
    async with ear(broker) as heard, telling(yard):
        await heard.until(lambda: len(heard.of("alpr/rule/night_watch")) == 20)
        await outbox.drain()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    assert len(await deliveries.page(yard.database, state=DeliveryState.SENT)) == 20
    told = [json.loads(payload) for payload in heard.of("alpr/rule/night_watch")]
    assert [(one["key"], one["subject"]) for one in told] == [(f"k{n}", f"no. {n}") for n in range(20)]
