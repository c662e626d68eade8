"""Changes of lists that another process made reach the site as well."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from alpr.access import ListKind
from alpr.bus import Bus, ListsChanged
from alpr.store import entries, lists
from alpr.store.database import open_database
from alpr.watch.lists import watch_lists
from tests.drawn_reads import NOON
from tests.site.entries import entry


async def test_what_another_process_changes_is_announced(tmp_path):
    """A list, its kind, an entry and its end, each once; what was there at the start is no change."""
    db, other = await open_database(tmp_path), await open_database(tmp_path, alone=False)
    staff = await lists.create(other, "Staff", ListKind.ALLOW, "command line", NOON)
    bus = Bus()
    async with bus.listen(ListsChanged) as heard:
        watching = asyncio.create_task(watch_lists(db, bus, pause=0.01))
        await asyncio.sleep(0.05)
        assert heard.empty()
        made = await entries.add(other, staff, entry("AB123"), "command line", NOON)
        await asyncio.wait_for(heard.get(), 5)
        await lists.change(other, staff, "Staff", ListKind.DENY)
        await asyncio.wait_for(heard.get(), 5)
        await entries.remove(other, made)
        await asyncio.wait_for(heard.get(), 5)
        assert heard.empty()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    await other.close()
    await db.close()
