"""What every kind of relay and input can do."""

from __future__ import annotations

from typing import Protocol


class Relay(Protocol):
    """A contact that can be closed and let go; both raise DeliveryError, and both may be repeated."""

    async def close_contact(self) -> None:
        """Close the contact: the barrier's drive sees the order."""
        ...

    async def release(self) -> None:
        """Let the contact go, whatever state it is in."""
        ...

    async def disconnect(self) -> None:
        """Give up connections and lines; the relay is not used any more."""
        ...


class Input(Protocol):
    """Something that says whether the way is free; unreadable raises DeliveryError."""

    async def is_free(self) -> bool:
        """Ask now."""
        ...

    async def disconnect(self) -> None:
        """Give up connections and lines."""
        ...
