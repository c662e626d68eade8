"""A thread of its own for work that blocks: it can be told to stop, and the loop never waits long for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


async def in_thread(work: Callable[[threading.Event], None], name: str, *, patience: float = 1.5) -> None:
    """Run `work(stop)` in a daemon thread and pass on what it raises.

    When cancelled, `stop` is set and the thread gets `patience` seconds to end. A thread that hangs
    in a library is then left behind: it ends by the library's own timeout and must look at `stop`.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[BaseException | None] = loop.create_future()
    stop = threading.Event()

    def settle(error: BaseException | None) -> None:
        if not ended.done():
            ended.set_result(error)

    def target() -> None:
        error: BaseException | None = None
        try:
            work(stop)
        except BaseException as raised:  # noqa: BLE001 - nothing is swallowed: it is raised again in the loop
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=target, name=name, daemon=True).start()
    try:
        error = await asyncio.shield(ended)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({ended}, timeout=patience)
        raise
    if error is not None:
        raise error
