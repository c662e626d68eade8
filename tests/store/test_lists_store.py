"""Lists, entries and hits in the database."""

from __future__ import annotations

from datetime import timedelta

from alpr.access import ListKind, Verdict
from alpr.site.lists.matching import Index
from alpr.site.schedule import parse_schedule
from alpr.store import entries, hits, lists, reads
from alpr.store.entries import EntryQuery
from alpr.store.reads import Evidence, ReadQuery
from tests.drawn_reads import NOON, make_read
from tests.site.entries import BERLIN, entry

_EVIDENCE = Evidence("f.jpg", "0" * 64, 320, 160, "c.jpg", "0" * 64)
ALLOW, DENY = ListKind.ALLOW, ListKind.DENY


async def test_a_list_has_one_name_whatever_its_letters(db):
    """Renaming it to a taken name is refused, removing it takes its entries along."""
    staff = await lists.create(db, "Staff", ALLOW, "ada", NOON)
    assert await lists.create(db, " staff", DENY, "ada", NOON) is None
    banned = await lists.create(db, "Banned", DENY, "ada", NOON)
    assert await lists.change(db, banned, "STAFF", DENY) is None
    assert await lists.change(db, staff, "Own people", ALLOW)
    await entries.add(db, staff, entry("AB123"), "ada", NOON)
    await entries.add(db, staff, entry("AB124", valid_until=NOON), "ada", NOON)
    found = await lists.find(db, "OWN PEOPLE", NOON)
    assert found is not None
    assert (found.entries, found.expired) == (2, 1)
    assert [one.name for one in await lists.everyone(db, NOON)] == ["Banned", "Own people"]
    assert await lists.remove(db, staff)
    assert await lists.load_entries(db) == ()
    assert await lists.get(db, staff, NOON) is None


async def test_an_entry_comes_back_as_it_was_given(db):
    """With its gates, times and hours; a second one of its pattern is refused, one of another list is not."""
    staff = await lists.create(db, "Staff", ALLOW, "ada", NOON)
    given = entry(
        "AB-123*",
        owner="Meyer",
        company="Meyer Logistics",
        note="bay 4",
        opens_inexact=True,
        valid_from=NOON,
        valid_until=NOON + timedelta(days=3),
        cameras=frozenset({"gate-in", "gate-out"}),
        schedule=parse_schedule("Mon-Fri 22:00-06:00; Sat 08:00-12:00"),
    )
    made = await entries.add(db, staff, given, "ada", NOON)
    assert await lists.load_entries(db) == (given,)
    assert await entries.add(db, staff, entry("ab 123*"), "ada", NOON) is None
    assert await entries.add_all(db, staff, [entry("AB123"), entry("A B123"), entry("AB123*")], "ada", NOON) == 1
    other = entry("AB124", number=made)
    assert await entries.change(db, other, NOON)
    assert await entries.change(db, entry("AB123", number=made), NOON) is None
    assert await entries.change(db, entry("AB123", number=99), NOON) is False
    stored = await entries.get(db, made)
    assert stored is not None
    assert (stored.entry, stored.created_by) == (other, "ada")
    assert await entries.remove(db, made)
    assert not await entries.remove(db, made)


async def test_entries_are_paged_by_pattern_and_found_by_any_word(db):
    """Look-alikes in the plate are forgiven, and what people type is taken as it is."""
    staff = await lists.create(db, "Staff", ALLOW, "ada", NOON)
    people = ["Ada", "Bob", "100 % Cleaning", "Dan"]
    new = [entry(f"AB{number}0", owner=name) for number, name in enumerate(people)]
    await entries.add_all(db, staff, new, "ada", NOON)

    async def found(text: str) -> list[str]:
        return [one.entry.pattern for one in await entries.page(db, EntryQuery(list_id=staff, text=text))]

    assert await found("ABO") == ["AB00"]
    assert await found("bob") == ["AB10"]
    assert await found("% cl") == ["AB20"]
    assert await found("_") == []
    first = await entries.page(db, EntryQuery(limit=3))
    last = first[-1].entry
    rest = await entries.page(db, EntryQuery(after=(entries.folded(last.pattern), last.id)))
    assert [one.entry.pattern for one in (*first, *rest)] == ["AB00", "AB10", "AB20", "AB30"]


async def test_the_decision_is_kept_with_its_read_as_it_was_then(db):
    """A later decision replaces it; the entry may go; reads are found by verdict."""
    staff = await lists.create(db, "Staff", ALLOW, "ada", NOON)
    await entries.add_all(db, staff, [entry("AB00001", owner="Meyer"), entry("AB*", valid_until=NOON)], "ada", NOON)
    index = Index(await lists.load_entries(db), BERLIN)
    known, stranger = make_read(1), make_read(2)
    async with db.write() as connection:
        for read in (known, stranger):
            await reads.save(connection, read, _EVIDENCE, [None], NOON)
            await hits.save(connection, read.id, index.decide(read, NOON))
    await lists.remove(db, staff)
    found = await hits.of_read(db, known.id)
    assert [(hit.owner, hit.applies, hit.reason) for hit in found] == [
        ("Meyer", True, "is AB00001"),
        ("", False, "fits AB*; expired a moment ago"),
    ]
    stored = await reads.page(db, ReadQuery(verdict=Verdict.ALLOWED))
    assert [(one.read.id, one.verdict_reason) for one in stored] == [(known.id, "Staff: Meyer")]
    async with db.write() as connection:
        await hits.save(connection, known.id, Index([], BERLIN).decide(known, NOON))
    assert await hits.of_read(db, known.id) == ()
    assert len(await reads.page(db, ReadQuery(verdict=Verdict.UNKNOWN))) == 2
