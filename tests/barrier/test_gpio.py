"""GPIO relays against a stand-in for the kernel's line: there is no GPIO chip where the tests run."""

from __future__ import annotations

import pytest

from alpr.barrier.gpio import GpioInput, GpioRelay, gpio_line
from alpr.errors import DeliveryError


class StandIn:
    """A line that remembers how it was driven."""

    def __init__(self, level: bool = False) -> None:
        self.level, self.driven, self.closed = level, list[bool](), False

    def get(self) -> bool:
        return self.level

    def set(self, *, active: bool) -> None:
        self.driven.append(active)

    def close(self) -> None:
        self.closed = True


async def test_a_line_is_requested_once_and_kept_inactive():
    """One request for the whole life of the relay, so that no other program drives the line between two pulses."""
    line, asked = StandIn(), []
    relay = GpioRelay("barrier main", lambda output: asked.append(output) or line)
    await relay.release()
    await relay.close_contact()
    await relay.release()
    assert (asked, line.driven) == ([True], [False, True, False])
    await relay.disconnect()
    assert line.closed


@pytest.mark.parametrize(
    ("level", "free", "expected"), [(False, False, True), (True, False, False), (True, True, True)]
)
async def test_an_input_line(level, free, expected):
    """The line is free in the state that the configuration says."""
    way = GpioInput("barrier main: interlock", lambda output: StandIn(level=level), free=free)
    assert await way.is_free() is expected
    await way.disconnect()


async def test_the_library_itself_on_a_chip_that_is_not_there():
    """The real library's refusal comes out in words."""
    pytest.importorskip("gpiod")
    relay = GpioRelay("barrier main", gpio_line("/dev/gpiochip-none", 17, active_low=False))
    with pytest.raises(DeliveryError, match=r"barrier main: the GPIO line cannot be used \(No such file"):
        await relay.close_contact()
