"""How deliveries come through a receiver that is down: `python -m alpr.ops.bench.delivery`.

Fills the queues of two webhooks while nobody listens, measures meanwhile what the page Deliveries asks of the store,
then starts a receiver in a process of its own and waits until everything has arrived; counts what came twice, was lost
or overtook. At last it measures the milliseconds from a stored message to its call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import Final

from alpr.access import Message
from alpr.delivery.lane import Pace
from alpr.delivery.outbox import Outbox
from alpr.delivery.webhook import Hook, WebhookTarget
from alpr.domain import utc_now
from alpr.store import deliveries
from alpr.store.database import Database, open_database
from alpr.store.deliveries import DeliveryState
from alpr.store.images import Images

_TARGETS: Final = ("yard", "erp")
_BATCH: Final = 500
_PAGE_LOOKS: Final = 40


@dataclass(frozen=True, slots=True)
class DeliveryTiming:
    """What became of the deliveries; times in seconds, those with `ms` in milliseconds."""

    waiting: int
    down: float
    drained_in: float
    per_second: float
    lost: int
    twice: int
    overtook: int
    page_ms_p95: float
    call_ms_p50: float
    call_ms_p95: float


async def measure(data: Path, count: int, down: float, calls: int = 100) -> DeliveryTiming:
    """Let `count` deliveries wait `down` seconds for their receiver, then let them go."""
    db, port = await open_database(data), _free_port()
    hooks = {name: WebhookTarget(Hook(name, f"http://127.0.0.1:{port}/{name}")) for name in _TARGETS}
    outbox = Outbox(db, Images(data / "images"), hooks, pace=Pace(longest_pause=1.0))
    running = asyncio.create_task(outbox.run())
    near, far = multiprocessing.get_context("spawn").Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=_receive, args=(port, far), daemon=True)
    try:
        await _fill(db, outbox, count)
        pages = await _look(db, down)
        receiver.start()
        await asyncio.to_thread(near.recv)
        began = time.perf_counter()
        await _until_empty(db)
        drained = time.perf_counter() - began
        times = await _call(db, outbox, calls, count)
        near.send(None)
        arrived: list[tuple[str, str, float]] = await asyncio.to_thread(near.recv)
    finally:
        await outbox.drain()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await db.close()
        if receiver.is_alive():
            receiver.terminate()
    late = [(at - times[key]) * 1000 for _, key, at in arrived if key in times]
    lost, twice, overtook = _judge(arrived, count)
    cuts = quantiles(late, n=20)
    return DeliveryTiming(
        waiting=count,
        down=down,
        drained_in=round(drained, 1),
        per_second=round(count / drained, 1),
        lost=lost,
        twice=twice,
        overtook=overtook,
        page_ms_p95=round(quantiles(pages, n=20)[18], 1),
        call_ms_p50=round(cuts[9], 1),
        call_ms_p95=round(cuts[18], 1),
    )


async def _fill(db: Database, outbox: Outbox, count: int) -> None:
    """Write the deliveries while the outbox tries in vain."""
    for start in range(0, count, _BATCH):
        async with db.write() as connection:
            for number in range(start, min(start + _BATCH, count)):
                await deliveries.add(connection, _message(number), utc_now())
        outbox.wake()


async def _look(db: Database, seconds: float) -> list[float]:
    """Ask for the page again and again while the receiver is down; return milliseconds."""
    times = []
    for _ in range(_PAGE_LOOKS):
        began = time.perf_counter()
        await deliveries.page(db, state=DeliveryState.WAITING)
        await deliveries.backlogs(db)
        await deliveries.last_sent(db, _TARGETS)
        times.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(seconds / _PAGE_LOOKS)
    return times


async def _call(db: Database, outbox: Outbox, calls: int, first: int) -> dict[str, float]:
    """Store messages one by one; return when each was committed."""
    times = {}
    for number in range(first, first + calls):
        message = _message(number)
        async with db.write() as connection:
            await deliveries.add(connection, message, utc_now())
        times[message.key] = time.time()
        outbox.wake()
        await _until_empty(db)
    return times


async def _until_empty(db: Database) -> None:
    while await deliveries.waiting_targets(db):  # noqa: ASYNC110  rows give no event
        await asyncio.sleep(0.02)


def _judge(arrived: Sequence[tuple[str, str, float]], count: int) -> tuple[int, int, int]:
    """Return how many were lost, came twice, and came before one that was written earlier."""
    keys = [key for _, key, _ in arrived]
    overtook = 0
    for target in _TARGETS:
        numbers = [int(key.partition("/")[0]) for path, key, _ in arrived if path == f"/{target}"]
        overtook += sum(before > after for before, after in pairwise(numbers))
    lost = {_message(number).key for number in range(count)} - set(keys)
    return len(lost), len(keys) - len(set(keys)), overtook


def _message(number: int) -> Message:
    target = _TARGETS[number % len(_TARGETS)]
    facts = {"event": "read", "camera": "gate-in", "read": None, "words": "A made-up read of a made-up car"}
    return Message(f"{number}/{target}", target, f"Car {number}", "It is at the gate.", facts)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _receive(port: int, near: Connection) -> None:
    """Take every POST and note it, until asked for the notes; runs in a process of its own."""
    asyncio.run(_serve(port, near))


async def _serve(port: int, near: Connection) -> None:
    arrived: list[tuple[str, str, float]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                at = time.time()
                length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
                body = json.loads(await reader.readexactly(length))
                arrived.append((head.split(" ", 2)[1], body["key"], at))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    near.send(None)
    await asyncio.to_thread(near.recv)
    near.send(arrived)
    server.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m alpr.ops.bench.delivery", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--count", type=int, default=10_000, help="deliveries that wait")
    parser.add_argument("--down", type=float, default=60.0, help="seconds that the receiver is down")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alpr-deliverybench-") as folder:
        print(json.dumps(asdict(asyncio.run(measure(Path(folder), args.count, args.down)))))


if __name__ == "__main__":
    main()
