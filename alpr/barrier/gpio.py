"""Lines of a GPIO chip by libgpiod 2 (the optional extra `gpio`): relays that hang on the box itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from alpr.errors import ConfigError, DeliveryError

_CONSUMER: Final = "alpr"


class Line(Protocol):
    """One requested line: true is active, whatever the voltage."""

    def get(self) -> bool:
        """Read it; raises OSError."""
        ...

    def set(self, *, active: bool) -> None:
        """Drive it; raises OSError."""
        ...

    def close(self) -> None:
        """Give it back to the kernel."""
        ...


OpenLine = Callable[[bool], Line]
"""Requests the line, as an output (inactive) when true; raises OSError."""


def gpio_line(chip: str, offset: int, *, active_low: bool) -> OpenLine:
    """Return what requests a line of a chip; raises ConfigError when the library is missing."""
    try:
        import gpiod  # noqa: PLC0415  an optional extra
    except ImportError:
        raise ConfigError("barriers of the kind gpio need a library: install alpr with the extra `gpio`") from None

    def request(output: bool) -> Line:  # noqa: FBT001  one of two ways to use a line
        direction = gpiod.line.Direction.OUTPUT if output else gpiod.line.Direction.INPUT
        settings = gpiod.LineSettings(
            direction=direction, active_low=active_low, output_value=gpiod.line.Value.INACTIVE
        )
        return _GpiodLine(gpiod, gpiod.request_lines(chip, consumer=_CONSUMER, config={offset: settings}), offset)

    return request


class GpioRelay:
    """A line that drives a relay. It is requested once and kept, inactive, so that nobody else drives it."""

    def __init__(self, subject: str, request: OpenLine) -> None:
        self._subject, self._request = subject, request
        self._line: Line | None = None

    async def close_contact(self) -> None:
        """Make the line active."""
        self._drive(active=True)

    async def release(self) -> None:
        """Make the line inactive."""
        self._drive(active=False)

    async def disconnect(self) -> None:
        """Give the line back."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _drive(self, *, active: bool) -> None:
        try:
            if self._line is None:
                self._line = self._request(True)  # noqa: FBT003  as an output
            self._line.set(active=active)
        except OSError as error:
            raise _unusable(self._subject, error) from None


class GpioInput:
    """A line that reads a contact."""

    def __init__(self, subject: str, request: OpenLine, *, free: bool) -> None:
        """Take what the line is when the way is free."""
        self._subject, self._request, self._free = subject, request, free
        self._line: Line | None = None

    async def is_free(self) -> bool:
        """Read the line now."""
        try:
            if self._line is None:
                self._line = self._request(False)  # noqa: FBT003  as an input
            return self._line.get() == self._free
        except OSError as error:
            raise _unusable(self._subject, error) from None

    async def disconnect(self) -> None:
        """Give the line back."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


class _GpiodLine:
    """A line of the library, in our words."""

    def __init__(self, gpiod: Any, request: Any, offset: int) -> None:
        self._values, self._request, self._offset = gpiod.line.Value, request, offset

    def get(self) -> bool:
        return bool(self._request.get_value(self._offset) == self._values.ACTIVE)

    def set(self, *, active: bool) -> None:
        self._request.set_value(self._offset, self._values.ACTIVE if active else self._values.INACTIVE)

    def close(self) -> None:
        self._request.release()


def _unusable(subject: str, error: OSError) -> DeliveryError:
    words = error.strerror or type(error).__name__
    return DeliveryError(f"{subject}: the GPIO line cannot be used ({words}): check `chip`, `line` and permissions")
