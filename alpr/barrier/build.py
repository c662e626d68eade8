"""Barriers as the configuration describes them."""

from __future__ import annotations

from collections.abc import Iterable

from alpr import config as settings
from alpr.barrier.gates import Barrier, Habits, Note
from alpr.barrier.gpio import GpioInput, GpioRelay, gpio_line
from alpr.barrier.http import HttpDevice, HttpInput, HttpRelay
from alpr.barrier.modbus import CoilRelay, Function, ModbusInput, Module
from alpr.barrier.relay import Input, Relay
from alpr.barrier.topic import Publish, TopicRelay


def make_barriers(described: Iterable[settings.Barrier], publish: Publish, note: Note) -> dict[str, Barrier]:
    """Make every barrier that is enabled; raises ConfigError where a library is missing."""
    return {one.name: make_barrier(one, publish, note) for one in described if one.enabled}


def make_barrier(described: settings.Barrier, publish: Publish, note: Note) -> Barrier:
    """Make one barrier; nothing is connected before its first use."""
    habits = Habits(
        cameras=frozenset(described.cameras),
        pulse=described.pulse,
        repeat_after=described.repeat_after,
        min_confidence=described.min_confidence,
    )
    return Barrier(described.name, _relay(described, publish), _interlock(described), habits, note)


def _relay(described: settings.Barrier, publish: Publish) -> Relay:
    subject = f"barrier {described.name}"
    match described.kind:
        case "http":
            on, off = (described.url, described.body), (described.release_url, described.release_body)
            return HttpRelay(_device(described, subject), described.method, on, off)
        case "modbus":
            module = Module(subject, described.host, described.port, described.unit, described.timeout)
            has_watchdog = described.watchdog_register >= 0
            watchdog = (described.watchdog_register, described.watchdog_value) if has_watchdog else None
            return CoilRelay(module, described.coil, watchdog)
        case "gpio":
            return GpioRelay(subject, gpio_line(described.chip, described.line, active_low=described.active_low))
        case "mqtt":
            return TopicRelay(publish, described.topic, described.payload, described.release_payload)


def _interlock(described: settings.Barrier) -> Input | None:
    subject, asked = f"barrier {described.name}: interlock", described.interlock
    match asked.kind:
        case "http":
            return HttpInput(subject, _device(described, subject), asked.url, asked.key, asked.free)
        case "modbus":
            module = Module(subject, asked.host, asked.port, asked.unit, described.timeout)
            function = Function.READ_COILS if asked.function == "coil" else Function.READ_DISCRETE_INPUTS
            return ModbusInput(module, function, asked.input, free=asked.free == "1")
        case "gpio":
            line = gpio_line(asked.chip, asked.line, active_low=asked.active_low)
            return GpioInput(subject, line, free=asked.free == "1")
        case "":
            return None


def _device(described: settings.Barrier, subject: str) -> HttpDevice:
    password = described.password.get_secret_value()
    return HttpDevice(subject, described.username, password, timeout=described.timeout, tls_verify=described.tls_verify)
