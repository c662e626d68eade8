"""A real Mosquitto on the loopback, and an ear that hears everything it passes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest


def find_mosquitto() -> str:
    """Return the program, or skip; where everything must be tested its absence is a fault."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("mosquitto is missing: install Debian's package mosquitto")
        pytest.skip("mosquitto is missing")
    return program


@dataclass
class Mosquitto:
    """One broker: it can be killed, frozen and started again at the same port."""

    folder: Path
    settings: list[str]
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        path = self.folder / "mosquitto.conf"
        # As root it would become a user who may not look into the folder of the test.
        user = ["user root"] if os.geteuid() == 0 else []
        path.write_text("\n".join([*user, f"listener {self.port} 127.0.0.1", *self.settings, ""]))
        self.process = await asyncio.create_subprocess_exec(
            find_mosquitto(), "-c", path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(10):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def freeze(self, *, frozen: bool) -> None:
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


@asynccontextmanager
async def mosquitto(folder: Path, *settings: str) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(folder, list(settings) or ["allow_anonymous true"])
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@dataclass
class Heard:
    """What an independent client heard: in order, and the newest of each topic."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def last(self) -> dict[str, str]:
        return {topic: payload.decode("utf-8", "replace") for topic, payload in self.messages}

    def of(self, topic: str) -> list[bytes]:
        return [payload for heard, payload in self.messages if heard == topic]

    async def until(self, condition: Callable[[], bool], within: float = 10.0) -> None:
        async with asyncio.timeout(within), self.changed:
            await self.changed.wait_for(condition)


@asynccontextmanager
async def ear(broker: Mosquitto, **how) -> AsyncIterator[Heard]:
    """Listen to everything, retained messages included, until the context ends."""
    heard = Heard()

    async def hear(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            async with heard.changed:
                heard.messages.append((message.topic.value, bytes(message.payload)))
                heard.changed.notify_all()

    async with aiomqtt.Client("127.0.0.1", broker.port, identifier="ear", **how) as client:
        await client.subscribe("#", qos=1)
        listening = asyncio.create_task(hear(client))
        yield heard
        listening.cancel()
        with suppress(asyncio.CancelledError, aiomqtt.MqttError):
            await listening
