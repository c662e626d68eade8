from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from alpr.access import Message
from alpr.bus import Bus, DeliveriesChanged
from alpr.delivery.lane import Pace
from alpr.delivery.outbox import Outbox
from alpr.domain import utc_now
from alpr.errors import DeliveryError
from alpr.store import deliveries, reads
from alpr.store.database import open_database
from alpr.store.deliveries import DeliveryState
from alpr.store.images import Images, Picture
from alpr.store.readrows import Evidence
from tests.drawn_reads import make_read
from tests.fakes import until

_NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
_FAST = Pace(first_pause=0.005, longest_pause=0.02)


class Scripted:
    """A target that answers as told: an exception is raised, an event waited for, None is success."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.tried, self.taken, self.pictures, self.times = [], [], [], []
        self.closed = False

    async def send(self, delivery, picture):
        self.tried.append(delivery.key)
        self.times.append(asyncio.get_running_loop().time())
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        elif answer is not None:
            raise answer
        self.taken.append(delivery.key)
        self.pictures.append(picture)

    async def close(self):
        self.closed = True


class HandClock:
    """A clock that stands until somebody turns it."""

    def __init__(self):
        self.now = _NOW

    def __call__(self):
        return self.now


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


@asynccontextmanager
async def running(outbox):
    """Run the outbox as long as the context is open; what escapes from it fails the test."""
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        await outbox.drain()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def _outbox(db, tmp_path, targets, **more):
    return Outbox(db, Images(tmp_path / "images"), targets, **({"pace": _FAST} | more))


async def _add(db, *keys, target="yard", now=None, **more):
    async with db.write() as connection:
        for key in keys:
            message = Message(key, target, "Subject", "Body", {"event": "read"}, **more)
            await deliveries.add(connection, message, now or utc_now())


async def _stored_read(db, images, jpeg):
    read = make_read(7)
    frame, crop = images.write(read.camera, read.id, _NOW, [Picture("frame", jpeg), Picture("crop", b"crop")])
    evidence = Evidence(frame.path, frame.sha256, 320, 160, crop.path, crop.sha256)
    async with db.write() as connection:
        await reads.save(connection, read, evidence, [None], _NOW)
    return read


async def _states(db):
    return {one.key: (one.state.value, one.attempts) for one in await deliveries.page(db, limit=1000)}


async def test_what_waits_is_sent_in_order_and_noted(db, tmp_path):
    """Deliveries of an earlier run go out at the start, new ones as soon as the outbox is woken."""
    await _add(db, "1", "2", "3")
    yard = Scripted()
    async with running(_outbox(db, tmp_path, {"yard": yard})) as outbox:
        await until(lambda: len(yard.taken) == 3)
        await _add(db, "4")
        outbox.wake()
        await until(lambda: len(yard.taken) == 4)
    assert yard.taken == ["1", "2", "3", "4"]
    assert await _states(db) == dict.fromkeys("4321", ("sent", 1))
    assert yard.closed


async def test_a_target_that_fails_is_tried_again_and_keeps_its_order(db, tmp_path):
    """Nothing overtakes a delivery that has to wait; the log tells of it once, and once when it is over."""
    await _add(db, "1", "2")
    yard = Scripted(*[DeliveryError("target yard: no answer")] * 3)
    with structlog.testing.capture_logs() as logs:
        async with running(_outbox(db, tmp_path, {"yard": yard})):
            await until(lambda: len(yard.taken) == 2)
    assert yard.tried == ["1", "1", "1", "1", "2"]
    assert await _states(db) == {"1": ("sent", 4), "2": ("sent", 1)}
    told = [(one["event"], one["log_level"]) for one in logs]
    assert told == [("target failed", "warning"), ("target takes deliveries again", "info")]


def test_pauses_double_up_to_a_bound_and_are_never_in_step():
    """Half of a pause is left to chance; a target that asks for longer gets it, within reason."""
    pace = Pace(first_pause=1, longest_pause=60, longest_asked=3600)
    for failures, longest in [(1, 1), (2, 2), (3, 4), (7, 60), (1000, 60)]:
        pauses = {pace.pause(failures).total_seconds() for _ in range(50)}
        assert len(pauses) > 10
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest
    assert pace.pause(1, 30).total_seconds() == 30
    assert pace.pause(1, 86400).total_seconds() == 3600


async def test_a_target_that_asks_for_time_gets_it(db, tmp_path):
    """Retry-After is honoured, and survives a restart in the row."""
    await _add(db, "1")
    yard = Scripted(DeliveryError("target yard: too many (429)", retry_after=0.2))
    async with running(_outbox(db, tmp_path, {"yard": yard})):
        await until(lambda: len(yard.taken) == 1)
    assert 0.19 <= yard.times[1] - yard.times[0] < 2


async def test_a_permanent_failure_becomes_a_dead_letter_at_once(db, tmp_path):
    """What would fail again just so holds nothing up, and says why."""
    await _add(db, "1", "2")
    yard = Scripted(DeliveryError("target yard: gone (410)", permanent=True))
    async with running(_outbox(db, tmp_path, {"yard": yard})):
        await until(lambda: yard.taken == ["2"])
    assert await _states(db) == {"1": ("dead", 1), "2": ("sent", 1)}
    (dead,) = await deliveries.page(db, state=DeliveryState.DEAD)
    assert dead.error == "target yard: gone (410)"


async def test_a_person_revives_dead_letters_in_their_order(db, tmp_path):
    """*Retry* sends the same keys again, oldest first, although the target was being left alone."""
    await _add(db, "1", "2", "3")
    refused = DeliveryError("target yard: refused (403)", permanent=True)
    yard = Scripted(refused, refused, DeliveryError("target yard: no answer", retry_after=500))
    async with running(_outbox(db, tmp_path, {"yard": yard})) as outbox:
        await until(lambda: len(yard.tried) == 3)
        assert await deliveries.retry(db, utc_now(), target="yard") == 2
        outbox.wake()
        await until(lambda: len(yard.taken) == 2)
        assert await deliveries.hurry(db, "yard", utc_now()) == 1
        outbox.wake()
        await until(lambda: len(yard.taken) == 3)
    assert yard.taken == ["1", "2", "3"]


async def test_a_stalled_target_harms_no_other(db, tmp_path):
    """Each target has its own pace: one that never answers holds up only what is meant for it."""
    never = asyncio.Event()
    stalled, yard = Scripted(never), Scripted()
    await _add(db, "s", target="stalled")
    async with running(_outbox(db, tmp_path, {"stalled": stalled, "yard": yard})) as outbox:
        await until(lambda: stalled.tried == ["s"])
        await _add(db, *(str(number) for number in range(50)))
        outbox.wake()
        await until(lambda: len(yard.taken) == 50)
        assert stalled.taken == []
        never.set()


async def test_a_target_that_bounds_nothing_is_bounded(db, tmp_path):
    """Even a target without a limit of its own cannot hold its queue for ever."""
    await _add(db, "1")
    yard = Scripted(asyncio.Event())
    pace = Pace(first_pause=0.005, longest_pause=0.02, longest_send=0.03)
    async with running(_outbox(db, tmp_path, {"yard": yard}, pace=pace)):
        await until(lambda: yard.taken == ["1"])
    assert yard.tried == ["1", "1"]


async def test_what_expired_is_never_sent(db, tmp_path):
    """An order to open a barrier lives seconds, also when the process was down meanwhile."""
    clock = HandClock()
    await _add(db, "old", now=_NOW, expires_at=_NOW + timedelta(seconds=10))
    await _add(db, "new", now=_NOW, expires_at=_NOW + timedelta(seconds=20))
    clock.now += timedelta(seconds=10)
    yard = Scripted()
    async with running(_outbox(db, tmp_path, {"yard": yard}, clock=clock)):
        await until(lambda: yard.taken == ["new"])
    (dead,) = await deliveries.page(db, state=DeliveryState.DEAD)
    assert (dead.key, dead.attempts, dead.error) == ("old", 0, "expired: nobody wants to be told any more")


async def test_a_clock_that_was_wrong_holds_nothing_up(db, tmp_path):
    """What was put off while the box believed to be in the next year goes out when it knows better."""
    clock = HandClock()
    await _add(db, "1", now=_NOW)
    (only,) = await deliveries.page(db)
    await deliveries.fail(db, only.id, "target yard: no answer", _NOW + timedelta(days=400))
    yard = Scripted()
    async with running(_outbox(db, tmp_path, {"yard": yard}, clock=clock)):
        await until(lambda: yard.taken == ["1"])


async def test_patience_ends_and_begins_anew_when_a_person_retries(db, tmp_path):
    """After `give_up_after` a delivery is a dead letter that names the last error; a retry gives it that time again."""
    clock = HandClock()
    await _add(db, "1", now=_NOW)
    yard = Scripted(DeliveryError("target yard: no answer"))
    pace = Pace(first_pause=0.005, longest_pause=0.005)
    async with running(
        _outbox(db, tmp_path, {"yard": yard}, patience={"yard": 3600}, clock=clock, pace=pace)
    ) as outbox:
        await until(lambda: len(yard.tried) == 1)
        clock.now += timedelta(hours=1)
        outbox.wake()
        await _until_state(db, "dead")
        (dead,) = await deliveries.page(db)
        assert dead.error == "given up after 1 h; last error: target yard: no answer"
        clock.now += timedelta(days=1)
        await deliveries.retry(db, clock.now)
        outbox.wake()
        await until(lambda: yard.taken == ["1"])


async def _until_state(db, state):
    async with asyncio.timeout(5):
        while {state} != {found for found, _ in (await _states(db)).values()}:  # noqa: ASYNC110 - rows give no event
            await asyncio.sleep(0.005)


async def test_what_is_meant_for_nobody_is_told(db, tmp_path):
    """A target that went from the configuration leaves dead letters with the reason, not a queue that never ends."""
    await _add(db, "1", "2", target="gone")
    with structlog.testing.capture_logs() as logs:
        async with running(_outbox(db, tmp_path, {})):
            await _until_state(db, "dead")
    (dead, _) = await deliveries.page(db)
    assert dead.error.startswith("target gone: is not configured (any more): add a [[target]]")
    assert [(one["event"], one["count"]) for one in logs] == [("deliveries given up", 2)]


async def test_targets_are_replaced_without_losing_or_doubling(db, tmp_path):
    """On a reload the old target ends what it is at, the new one goes on with the next."""
    gate = asyncio.Event()
    old, kept, new = Scripted(gate), Scripted(), Scripted()
    await _add(db, "1", "2")
    async with running(_outbox(db, tmp_path, {"yard": old, "mail": kept})) as outbox:
        await until(lambda: old.tried == ["1"])
        replacing = asyncio.create_task(outbox.replace({"yard": new, "mail": kept}))
        await asyncio.sleep(0)
        assert not replacing.done()
        gate.set()
        await replacing
        await until(lambda: new.taken == ["2"])
        assert (old.taken, old.closed, kept.closed) == (["1"], True, False)
        await _add(db, "3", target="mail")
        outbox.wake()
        await until(lambda: kept.taken == ["3"])


async def test_what_is_on_its_way_arrives_before_the_end(db, tmp_path):
    """A stop waits for the delivery that is being sent, so that it is not sent twice, and begins no other."""
    gate = asyncio.Event()
    yard = Scripted(gate)
    await _add(db, "1", "2")
    async with running(_outbox(db, tmp_path, {"yard": yard})) as outbox:
        await until(lambda: yard.tried == ["1"])
        draining = asyncio.create_task(outbox.drain())
        await asyncio.sleep(0)
        gate.set()
        await draining
    assert await _states(db) == {"1": ("sent", 1), "2": ("waiting", 0)}


async def test_the_picture_of_the_read_goes_along_where_wanted(db, tmp_path):
    """The frame as it was stored; a message whose picture is gone is sent without it."""
    images = Images(tmp_path / "images")
    jpeg = b"\xff\xd8 a frame"
    read = await _stored_read(db, images, jpeg)
    await _add(db, "with", read_id=read.id, with_picture=True)
    await _add(db, "without", read_id=read.id)
    await _add(db, "gone", read_id="00000000-0000-0000-0000-000000000000", with_picture=True)
    yard = Scripted()
    async with running(_outbox(db, tmp_path, {"yard": yard})):
        await until(lambda: len(yard.taken) == 3)
    assert yard.pictures == [jpeg, None, None]


async def test_old_rows_are_tidied_up(db, tmp_path):
    """The table is bounded by age."""
    await _add(db, "old", now=utc_now() - timedelta(days=31))
    (old,) = await deliveries.page(db)
    await deliveries.finish(db, old.id, utc_now() - timedelta(days=31))
    await _add(db, "new")
    yard = Scripted()
    async with running(_outbox(db, tmp_path, {"yard": yard})):
        await until(lambda: yard.taken == ["new"])
        await _until_state(db, "sent")
        async with asyncio.timeout(5):
            while len(await _states(db)) > 1:  # noqa: ASYNC110 - rows give no event
                await asyncio.sleep(0.005)


async def test_pages_hear_of_changes_but_not_of_each(db, tmp_path):
    """A thousand deliveries are a few events."""
    bus = Bus()
    await _add(db, *(str(number) for number in range(100)))
    yard = Scripted()
    async with bus.listen(DeliveriesChanged) as events, running(_outbox(db, tmp_path, {"yard": yard}, bus=bus)):
        await until(lambda: len(yard.taken) == 100)
        assert 1 <= events.qsize() < 10
