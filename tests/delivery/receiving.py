"""The receiver's process in the hand of a test: started, killed, started again at the same port."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).with_name("receiver.py")


@dataclass(frozen=True)
class Arrival:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """A receiver that keeps its port over restarts; it begins with its first `start`."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "arrivals.jsonl"
        self._log.touch()
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    async def start(self) -> None:
        command = (sys.executable, "-I", PROGRAM, str(self.port), self._log)
        self._process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        async with asyncio.timeout(10):
            self.port = int(await self._process.stdout.readline())

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def url(self, path: str = "ok") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def arrivals(self) -> list[Arrival]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [
            Arrival(line["method"], line["path"], line["headers"], base64.b64decode(line["body"]), line["at"])
            for line in lines
        ]

    def count(self) -> int:
        return self._log.read_bytes().count(b"\n")
