"""Corrections: what a person says of a read stays, is judged, is told once, and can be undone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.access import Entry, ListKind, Verdict
from alpr.bus import Bus, ReadCommitted
from alpr.config import Rule
from alpr.correction import Corrector
from alpr.domain import Kind, Reading, Review, State
from alpr.errors import CorrectionError
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.status import Status
from alpr.stay import StayLimits, VisitState
from alpr.store import audit, corrections, deliveries, entries, hits, lists, notes, reads, statistics, visits
from alpr.store.database import Database, open_database
from alpr.store.notes import Note
from alpr.store.reads import Evidence, ReadQuery
from tests.drawn_reads import NOON, make_read, read_id

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)
ONE = read_id(1)


@dataclass
class Office:
    """A site whose reads can be corrected, a few seconds after the first one passed."""

    db: Database
    keeper: Gatekeeper
    corrector: Corrector
    events: asyncio.Queue[ReadCommitted]
    now: list

    async def passes(self, read):
        """Store a read as the recorder does; return what it stands as."""
        async with self.db.write() as connection:
            saved = await reads.save(connection, read, EVIDENCE, [None] * len(read.looks), self.now[0])
            stands = saved.read or read
            if saved.stored and stands.state is not State.DISMISSED:
                await self.keeper.decide(connection, stands, self.now[0])
        return saved

    async def of(self, number=1):
        return await reads.get(self.db, read_id(number))

    async def found(self, **query):
        return [one.read.text for one in await reads.page(self.db, ReadQuery(**query))]


@asynccontextmanager
async def opened(data):
    db, bus, now = await open_database(data), Bus(), [NOON + timedelta(seconds=5)]
    book = Rulebook(names=Names(("gate-in",), ("office",), ("main",)), site="Depot", zone=ZoneInfo("Europe/Berlin"))
    rules = [{"name": "Denied", "verdicts": ["denied"], "tell": ["office"]}]
    rules.append({"name": "Staff", "verdicts": ["allowed"], "open": ["main"], "tell": ["office"]})
    book.filed = tuple(FiledRule(Rule(**rule), line) for line, rule in enumerate(rules, 1))
    for kind, pattern in ((ListKind.ALLOW, "AB00002"), (ListKind.DENY, "XY77")):
        number = await lists.create(db, kind.value, kind, "bea", NOON)
        await entries.add(db, number, Entry(0, kind.value, kind, pattern, owner="Meyer"), "bea", NOON)
    keeper = Gatekeeper(db, bus, Status(), book, lambda: now[0])
    await keeper.load()
    try:
        async with bus.listen(ReadCommitted) as events:
            yield Office(db, keeper, Corrector(db, bus, keeper, lambda: now[0]), events, now)
    finally:
        await db.close()


@pytest.fixture
async def office(tmp_path):
    async with opened(tmp_path / "data") as one:
        yield one


async def test_a_corrected_text_is_found_judged_and_announced_and_the_old_one_kept(office):
    """Row, search, verdict, hits, history, audit log and event all say what the person said."""
    await office.passes(make_read(1))
    now = await office.corrector.correct(ONE, " ab-000 02", "ada")
    assert (now.read.text, now.read.reading.confidence, now.review, now.reviewed_by) == (
        "AB00002",
        1.0,
        Review.CORRECTED,
        "ada",
    )
    assert now.machine == make_read(1).reading
    assert (await office.of()).verdict is Verdict.ALLOWED
    assert [hit.pattern for hit in await hits.of_read(office.db, ONE)] == ["AB00002"]
    assert await office.found(text="AB00001") == []
    assert await office.found(text="A?0*2") == await office.found(review=Review.CORRECTED) == ["AB00002"]
    (deed,) = await corrections.of_read(office.db, ONE)
    assert (deed.review, deed.text_before, deed.text_after, deed.by) == (
        Review.CORRECTED,
        "AB00001",
        "AB00002",
        "ada",
    )
    (line,) = await audit.latest(office.db)
    assert (line.actor, line.action, line.subject, line.detail) == ("ada", "read corrected", ONE, "AB00001 to AB00002")
    event = office.events.get_nowait()
    assert (event.read.text, event.new, event.decision.verdict) == ("AB00002", False, Verdict.ALLOWED)


async def test_a_correction_tells_once_and_opens_no_barrier(office):
    """What the right text is to be told for is told, however often the text is set; the barrier stays a person's."""
    await office.passes(make_read(1))
    for text in ("XY77", "AB00009", "XY77", "AB00002"):
        await office.corrector.correct(ONE, text, "ada")
    told = [(one.rule, one.target) for one in await deliveries.page(office.db)]
    assert sorted(told) == [("Denied", "office"), ("Staff", "office")]


async def visitor(office, pattern):
    """Let somebody put a plate on the list that allows; the gatekeeper has not heard of it."""
    (number,) = [one.id for one in await lists.everyone(office.db, NOON) if one.kind is ListKind.ALLOW]
    await entries.add(office.db, number, Entry(0, "allow", ListKind.ALLOW, pattern, owner="Ms Lang"), "bea", NOON)


async def test_who_stands_there_is_judged_anew_when_the_lists_know_him(office):
    """The verdict turns and is announced, the old one is in the audit log, once; who is to be told is told once."""
    await office.passes(make_read(1, state=State.PREVIEW))
    await visitor(office, "AB00001")
    for _ in range(2):
        now = await office.corrector.judge_again(ONE, "ada")
    assert (now.verdict, now.read.text, now.review) == (Verdict.ALLOWED, "AB00001", None)
    event = office.events.get_nowait()
    assert (event.new, event.decision.verdict, event.decision.matches[0].entry.owner) == (
        False,
        Verdict.ALLOWED,
        "Ms Lang",
    )
    (line,) = await audit.of_subject(office.db, ONE)
    assert (line.actor, line.action) == ("ada", "read judged again")
    assert line.detail.startswith("unknown (on no list) to allowed (")
    assert [(one.rule, one.target) for one in await deliveries.page(office.db)] == [("Staff", "office")]


async def test_no_barrier_opens_by_itself_for_whom_a_person_let_in(office):
    """Neither at once nor when the read is completed: the guard sees green and opens."""
    await office.passes(make_read(1, state=State.PREVIEW))
    await visitor(office, "AB00001")
    await office.corrector.judge_again(ONE, "ada")
    await office.passes(make_read(1))
    assert (await office.of()).verdict is Verdict.ALLOWED
    assert [one.target for one in await deliveries.page(office.db)] == ["office"]
    await office.passes(make_read(2, captured_at=NOON))
    assert "barrier/main" in [one.target for one in await deliveries.page(office.db)]


async def test_who_is_long_gone_is_not_judged_anew(office):
    """What the log says of those who drove on stays as it was."""
    await office.passes(make_read(1))
    await visitor(office, "AB00001")
    office.now[0] += timedelta(minutes=16)
    assert await office.corrector.judge_again(ONE, "ada") is None
    assert (await office.of()).verdict is Verdict.UNKNOWN
    assert await office.corrector.judge_again("nobody", "ada") is None


async def test_a_late_correction_tells_nobody(office):
    """A week later a denied plate is found in the list of reads, not on the guard's telephone."""
    await office.passes(make_read(1))
    office.now[0] += timedelta(days=7)
    await office.corrector.correct(ONE, "XY77", "ada")
    assert (await office.of()).verdict is Verdict.DENIED
    assert await deliveries.page(office.db) == ()


async def test_a_final_leaves_a_persons_word_as_it_is(office):
    """The pass ends after its text was set: pictures and looks become the final's, the text stays."""
    await office.passes(make_read(1, state=State.PREVIEW))
    await office.corrector.correct(ONE, "AB00002", "ada")
    assert (await office.of()).read.state is State.PREVIEW
    final = make_read(1, reading=Reading("AB0000I", 0.7))
    saved = await office.passes(final)
    assert saved.read == replace(final, reading=(await office.of()).read.reading)
    now = await office.of()
    assert (now.read.text, now.read.state, now.verdict, now.machine) == (
        "AB00002",
        State.FINAL,
        Verdict.ALLOWED,
        final.reading,
    )
    await office.corrector.undo(ONE, "ada")
    assert (await office.of()).read.reading == final.reading


async def test_undoing_goes_back_one_step_at_a_time(office):
    """Each undo gives the text, the verdict and the word before; then there is nothing left to undo."""
    await office.passes(make_read(1))
    await office.corrector.correct(ONE, "XY77", "ada")
    await office.corrector.correct(ONE, "AB00002", "bea")
    first = await office.corrector.undo(ONE, "ada")
    assert (first.read.text, first.review, first.reviewed_by, first.verdict) == (
        "XY77",
        Review.CORRECTED,
        "ada",
        Verdict.DENIED,
    )
    last = await office.corrector.undo(ONE, "ada")
    assert (last.read, last.review, last.machine, last.verdict) == (
        replace(make_read(1), looks=()),
        None,
        None,
        Verdict.UNKNOWN,
    )
    with pytest.raises(CorrectionError, match="nothing to undo"):
        await office.corrector.undo(ONE, "ada")
    assert [one.undone_by for one in await corrections.of_read(office.db, ONE)] == ["ada", "ada"]


async def test_what_is_no_plate_leaves_lists_counts_and_hits_until_undone(office):
    """A dismissed read is shown to whoever asks for dismissed ones, and to nobody else."""
    await office.passes(make_read(2))
    await office.passes(make_read(3))
    await office.corrector.dismiss(read_id(2), "ada", "a sign")
    assert await office.found() == await office.found(camera="gate-in") == ["AB00003"]
    assert await office.found(state=State.DISMISSED) == await office.found(review=Review.DISMISSED) == ["AB00002"]
    assert await hits.of_read(office.db, read_id(2)) == ()
    assert (await office.of(2)).verdict is None
    day = timedelta(days=1)
    assert await statistics.by_facet(office.db, "camera", NOON - day, NOON + day) == (
        ("gate-in", statistics.Count(1, 0)),
    )
    await office.passes(make_read(2, reading=Reading("AB00002", 0.99)))
    assert await office.found() == ["AB00003"]
    await office.corrector.undo(read_id(2), "ada")
    assert await office.found() == ["AB00003", "AB00002"]
    assert (await office.of(2)).verdict is Verdict.ALLOWED


async def test_a_preview_that_was_dismissed_keeps_its_pictures_when_another_preview_comes(office):
    """The row goes on naming pictures that exist: the second preview is stored, not thrown away."""
    await office.passes(make_read(1, state=State.PREVIEW))
    await office.corrector.dismiss(ONE, "ada")
    saved = await office.passes(make_read(1, state=State.PREVIEW))
    assert saved.stored
    assert (await office.of()).read.state is State.DISMISSED


async def test_that_a_text_is_wrong_is_said_of_that_text_alone(office):
    """Another text that the machine comes to stands for itself; the same one stays doubted."""
    await office.passes(make_read(1, state=State.PREVIEW))
    await office.corrector.doubt(ONE, "ada")
    await office.passes(make_read(1, state=State.PREVIEW))
    assert (await office.of()).review is Review.WRONG
    await office.passes(make_read(1, reading=Reading("AB00002", 0.97)))
    assert ((await office.of()).review, (await office.of()).read.text) == (None, "AB00002")


async def test_an_unread_vehicle_becomes_a_plate_and_a_container_code_a_container(office):
    """The text that a person gives says what was seen."""
    unread = make_read(1, state=State.UNREAD, kind=Kind.VEHICLE, reading=Reading("", 0.0))
    await office.passes(unread)
    assert (await office.corrector.correct(ONE, "AB00002", "ada")).read.kind is Kind.PLATE
    now = await office.corrector.correct(ONE, "CSQU 305438-3", "ada")
    assert (now.read.kind, now.read.state, now.read.text) == (Kind.CONTAINER, State.FINAL, "CSQU3054383")


async def test_the_same_text_is_a_confirmation(office):
    """To type what is there already says that it is right, and keeps how sure the machine was."""
    await office.passes(make_read(1))
    now = await office.corrector.correct(ONE, "AB00001", "ada")
    assert (now.review, now.read.reading, now.verdict) == (
        Review.CONFIRMED,
        make_read(1).reading,
        Verdict.UNKNOWN,
    )


async def test_notes_follow_the_text_of_their_read(office):
    """What was noted of a read is found under the vehicle that it turned out to be."""
    await office.passes(make_read(1))
    await notes.add(office.db, Note("the driver has a key", NOON, "ada", "AB00001", ONE))
    await office.corrector.correct(ONE, "AB00002", "ada")
    assert await notes.of_text(office.db, "AB00001") == ()
    (note,) = await notes.of_text(office.db, "ab o0002")
    assert (note.note, note.by, note.read_id) == ("the driver has a key", "ada", ONE)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no letter and no digit"), (" -- ", "no letter and no digit"), ("A" * 17, "too long")],
)
async def test_a_text_that_no_plate_has_is_refused(office, text, words):
    """The message says what to do, and nothing has changed."""
    await office.passes(make_read(1))
    with pytest.raises(CorrectionError, match=words):
        await office.corrector.correct(ONE, text, "ada")
    assert (await office.of()).review is None


async def test_an_unknown_read_is_refused(office):
    """Whoever corrects a read that is gone is told so."""
    with pytest.raises(CorrectionError, match="there is none of this id"):
        await office.corrector.correct(read_id(9), "AB1", "ada")


async def test_whoever_agrees_with_a_correction_leaves_it_one(office):
    """The read stays among the corrected ones, with who corrected it; the history has both."""
    await office.passes(make_read(1))
    await office.corrector.correct(ONE, "AB00002", "ada")
    now = await office.corrector.confirm(ONE, "bea")
    assert (now.review, now.reviewed_by) == (Review.CORRECTED, "ada")
    assert [one.review for one in await corrections.of_read(office.db, ONE)] == [Review.CORRECTED, Review.CONFIRMED]


async def test_a_correction_moves_the_read_to_the_right_visit(office):
    """Who came in under a misread text goes out under the right one: one visit, and none of the wrong text."""
    keeper = VisitKeeper(office.db, office.corrector._bus, StayLimits())
    judge = Gatekeeper(office.db, office.corrector._bus, Status(), Rulebook(), visits=keeper)
    corrector = Corrector(office.db, office.corrector._bus, judge, lambda: office.now[0])
    came = make_read(1, direction="in")
    went = make_read(2, reading=Reading("XY77", 0.9), direction="out")
    went = replace(went, captured_at=NOON + timedelta(hours=1), last_seen=NOON + timedelta(hours=1))
    for read in (came, went):
        async with office.db.write() as connection:
            await reads.save(connection, read, EVIDENCE, [None], office.now[0])
            await judge.decide(connection, read, office.now[0])
    assert len(await visits.page(office.db, visits.VisitQuery())) == 2
    await corrector.correct(ONE, "XY77", "ada")
    (visit,) = await visits.page(office.db, visits.VisitQuery())
    assert (visit.visit.text, visit.visit.state) == ("XY77", VisitState.CLOSED)
    await corrector.dismiss(ONE, "ada")
    (visit,) = await visits.page(office.db, visits.VisitQuery())
    assert visit.visit.state is VisitState.MISSED_IN
    await corrector.undo(ONE, "ada")
    (visit,) = await visits.page(office.db, visits.VisitQuery())
    assert visit.visit.state is VisitState.CLOSED
