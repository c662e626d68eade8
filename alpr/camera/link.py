"""What a live camera is to the reconnect ladder: one connection that delivers pictures until it is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from alpr.domain import Picture

Deliver: TypeAlias = Callable[[Picture, datetime], None]
"""Takes a picture and its `captured_at` (UTC, arrival of its access unit).

Thread-safe and never blocks: it is called from the decode thread.
"""


class Link(Protocol):
    """One connection to one live camera."""

    async def run(self, deliver: Deliver) -> None:
        """Connect and deliver pictures until the link is lost.

        Raises CameraError that says what happened and what to do, also when the server just closes.
        Cancellation closes everything within two seconds: TEARDOWN is awaited, bounded.
        """
        ...
