"""The gate as it is wired: a configuration, a read, a receiver in another process; then another configuration."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from alpr.access import Entry, ListKind
from alpr.bus import Bus, ListsChanged, ReadCommitted
from alpr.configfile import load_config
from alpr.domain import Recording, State, utc_now
from alpr.gate import build_gate
from alpr.live import LiveView
from alpr.recorder import Recorder
from alpr.status import CameraState, Status
from alpr.store import alarms, deliveries, entries, lists
from alpr.store.database import open_database
from alpr.store.images import Images
from tests.delivery.receiving import Receiver
from tests.drawn_reads import make_capture, read_id
from tests.fakes import until

CONFIG = """
[site]
name = "Depot"
[[camera]]
name = "gate-in"
url = "rtsp://127.0.0.1:9/x"
[[target]]
name = "office"
kind = "webhook"
url = "{url}"
[[rule]]
name = "Strangers"
verdicts = ["{verdict}"]
tell = ["office"]
alarm = "warning"
"""


@pytest.fixture
async def receiver(tmp_path):
    started = Receiver(tmp_path)
    await started.start()
    yield started
    await started.stop()


@asynccontextmanager
async def running(tmp_path, url, verdict="unknown"):
    """Run gate and recorder as the site does."""
    path = tmp_path / "alpr.toml"
    path.write_text(CONFIG.format(url=url, verdict=verdict))
    database, bus, status = await open_database(tmp_path / "data"), Bus(), Status()
    images = Images(tmp_path / "data" / "images")
    status.camera("gate-in").change(CameraState.LIVE)
    gate = await build_gate(load_config(path, {}), path, database, images, bus, status, LiveView())
    keeper = gate.gatekeeper
    recorder = Recorder(database, images, bus, status, decide=keeper.decide, committed=keeper.committed)
    works = [asyncio.create_task(work) for work in (recorder.run(), *gate.runs().values())]
    try:
        yield gate, recorder, path
    finally:
        await gate.drain()
        for work in works:
            work.cancel()
        ended = await asyncio.gather(*works, return_exceptions=True)
        await database.close()
        assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


def passing(number, **changes):
    now = utc_now()
    return Recording("gate-in", (make_capture(number, captured_at=now, first_seen=now, last_seen=now, **changes),))


async def test_from_the_read_to_the_receiver_and_on_after_a_reload(tmp_path, receiver):
    """A stranger is told at once, preview and final once; a new configuration tells of others; lists are followed."""
    async with running(tmp_path, receiver.url()) as (gate, recorder, path), gate.bus.listen(ReadCommitted) as events:
        await recorder.record(passing(1, state=State.PREVIEW))
        await recorder.record(passing(1))
        assert (await events.get()).decision.verdict == "unknown"
        await until(lambda: len(receiver.arrivals()) == 1)
        assert receiver.arrivals()[0].json["read"]["id"] == read_id(1)

        number = await lists.create(gate.database, "Staff", ListKind.ALLOW, "bea", utc_now())
        await entries.add(gate.database, number, Entry(0, "Staff", ListKind.ALLOW, "AB00003"), "bea", utc_now())
        path.write_text(CONFIG.format(url=receiver.url("ok?after"), verdict="allowed"))
        await gate.reload(load_config(path, {}), path)
        gate.bus.publish(ListsChanged())
        await recorder.record(passing(2))
        await recorder.record(passing(3))
        await until(lambda: len(receiver.arrivals()) == 2)
        told = receiver.arrivals()[1]
        assert told.json["read"]["id"] == read_id(3)
        assert [alarm.read_id for alarm in await alarms.page(gate.database)] == [read_id(3), read_id(1)]
        await until(lambda: gate.gatekeeper._status.open_alarms == 2)


async def test_what_could_not_be_sent_goes_out_after_a_restart(tmp_path, receiver):
    """The receiver is down, the process ends: the next one sends it, under the same key, once."""
    await receiver.stop()
    async with running(tmp_path, receiver.url()) as (gate, recorder, _), gate.bus.listen(ReadCommitted) as events:
        await recorder.record(passing(1))
        await events.get()
    await receiver.start()
    async with running(tmp_path, receiver.url()) as (gate, recorder, _):
        await recorder.record(passing(1))
        await until(lambda: len(receiver.arrivals()) == 1, within=10)
        assert receiver.arrivals()[0].json["read"]["id"] == read_id(1)
        (row,) = await deliveries.of_read(gate.database, read_id(1))
        assert row.key == f"rule Strangers/{read_id(1)}/office"
