from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alpr.access import Message
from alpr.store import deliveries
from alpr.store.deliveries import Backlog, DeliveryState

_NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)


def _message(number, target="yard", **more):
    return Message(f"rule Denied/{number}/{target}", target, f"Denied {number}", "A body", {"event": "read"}, **more)


async def _add(db, *messages, now=_NOW):
    async with db.write() as connection:
        return [await deliveries.add(connection, message, now) for message in messages]


async def _ids(db, target="yard"):
    return [delivery.id for delivery in await deliveries.queue(db, target, 100)]


async def test_a_key_makes_one_delivery_however_often_it_is_written(db):
    """Something that is noticed twice, before and after a kill -9 say, is told once."""
    assert await _add(db, _message(1), _message(1), _message(2)) == [True, False, True]
    assert await _add(db, _message(1)) == [False]
    first, second = await deliveries.queue(db, "yard", 10)
    assert (first.key, second.key) == ("rule Denied/1/yard", "rule Denied/2/yard")


async def test_a_message_comes_back_as_it_was_written(db):
    """Nothing of a message is lost on the way through the database."""
    expires = _NOW + timedelta(seconds=10)
    message = Message("k", "mail", "Sübject", "Body", {"a": [1, {"b": None}]}, "Rule", "read-1", True, expires)
    await _add(db, message)
    (stored,) = await deliveries.queue(db, "mail", 1)
    assert (stored.subject, stored.body, stored.facts) == ("Sübject", "Body", {"a": [1, {"b": None}]})
    assert (stored.rule, stored.read_id, stored.with_picture, stored.expires_at) == ("Rule", "read-1", True, expires)
    assert (stored.state, stored.attempts, stored.error) == (DeliveryState.WAITING, 0, "")
    assert stored.created_at == stored.due_at == _NOW


async def test_what_the_transaction_does_not_keep_is_not_told(db):
    """A delivery lives and dies with the transaction that it was written in."""

    async def write_and_fail():
        async with db.write() as connection:
            await deliveries.add(connection, _message(1), _NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await _ids(db) == []


async def test_a_queue_keeps_its_order_and_knows_only_its_own_target(db):
    """Each target has a queue of its own, first in, first out; a failure keeps the place."""
    await _add(db, _message(1), _message(1, "mail"), _message(2), _message(3))
    first, second, third = await _ids(db)
    await deliveries.fail(db, first, "no answer", _NOW + timedelta(seconds=5))
    assert await _ids(db) == [first, second, third]
    failed = await deliveries.get(db, first)
    assert (failed.attempts, failed.error, failed.due_at) == (1, "no answer", _NOW + timedelta(seconds=5))
    await deliveries.finish(db, first, _NOW)
    assert await deliveries.give_up(db, second, "refused (410)", _NOW)
    assert await _ids(db) == [third]
    assert len(await _ids(db, "mail")) == 1
    assert await deliveries.waiting_targets(db) == {"yard", "mail"}


async def test_what_was_sent_stays_sent(db):
    """A late failure of an earlier attempt changes nothing."""
    await _add(db, _message(1))
    (only,) = await _ids(db)
    await deliveries.finish(db, only, _NOW)
    await deliveries.fail(db, only, "late", _NOW)
    assert not await deliveries.give_up(db, only, "late", _NOW)
    assert await deliveries.retry(db, _NOW) == 0
    sent = await deliveries.get(db, only)
    assert (sent.state, sent.error, sent.finished_at) == (DeliveryState.SENT, "", _NOW)


@pytest.mark.parametrize(
    ("chosen", "revived"),
    [({}, {"yard": 2, "mail": 1}), ({"target": "mail"}, {"yard": 0, "mail": 1}), ({"delivery_id": 2}, {"yard": 1})],
)
async def test_dead_letters_wait_again_when_a_person_says_so(db, chosen, revived):
    """One, those of one target, or all; with the key they had."""
    await _add(db, _message(1), _message(2), _message(3, "mail"))
    for target in ("yard", "mail"):
        await deliveries.give_up_target(db, target, "no such target", _NOW)
    later = _NOW + timedelta(hours=1)
    assert await deliveries.retry(db, later, **chosen) == sum(revived.values())
    for target, number in revived.items():
        found = await deliveries.queue(db, target, 10)
        assert len(found) == number
        assert all((one.retried_at, one.due_at, one.finished_at) == (later, later, None) for one in found)


async def test_an_order_that_expired_is_never_revived(db):
    """A barrier must not open for a car that has long gone, whoever presses *retry*."""
    await _add(db, _message(1, "barrier/main", expires_at=_NOW + timedelta(seconds=10)))
    await deliveries.give_up_target(db, "barrier/main", "expired", _NOW)
    assert await deliveries.retry(db, _NOW + timedelta(seconds=10)) == 0
    assert await deliveries.retry(db, _NOW + timedelta(seconds=9)) == 1


async def test_old_rows_go_when_they_are_over_but_never_while_they_wait(db):
    """The table is bounded by age; what still waits is not forgotten."""
    await _add(db, *(_message(number) for number in range(4)))
    sent, dead, waiting, recent = await _ids(db)
    await deliveries.finish(db, sent, _NOW)
    await deliveries.give_up(db, dead, "refused", _NOW)
    await deliveries.finish(db, recent, _NOW + timedelta(days=3))
    before = _NOW + timedelta(days=1)
    assert await deliveries.remove_old(db, before, limit=1) == 1
    assert await deliveries.remove_old(db, before) == 1
    assert await deliveries.remove_old(db, before) == 0
    assert [one.id for one in await deliveries.page(db)] == [recent, waiting]


async def test_pages_go_back_in_time_and_narrow(db):
    """The page shows the newest first, of one state or target where asked."""
    await _add(db, *(_message(number, target) for number in range(3) for target in ("yard", "mail")))
    newest = await deliveries.page(db, limit=2)
    assert [one.id for one in newest] == [6, 5]
    assert [one.id for one in await deliveries.page(db, before=5, limit=2)] == [4, 3]
    assert [one.id for one in await deliveries.page(db, target="mail")] == [6, 4, 2]
    await deliveries.finish(db, 4, _NOW)
    assert [one.id for one in await deliveries.page(db, target="mail", state=DeliveryState.SENT)] == [4]


async def test_backlogs_say_what_has_not_arrived_and_since_when(db):
    """One number a target for what waits, one for what was given up."""
    await _add(db, _message(1), _message(1, "mail"))
    await _add(db, _message(2), _message(3), now=_NOW + timedelta(minutes=1))
    await deliveries.give_up(db, 1, "refused", _NOW)
    await deliveries.finish(db, 2, _NOW)
    assert await deliveries.backlogs(db) == {"yard": Backlog(2, 1, _NOW + timedelta(minutes=1))}
    sent = await deliveries.last_sent(db, ["yard", "mail"])
    assert list(sent) == ["mail"]
    assert sent["mail"].id == 2


async def test_deliveries_of_a_read_are_found_by_it(db):
    """The page of a read shows whom it was told."""
    await _add(db, _message(1), replace(_message(2), read_id="r"), replace(_message(2, "mail"), read_id="r"))
    assert [one.target for one in await deliveries.of_read(db, "r")] == ["yard", "mail"]
