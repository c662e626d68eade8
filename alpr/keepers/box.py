"""What the box tells of itself: alarms of its states, who is told of them, and of those that nobody acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.config.rule import Rule
from alpr.keepers.telling import Telling
from alpr.site.rules.alarms import NewAlarm
from alpr.site.rules.book import Rulebook
from alpr.site.rules.firing import ReadyRule, held_back, is_quiet
from alpr.site.rules.states import BoxState
from alpr.site.rules.telling import (
    Site,
    alarm_of_state,
    escalation,
    key_of_state,
    messages_of_state,
    own_message,
    state_alarm_key,
)
from alpr.store import alarms, firings
from alpr.store.database import Database

_KEPT: Final = timedelta(days=30)
"""How long it is known that a rule fired: longer than any cooldown, and than any read is completed."""
_TIDY: Final = timedelta(hours=1)


class BoxKeeper:
    """Raises and ends the alarms of the box's states, and passes on those that wait for too long."""

    def __init__(
        self,
        db: Database,
        book: Rulebook,
        telling: Telling,
        rules: Callable[[], Sequence[ReadyRule]],
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._book = book
        self._telling = telling
        self._rules = rules
        self._clock = clock
        self._tidied: datetime | None = None

    @property
    def _site(self) -> Site:
        return Site(self._book.site, self._book.zone)

    async def tell(self, state: BoxState) -> None:
        """Raise the alarm of a state of the box, or end it, and tell whoever wants to know; raises StoreError."""
        now = self._clock()
        async with self._db.write() as connection:
            await self._tell_box(connection, state, now)
            for one in self._rules():
                if _concerns(one.rule, state):
                    await self._tell_state(connection, one, state, now)
        self._telling.committed()

    async def escalate(self) -> None:
        """Tell the next one of every alarm that nobody acknowledged in time; raises StoreError."""
        now, site = self._clock(), self._site
        if self._tidied is None or now - self._tidied > _TIDY:
            self._tidied = now
            await self._forget(now)
        if not await alarms.has_escalations(self._db, now):
            return  # most of the time: no need to take the writer's turn
        async with self._db.write() as connection:
            for alarm in await alarms.take_escalations(connection, now):
                rule = next((one.rule for one in self._rules() if one.rule.name == alarm.rule), None)
                targets = rule.escalate_to if rule else [] if alarm.rule else self._book.alarms.escalate_to
                await self._telling.send(connection, escalation(alarm, targets, site, now), now)
                self._telling.alarms_changed()
        self._telling.committed()

    async def _forget(self, now: datetime) -> None:
        async with self._db.write() as connection:
            await firings.forget(connection, now - _KEPT)

    async def _tell_box(self, connection: AsyncConnection, state: BoxState, now: datetime) -> None:
        """Do what `[alarms]` says; states that only a rule's own threshold found are not its business."""
        if state.rule:
            return
        box = self._book.alarms
        later = now + timedelta(seconds=box.escalate_after) if box.escalate_to else None
        began: datetime | None = now
        if state.over:
            began = await self._telling.end_alarm(connection, state.key, now)
        elif not await self._telling.raise_alarm(
            connection, NewAlarm(state.key, "", state.severity, state.words, escalate_at=later), now
        ):
            began = None
        if began is not None:
            await self._telling.send(connection, own_message(state, box.tell, began, self._site, now), now)

    async def _tell_state(self, connection: AsyncConnection, one: ReadyRule, state: BoxState, now: datetime) -> None:
        rule, subject = one.rule, state.subject
        if rule.on != "camera back" and state.over:
            if rule.alarm:
                await self._telling.end_alarm(connection, state_alarm_key(rule, state), now)
        elif rule.alarm:
            await self._telling.raise_alarm(connection, alarm_of_state(rule, state, self._site, now), now)
            if state.over:  # that a camera is back is no state that would ever end
                await self._telling.end_alarm(connection, state_alarm_key(rule, state), now)
        key = key_of_state(rule, state, now)
        history = await firings.history(connection, rule.name, subject, now)
        reason = "" if state.over else held_back(rule, history, now)
        silent = reason or ("quiet hours" if is_quiet(one, now, self._book.zone) else "")
        await firings.add(connection, firings.Firing(key, rule.name, subject, None, silent), now)
        if not silent:
            await self._telling.send(connection, messages_of_state(rule, state, now, self._site, now), now)


def _concerns(rule: Rule, state: BoxState) -> bool:
    """Whether the rule is about this state: its threshold was passed, at one of its cameras."""
    if state.rule:
        return rule.name == state.rule and (rule.on != "camera back" or state.over)
    if rule.threshold or (rule.cameras and state.subject not in rule.cameras):
        return False
    return state.over and state.on == "camera lost" if rule.on == "camera back" else rule.on == state.on
