"""The demo's barrier: a relay behind HTTP that moves nothing, and the rule that lets staff in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


def gate_tables(port: int) -> str:
    """Return the tables of the demo's `alpr.toml` that need the relay at this port."""
    return f"""[[barrier]]
name = "main"
url = "http://127.0.0.1:{port}/relay"
cameras = ["gate-in"]

[[rule]]
name = "Staff may pass"
verdicts = ["allowed"]
cameras = ["gate-in"]
open = ["main"]
"""


@asynccontextmanager
async def relay() -> AsyncIterator[int]:
    """Run the relay; give its port."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(_ANSWER)
    writer.close()
