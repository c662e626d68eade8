"""Barriers, the MQTT broker and phones as the configuration describes them, made anew when it changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from alpr import config as settings
from alpr.barrier.build import make_barriers
from alpr.barrier.gates import Barriers, Order, Outcome
from alpr.bus import Bus
from alpr.delivery.activityear import ActivityEar
from alpr.delivery.barrier import PREFIX, BarrierTarget
from alpr.delivery.homeassistant import Host
from alpr.delivery.mqtt import Broker, MqttLink, tls_context
from alpr.delivery.mqttsite import Announced, SiteTeller
from alpr.delivery.mqtttarget import MqttTarget
from alpr.delivery.target import Target
from alpr.delivery.topics import Topics
from alpr.delivery.webpush import PushTarget
from alpr.domain import utc_now
from alpr.errors import DeliveryError, StoreError
from alpr.status import Status
from alpr.store import audit
from alpr.store.database import Database

_RECALLED: Final = 3600.0
"""Seconds that an opening of an earlier run is of interest: the longest anti-repeat."""
_LINK_WAIT: Final = 3.0
"""Seconds that an order over MQTT waits for the broker, who may be on its way back."""
_log = structlog.get_logger(__name__)


class Channels:
    """What rules can open and tell besides `[[target]]`; `barriers` is the same object all the time."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        status: Status,
        push: PushTarget | None = None,
        ear: ActivityEar | None = None,
    ) -> None:
        self._database, self._bus, self._status, self._push, self._ear = database, bus, status, push, ear
        self.barriers = Barriers()
        self._mqtt: tuple[settings.Mqtt, str, ZoneInfo, bool] | None = None
        self._link: MqttLink | None = None
        self._teller: SiteTeller | None = None
        self._mqtt_target: MqttTarget | None = None
        self._barrier_targets: dict[str, BarrierTarget] = {}
        self._described: list[settings.Barrier] = []
        self._changed = asyncio.Event()
        self._ending = False

    async def load(self, barriers: list[settings.Barrier], mqtt: settings.Mqtt, site_name: str, zone: ZoneInfo) -> None:
        """Take up what the configuration says; every relay is let go. Raises ConfigError and StoreError."""
        listens = self._ear is not None and self._ear.listens
        if (mqtt, site_name, zone, listens) != self._mqtt:
            self._set_mqtt(mqtt, site_name, zone)
            self._mqtt = mqtt, site_name, zone, listens
        if barriers != self._described:
            await self._set_barriers(barriers)
            self._described = barriers

    def targets(self) -> dict[str, Target]:
        """Return the targets by the names that rules use; the same ones as long as their settings are the same."""
        found: dict[str, Target] = dict(self._barrier_targets)
        if self._mqtt_target is not None:
            found["mqtt"] = self._mqtt_target
        if self._push is not None:
            found["push"] = self._push
        return found

    async def run(self) -> None:
        """Keep the broker told until cancelled; then let every relay go."""
        telling: asyncio.Task[None] | None = None
        try:
            while True:
                self._changed.clear()
                telling = asyncio.create_task(self._teller.run()) if self._teller is not None else None
                await self._until_changed(telling)
                await _end(telling)
        finally:
            self._ending = True
            # Before the link goes, for relays may hang on it.
            await asyncio.shield(asyncio.ensure_future(self.barriers.close()))
            await _end(telling)

    async def _until_changed(self, telling: asyncio.Task[None] | None) -> None:
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            waits = {changing} if telling is None else {changing, telling}
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if telling is not None and telling in done:
                telling.result()  # it ends by a bug of ours alone, which ends the process
        finally:
            changing.cancel()

    def _set_mqtt(self, mqtt: settings.Mqtt, site_name: str, zone: ZoneInfo) -> None:
        tls = tls_context(mqtt.tls_ca, verify=mqtt.tls_verify) if mqtt.enabled and mqtt.tls else None
        self._link = self._teller = self._mqtt_target = None
        if mqtt.enabled:
            password = mqtt.password.get_secret_value()
            broker = Broker(mqtt.host, mqtt.port, mqtt.username, password, mqtt.client_id, tls)
            ear = self._ear if self._ear is not None and self._ear.listens else None
            self._link = MqttLink(broker, Topics(mqtt.prefix), ear=ear)
            self._mqtt_target = MqttTarget(self._link)
            announced = Announced(mqtt.discovery_prefix if mqtt.discovery else "", Host(site_name, mqtt.client_id))
            self._teller = SiteTeller(
                self._link, announced, bus=self._bus, status=self._status, database=self._database, zone=zone
            )
        self._changed.set()

    async def _set_barriers(self, described: list[settings.Barrier]) -> None:
        made = make_barriers(described, self._publish, self._note)
        now = utc_now()
        for name, entry in (await audit.last_by_subject(self._database, Outcome.ORDERED)).items():
            if name in made and (now - entry.at).total_seconds() < _RECALLED:
                made[name].recall(entry.at, entry.actor, now)
        await self.barriers.replace(made)
        self._barrier_targets = {PREFIX + name: BarrierTarget(name, self.barriers, self._database) for name in made}

    async def _publish(self, topic: str, payload: str) -> None:
        if self._link is None:
            raise DeliveryError("mqtt: is off: set `enabled = true` in [mqtt]", permanent=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.0 if self._ending else _LINK_WAIT):
                await self._link.up.wait()
        await self._link.publish(topic, payload)

    async def _note(self, action: str, barrier: str, order: Order, detail: str) -> None:
        read = f"read {order.read_id}" if order.read_id else ""
        words = "; ".join(part for part in (order.why, read, detail) if part)
        entry = audit.Entry(utc_now(), order.actor, action, barrier, words)
        try:
            await audit.record(self._database, entry)
        except StoreError as error:
            # A disk that is full must not lock people in or out: the log keeps it instead.
            _log.error("barrier order not in the audit log", barrier=barrier, by=order.actor, error=str(error))


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
