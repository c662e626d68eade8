"""What an MQTT broker hears of the site: cameras, reads and alarms, as they are and as they happen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alpr.access import Decision, Json, Verdict
from alpr.bus import AlarmsChanged, Bus, ReadCommitted
from alpr.delivery.homeassistant import Host, discovery
from alpr.delivery.mqtt import MqttLink
from alpr.domain import Read, utc_now
from alpr.errors import DeliveryError, StoreError
from alpr.site.rules.facts import read_facts
from alpr.status import CameraState, Status
from alpr.store import alarms, reads, statistics
from alpr.store.database import Database
from alpr.store.reads import ReadQuery

_LOOK_EVERY: Final = 1.0
_UNREAD: Final = "unread"
_MOST_ALARMS: Final = 20
"""New ones told at once; a flood of them is seen on the page."""


@dataclass(frozen=True, slots=True)
class Announced:
    """How Home Assistant is told what there is; an empty prefix tells nothing."""

    prefix: str
    host: Host

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.prefix}/status" if self.prefix else ""


@dataclass(slots=True)
class _Told:
    """What the broker has heard last."""

    cameras: dict[str, CameraState] = field(default_factory=dict)
    entities: set[str] = field(default_factory=set)
    day: date | None = None
    counts: dict[str, int] = field(default_factory=dict)
    last_alarm: int = 0


class SiteTeller:
    """Tells one link about the site. What cannot be told now is told when the link is back, as it is then."""

    def __init__(
        self,
        link: MqttLink,
        announced: Announced,
        *,
        bus: Bus,
        status: Status,
        database: Database,
        zone: ZoneInfo,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._link, self._topics, self._announced = link, link.topics, announced
        self._bus, self._status, self._database, self._zone, self._clock = bus, status, database, zone, clock
        self._told = _Told()

    async def run(self) -> None:
        """Tell of everything until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._link.run(self.greet, self._announced.birth), name="mqtt link")
                tasks.create_task(self._follow(), name="mqtt events")
                tasks.create_task(self._watch(), name="mqtt states")
        finally:
            self._status.mqtt_fault = ""

    async def greet(self) -> None:
        """Tell all that is retained, of every camera; raises DeliveryError when the link goes meanwhile."""
        cameras = list(self._status.cameras)
        self._told.cameras.clear()
        try:
            await self._count_anew()
            await self._announce(cameras)
            await self._link.publish(self._topics.alarms, str(self._status.open_alarms), retain=True)
            for camera in cameras:
                await self._tell_state(camera)
                await self._tell_count(camera)
                found = await reads.page(self._database, ReadQuery(camera=camera, limit=1))
                for stored in found:
                    verdict = stored.verdict or Verdict.UNKNOWN
                    await self._tell_last(stored.read, Decision(verdict, stored.verdict_reason))
        except StoreError:
            return  # the recorder says so; the states come with the next read

    async def _announce(self, cameras: list[str]) -> None:
        if not self._announced.prefix:
            return
        entities = list(discovery(self._announced.prefix, self._announced.host, cameras, self._topics))
        for gone in self._told.entities - {entity.topic for entity in entities}:
            await self._link.publish(gone, "", retain=True)
        for entity in entities:
            await self._link.publish(entity.topic, entity.payload, retain=True)
        self._told.entities = {entity.topic for entity in entities}

    async def _follow(self) -> None:
        async with self._bus.listen(ReadCommitted, AlarmsChanged) as queue:
            with suppress(StoreError):  # the next alarm then brings the last ones with it
                newest = await alarms.page(self._database, limit=1)
                self._told.last_alarm = newest[0].id if newest else 0
            while True:
                event = await queue.get()
                try:
                    if isinstance(event, ReadCommitted):
                        await self._tell_read(event)
                    else:
                        await self._tell_alarms()
                except (DeliveryError, StoreError):
                    continue  # the link says so, and greets when it is back

    async def _tell_read(self, event: ReadCommitted) -> None:
        read, decision = event.read, event.decision or Decision(Verdict.UNKNOWN, "")
        if event.new:
            self._told.counts[read.camera] = self._told.counts.get(read.camera, 0) + 1
        facts = read_facts(read, decision)
        await self._link.publish(self._topics.read, json.dumps({"event": "read", "new": event.new, "read": facts}))
        await self._tell_last(read, decision)
        await self._tell_count(read.camera)
        if event.new:  # once for each read: an automation must not run twice
            happened: dict[str, Json] = {"event_type": decision.verdict.value, "text": read.text, "id": read.id}
            await self._link.publish(self._topics.of_camera(read.camera, "read"), json.dumps(happened))

    async def _tell_last(self, read: Read, decision: Decision) -> None:
        topics, camera = self._topics, read.camera
        facts = json.dumps(read_facts(read, decision), ensure_ascii=False)
        await self._link.publish(topics.of_camera(camera, "plate"), read.text or _UNREAD, retain=True)
        await self._link.publish(topics.of_camera(camera, "verdict"), decision.verdict.value, retain=True)
        await self._link.publish(topics.of_camera(camera, "last"), facts, retain=True)

    async def _tell_count(self, camera: str) -> None:
        count = self._told.counts.get(camera, 0)
        await self._link.publish(self._topics.of_camera(camera, "reads_today"), str(count), retain=True)

    async def _tell_state(self, camera: str) -> None:
        state = self._status.cameras[camera].state
        await self._link.publish(self._topics.of_camera(camera, "state"), state.value, retain=True)
        self._told.cameras[camera] = state

    async def _tell_alarms(self) -> None:
        await self._link.publish(self._topics.alarms, str(self._status.open_alarms), retain=True)
        for alarm in reversed(await alarms.page(self._database, limit=_MOST_ALARMS)):
            if alarm.id <= self._told.last_alarm:
                continue
            told = {"event": "alarm", "id": alarm.id, "at": alarm.raised_at.isoformat(), "text": alarm.text}
            told |= {"severity": alarm.severity.value, "rule": alarm.rule, "read": alarm.read_id}
            await self._link.publish(self._topics.alarm, json.dumps(told, ensure_ascii=False))
            self._told.last_alarm = alarm.id

    async def _watch(self) -> None:
        """Tell when cameras come, go or change, and when the day does."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            self._status.mqtt_fault = self._link.fault
            try:
                await self._look()
            except (DeliveryError, StoreError):
                continue

    async def _look(self) -> None:
        if self._link.fault:
            return
        present = {name: camera.state for name, camera in self._status.cameras.items()}
        if set(present) != set(self._told.cameras) or self._today() != self._told.day:
            await self.greet()
            return
        for name, state in present.items():
            if state is not self._told.cameras[name]:
                await self._tell_state(name)

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()

    async def _count_anew(self) -> None:
        now = self._clock()
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        counted = await statistics.by_facet(self._database, "camera", midnight, now + timedelta(days=1))
        self._told.counts, self._told.day = {name: count.reads for name, count in counted}, self._today()
