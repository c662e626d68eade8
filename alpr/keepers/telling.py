"""What is told when a transaction is through: alarms and deliveries, and the word that there are new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Message
from alpr.bus import AlarmsChanged, Bus, DeliveriesChanged
from alpr.site.rules.alarms import NewAlarm
from alpr.store import alarms, deliveries


class Telling:
    """Writes alarms and deliveries inside somebody's transaction, and says so once that is through."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._wake: Callable[[], None] = lambda: None
        self._changed: set[type[AlarmsChanged | DeliveriesChanged]] = set()

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever deliveries have been committed."""
        self._wake = wake

    async def raise_alarm(self, connection: AsyncConnection, alarm: NewAlarm, now: datetime) -> bool:
        """Raise an alarm unless it is raised already; return whether it was not."""
        raised = await alarms.raise_alarm(connection, alarm, now)
        if raised:
            self.alarms_changed()
        return raised

    async def end_alarm(self, connection: AsyncConnection, key: str, now: datetime) -> datetime | None:
        """End an alarm; return when it was raised, None when none was."""
        began = await alarms.end_alarm(connection, key, now)
        if began is not None:
            self.alarms_changed()
        return began

    async def send(self, connection: AsyncConnection, messages: Iterable[Message], now: datetime) -> None:
        """Put messages into the outbox, each once."""
        for message in messages:
            if await deliveries.add(connection, message, now):
                self._changed.add(DeliveriesChanged)

    def alarms_changed(self) -> None:
        """Note that alarms have changed."""
        self._changed.add(AlarmsChanged)

    def committed(self) -> None:
        """Say what has changed, once the transaction is through."""
        changed, self._changed = self._changed, set()
        for kind in changed:
            self._bus.publish(kind())
        if DeliveriesChanged in changed:
            self._wake()
