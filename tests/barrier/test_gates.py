"""What a barrier does with orders, whatever its relay does with it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from alpr.barrier.gates import Barrier, Barriers, Habits, Order
from alpr.domain import utc_now
from alpr.errors import DeliveryError
from tests.fakes import until

ANNA = Order("anna", "pressed Open", "read-1")


class Contact:
    """A relay that writes down what it is told, and fails when it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails: set[str] = set()
        self.closed = asyncio.Event()

    async def close_contact(self) -> None:
        self._do("close")
        self.closed.set()

    async def release(self) -> None:
        self._do("release")

    async def disconnect(self) -> None:
        self._do("disconnect")

    def _do(self, what: str) -> None:
        self.told.append(what)
        if what in self.fails:
            raise DeliveryError(f"barrier main: cannot {what}")


class Loop:
    """An interlock; None is one that cannot be read."""

    def __init__(self, free: bool | None = True) -> None:
        self.free = free

    async def is_free(self) -> bool:
        if self.free is None:
            raise DeliveryError("barrier main: interlock: cannot be reached")
        return self.free

    async def disconnect(self) -> None:
        pass


class Story:
    """A barrier, its clock, and what was audited."""

    def __init__(self, interlock: Loop | None = None, pulse: float = 0.01, repeat_after: float = 10.0) -> None:
        self.contact, self.now, self.notes = Contact(), 1000.0, list[tuple[str, str, str]]()
        habits = Habits(frozenset({"gate-in"}), pulse, repeat_after, release_again=0.005)
        self.barrier = Barrier("main", self.contact, interlock, habits, self.note, lambda: self.now)

    async def note(self, action: str, name: str, order: Order, detail: str) -> None:
        assert name == "main"
        self.notes.append((action, order.actor, detail))
        # What is audited before the contact closes is there even if the process ends now.
        assert action != "open barrier" or "close" not in self.contact.told[-1:]


async def test_an_order_is_one_pulse_and_one_line_of_the_audit_log():
    """The contact closes and is let go; who ordered it stands in the log first."""
    story = Story()
    assert await story.barrier.open(ANNA)
    assert story.contact.told == ["close", "release"]
    assert story.notes == [("open barrier", "anna", "")]
    assert (story.barrier.record.opened_by, story.barrier.record.read_id) == ("anna", "read-1")


async def test_a_second_order_right_after_does_nothing():
    """Within the time of the anti-repeat there is no second pulse, afterwards there is."""
    story = Story(repeat_after=10)
    assert await story.barrier.open(ANNA)
    story.now += 9.9
    assert not await story.barrier.open(ANNA)
    story.now += 0.2
    assert await story.barrier.open(ANNA)
    assert story.contact.told == ["close", "release"] * 2


async def test_two_orders_at_once_are_one_pulse():
    """The preview's order and the guard's thumb meet: the barrier opens once."""
    story = Story()
    assert sorted(await asyncio.gather(story.barrier.open(ANNA), story.barrier.open(ANNA))) == [False, True]
    assert story.contact.told == ["close", "release"]


async def test_an_opening_of_the_run_before_counts():
    """An order that is told again after a restart finds the barrier opened a moment ago."""
    story = Story(repeat_after=10)
    story.barrier.recall(utc_now() - timedelta(seconds=4), "rule staff", utc_now())
    assert not await story.barrier.open(ANNA)
    story.now += 6.5
    assert await story.barrier.open(ANNA)


@pytest.mark.parametrize(("free", "said"), [(False, "the way is not free"), (None, "interlock: cannot be reached")])
async def test_no_opening_onto_something(free, said):
    """Unless the interlock says that the way is free the contact is never closed; unreadable is not free."""
    story = Story(Loop(free))
    with pytest.raises(DeliveryError, match=said):
        await story.barrier.open(ANNA)
    assert (story.contact.told, story.notes) == ([], [])
    assert said in story.barrier.record.fault


async def test_the_way_becomes_free():
    """What was refused opens as soon as the interlock lets it: a refusal is no opening."""
    loop = Loop(free=False)
    story = Story(loop)
    with pytest.raises(DeliveryError):
        await story.barrier.open(ANNA)
    loop.free = True
    assert await story.barrier.open(ANNA)
    assert story.barrier.record.fault == ""


async def test_a_relay_that_failed_is_let_go_all_the_same():
    """An order whose answer was lost may have closed the contact, so it is released."""
    story = Story()
    story.contact.fails = {"close"}
    with pytest.raises(DeliveryError, match="cannot close") as failed:
        await story.barrier.open(ANNA)
    assert story.contact.told == ["close", "release"]
    await story.barrier.note_failure(ANNA, failed.value)
    assert story.notes[-1] == ("barrier not opened", "anna", "barrier main: cannot close")


async def test_cancelled_in_the_middle_of_a_pulse():
    """A stop of the process in the middle of a pulse lets the relay go."""
    story = Story(pulse=30)
    opening = asyncio.create_task(story.barrier.open(ANNA))
    await story.contact.closed.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert story.contact.told == ["close", "release"]


async def test_a_relay_that_cannot_be_let_go_is_tried_until_it_can():
    """The page says that it is stuck, and it is released as soon as it answers again."""
    story = Story()
    story.contact.fails = {"release"}
    assert await story.barrier.open(ANNA)
    await until(lambda: story.contact.told.count("release") > 2)
    assert story.barrier.record.stuck == "barrier main: cannot release"
    story.contact.fails = set()
    await until(lambda: not story.barrier.record.stuck)
    assert story.contact.told[-1] == "release"
    await story.barrier.close()


async def test_start_and_replacement_let_every_relay_go():
    """At the start each relay is released; new ones take over after the old ones let go of their lines."""
    old, new = Story(), Story()
    barriers = Barriers()
    await barriers.replace({"main": old.barrier})
    assert old.contact.told == ["release"]
    await old.barrier.open(ANNA)
    await barriers.replace({"main": new.barrier})
    assert old.contact.told[-2:] == ["release", "disconnect"]
    assert new.contact.told == ["release"]
    assert not await new.barrier.open(ANNA), "the old one's opening counts"
    assert [one.name for one in barriers.of_camera("gate-in")] == ["main"]
    assert barriers.of_camera("gate-out") == ()
    await barriers.close()
    assert new.contact.told[-1] == "disconnect"
    assert barriers.get("main") is None
