"""What can be done to deliveries, by pages and API alike: stored, noted in the audit log, announced."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from litestar.exceptions import NotFoundException

from alpr.access import Message
from alpr.bus import DeliveriesChanged
from alpr.domain import utc_now
from alpr.store import audit, deliveries
from alpr.store.deliveries import Delivery
from alpr.web.context import Web

_IDS: Final = 2**63


async def known_delivery(web: Web, delivery_id: int) -> Delivery:
    """Return a delivery; raises NotFoundException."""
    # Ids of the database have 63 bits; what an address may ask for has any number.
    found = await deliveries.get(web.database, delivery_id) if delivery_id < _IDS else None
    if found is None:
        raise NotFoundException
    return found


async def retry_one(web: Web, by: str, delivery: Delivery) -> bool:
    """Let a dead letter wait again, with its key; False when it has expired or is no dead letter."""
    count = await deliveries.retry(web.database, utc_now(), delivery_id=delivery.id)
    await _note(web, by, "delivery retry", delivery.target, delivery.subject, count)
    return count > 0


async def retry_all(web: Web, by: str, target: str) -> int:
    """Let the dead letters of a target (empty: of all) wait again, and try what waits now; return how many."""
    now = utc_now()
    count = await deliveries.retry(web.database, now, target=target)
    for name in (target,) if target else await deliveries.waiting_targets(web.database):
        count += await deliveries.hurry(web.database, name, now)
    await _note(web, by, "delivery retry", target or "all targets", f"{count} deliveries", count)
    return count


async def give_up(web: Web, by: str, delivery: Delivery) -> bool:
    """Make a waiting delivery a dead letter, so that those behind it go on; False when it does not wait."""
    error = f"given up by {by}" + (f"; last error: {delivery.error}" if delivery.error else "")
    done = await deliveries.give_up(web.database, delivery.id, error, utc_now(), attempted=False)
    await _note(web, by, "delivery give up", delivery.target, delivery.subject, int(done))
    return done


async def send_test(web: Web, by: str, target: str) -> Delivery:
    """Write a message that says that it is a test; raises NotFoundException when there is no such target."""
    if target not in web.book.names.targets:
        raise NotFoundException
    now, key = utc_now(), f"test {uuid4()}/{target}"
    words = f"{by} has sent this from the page Deliveries of {web.site_name}, to see whether it arrives."
    facts = {"event": "test", "at": now.isoformat(), "site": web.site_name, "words": words, "read": None}
    message = Message(key, target, f"Test from {web.site_name}", words, facts)
    async with web.database.write() as connection:
        await deliveries.add(connection, message, now)
    await _note(web, by, "delivery test", target, "", 1)
    (newest,) = await deliveries.page(web.database, target=target, limit=1)
    return newest


async def _note(web: Web, by: str, action: str, subject: str, detail: str, count: int) -> None:
    if not count:
        return
    await audit.record(web.database, audit.Entry(utc_now(), by, action, subject, detail))
    web.wake_outbox()
    web.bus.publish(DeliveriesChanged())
