"""The queue between a camera's loop and its decode thread: bounded, and never a picture without its references."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alpr.camera.nal import AccessUnit

DEPTH: Final = 32
MAX_BYTES: Final = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """An access unit that waits for the decoder."""

    unit: AccessUnit
    captured_at: datetime
    after_gap: bool
    """Whether units before it were dropped, so that the decoder has to forget what it knows."""


class Backlog:
    """Access units in order; when full or when packets were lost, everything up to the next key picture is dropped."""

    def __init__(self, depth: int = DEPTH, max_bytes: int = MAX_BYTES) -> None:
        self.dropped = 0
        self._depth = depth
        self._max_bytes = max_bytes
        self._units: deque[Waiting] = deque()
        self._bytes = 0
        self._wait_for_key = True
        self._closed = False
        self._changed = threading.Condition()

    def put(self, unit: AccessUnit, captured_at: datetime) -> bool:
        """Queue a unit or drop it, never waiting; return whether it was queued."""
        with self._changed:
            gap = self._wait_for_key
            full = len(self._units) >= self._depth or self._bytes + len(unit.data) > self._max_bytes
            if self._closed or unit.corrupt or full or (gap and not unit.key):
                self._wait_for_key = True
                self.dropped += 1
                return False
            self._wait_for_key = False
            self._units.append(Waiting(unit, captured_at, gap))
            self._bytes += len(unit.data)
            self._changed.notify()
            return True

    def get(self) -> Waiting | None:
        """Wait for the next unit; None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._units or self._closed)
            if self._closed:
                return None
            waiting = self._units.popleft()
            self._bytes -= len(waiting.unit.data)
            return waiting

    def restart(self) -> None:
        """Drop everything up to the next key picture: the decoder lost its way."""
        with self._changed:
            while self._units and not self._units[0].unit.key:
                self._bytes -= len(self._units.popleft().unit.data)
                self.dropped += 1
            self._wait_for_key = self._wait_for_key or not self._units

    def close(self) -> None:
        """Let `get` return None, from now on."""
        with self._changed:
            self._closed = True
            self._units.clear()
            self._changed.notify_all()
