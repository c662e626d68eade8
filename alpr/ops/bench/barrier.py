"""How long an order takes from its row to the relay: `python -m alpr.ops.bench.barrier` (part of `make bench-gate`).

Everything is real but the vehicle: a database on the disk, the outbox, and a relay behind HTTP on the loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import structlog

from alpr import config as settings
from alpr.access import Decision, Message, Verdict
from alpr.barrier.build import make_barriers
from alpr.barrier.gates import Barriers, Order
from alpr.delivery.barrier import PREFIX, BarrierTarget
from alpr.delivery.outbox import Outbox
from alpr.domain import Box, Kind, Read, Reading, State, new_read_id, utc_now
from alpr.site.rules.facts import read_facts
from alpr.store import deliveries, hits, reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.reads import Evidence

_ALLOWED = Decision(Verdict.ALLOWED, "Staff", opens=True)
_EVIDENCE = Evidence("f.jpg", "0" * 64, 640, 360, "c.jpg", "0" * 64)
_NAME, _CAMERA = "main", "gate-in"


class _Relay:
    """Answers every request at once, and notes when one came."""

    def __init__(self) -> None:
        self.called_at = 0.0
        self.called = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.called_at = time.perf_counter()
                self.called.set()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()


async def measure(folder: Path, orders: int) -> list[float]:
    """Return for each order how many seconds passed from its commit to the relay's request."""
    relay, barriers = _Relay(), Barriers()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/on"
    described = settings.Barrier(name=_NAME, url=url, cameras=[_CAMERA], pulse=0.05, repeat_after=0)
    await barriers.replace(make_barriers([described], _publish_nothing, _note_nothing))
    database = await open_database(folder)
    target = BarrierTarget(_NAME, barriers, database)
    outbox = Outbox(database, Images(folder / "images"), {PREFIX + _NAME: target})
    sending = asyncio.create_task(outbox.run())
    try:
        return [await _one(database, outbox, relay) for _ in range(orders)]
    finally:
        await outbox.drain()
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await barriers.close()
        await database.close()
        server.close()


async def _one(database: Database, outbox: Outbox, relay: _Relay) -> float:
    now = utc_now()
    read = Read(
        new_read_id(now),
        _CAMERA,
        Kind.PLATE,
        State.PREVIEW,
        Reading("AB123", 0.98),
        Box(0, 0, 9, 9),
        now,
        0.0,
        now,
        now,
    )
    relay.called.clear()
    async with database.write() as connection:
        await reads.save(connection, read, _EVIDENCE, (), now)
        await hits.save(connection, read.id, _ALLOWED)
        message = Message(
            key=f"rule bench/{read.id}/{PREFIX}{_NAME}",
            target=PREFIX + _NAME,
            subject=read.text,
            body="",
            facts={"event": "barrier", "read": read_facts(read, _ALLOWED)},
            rule="bench",
            read_id=read.id,
            expires_at=now + timedelta(seconds=10),
        )
        await deliveries.add(connection, message, now)
    stored_at = time.perf_counter()
    outbox.wake()
    await relay.called.wait()
    delay = relay.called_at - stored_at
    await asyncio.sleep(0.1)  # the pulse is over, and the next order finds a quiet barrier
    return delay


async def _publish_nothing(_topic: str, _payload: str) -> None:
    raise AssertionError


async def _note_nothing(_action: str, _barrier: str, _order: Order, _detail: str) -> None:
    return


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=100)
    orders = parser.parse_args().orders
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        delays = sorted(asyncio.run(measure(Path(folder), orders)))
    middle, most = delays[len(delays) // 2], delays[int(0.95 * len(delays))]
    print(f"from the stored order to the relay's request: p50 {1000 * middle:.1f} ms, p95 {1000 * most:.1f} ms")


if __name__ == "__main__":
    main()
