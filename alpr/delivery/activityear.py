"""Activity events over MQTT: what is heard under the topics is stored, then acknowledged, then answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from alpr.errors import StoreError
from alpr.intake.activity import Answer, Fate
from alpr.site.factory.file import read_json
from alpr.site.factory.floor import Floor

_AGAIN: Final = 1.0
"""Seconds until a disk that refuses is tried again."""
_LONGEST: Final = 32 << 20
"""Bytes of one message."""
_SOURCE: Final = "mqtt"
_MOST_TOLD: Final = 1000
"""Refused events that one answer names."""
_log = structlog.get_logger(__name__)


class Taking(Protocol):
    """What takes events in: `alpr.intake.activity.Intake`."""

    async def take(self, given: Sequence[object], source: str) -> list[Answer]:
        """Keep the events and answer each."""
        ...


class ActivityEar:
    """Hears events for an intake."""

    def __init__(self, intake: Taking, floor: Floor, *, again: float = _AGAIN) -> None:
        self._intake, self._floor, self._again = intake, floor, again

    @property
    def listens(self) -> bool:
        """Whether events are wanted at all."""
        return self._floor.plan is not None

    async def hear(self, sender: str, payload: bytes) -> str:
        """Store the events of a message and return the answer; as long as the disk refuses, it is tried again.

        `sender` is what stands behind the topic, and may be empty.
        """
        if len(payload) > _LONGEST:
            return json.dumps({"error": f"the message is longer than {_LONGEST >> 20} MB: send it in parts"})
        items = await asyncio.to_thread(read_json, payload)
        source = f"{_SOURCE}/{sender}" if sender else _SOURCE
        while True:
            try:
                answers = await self._intake.take(items, source)
            except StoreError as error:
                _log.warning("activity not stored, trying again", error=str(error))
                await asyncio.sleep(self._again)
            else:
                return _told(sender, answers)


def _told(sender: str, answers: Sequence[Answer]) -> str:
    counts = {fate.value: sum(one.fate is fate for one in answers) for fate in Fate}
    refused = [
        {"position": one.position, "field": one.field, "reason": one.reason, "id": one.id}
        for one in answers
        if one.fate is Fate.REFUSED
    ]
    said = {"sender": sender, "ids": [one.id for one in answers if one.id and one.fate is not Fate.REFUSED]}
    return json.dumps({**said, **counts, "faults": refused[:_MOST_TOLD]}, ensure_ascii=True)
