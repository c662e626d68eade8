"""The part of `alpr check` about barriers, the broker and phones."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from alpr.config import Barrier, Config
from alpr.urls import redacted

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def gate_words(config: Config) -> list[str]:
    """Say in a line each what can be opened and who hears of it, without secrets."""
    words = [f"barrier {barrier.name}: {_barrier_words(barrier)}" for barrier in config.barrier]
    if config.mqtt.enabled:
        secure = "over TLS" if config.mqtt.tls else "not encrypted"
        known = ", known to Home Assistant" if config.mqtt.discovery else ""
        words.append(f"mqtt: {config.mqtt.host}:{config.mqtt.port}, {secure}, below {config.mqtt.prefix}/{known}")
    return words


def gate_warnings(config: Config) -> Iterator[str]:
    """Give what is possible and probably not meant."""
    opened_by = {name: rule.name for rule in config.rule if rule.enabled for name in rule.open}
    for barrier in config.barrier:
        if barrier.name in opened_by and not barrier.enabled:
            yield f"barrier {barrier.name}: is disabled, and the rule {opened_by[barrier.name]} would open it"
        elif barrier.name in opened_by and not barrier.cameras:
            yield (
                f"barrier {barrier.name}: `cameras` is empty, so it refuses what the rule {opened_by[barrier.name]} "
                "orders: name the cameras that stand there"
            )
        if "gpio" in {barrier.kind, barrier.interlock.kind} and find_spec("gpiod") is None:
            yield f'barrier {barrier.name}: the library for GPIO is missing: pip install "alpr[gpio]"'
    mqtt = config.mqtt
    if mqtt.enabled and mqtt.password.get_secret_value() and not mqtt.tls and mqtt.host not in _LOOPBACK:
        yield "mqtt: the password goes through the network unencrypted: set `tls = true`, and mostly `port = 8883`"


def _barrier_words(barrier: Barrier) -> str:
    if not barrier.enabled:
        return "disabled"
    where = {
        "http": redacted(barrier.url),
        "mqtt": barrier.topic,
        "modbus": f"{barrier.host}:{barrier.port} unit {barrier.unit} coil {barrier.coil}",
        "gpio": f"{barrier.chip} line {barrier.line}",
    }[barrier.kind]
    cameras = f"for {', '.join(barrier.cameras)}" if barrier.cameras else "by hand alone"
    interlock = f", interlock {barrier.interlock.kind}" if barrier.interlock.kind else ", no interlock"
    return f"{barrier.kind} {where}, {barrier.pulse:g} s, {cameras}{interlock}"
