"""A dry run over stored reads: what the gate would have done, counted over all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.config import Rule
from alpr.domain import Reading
from alpr.site.rules.firing import ready
from alpr.store import hits, passages, reads
from alpr.store.dryrun import dry_run
from alpr.store.reads import Evidence
from tests.drawn_reads import NOON, make_read

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)
STAFF = Match(Entry(1, "Staff", ListKind.ALLOW, "AB*"), MatchKind.WILDCARD, 1.0, "fits AB*")


async def store(db, *given):
    """Store reads, each with what the lists said."""
    async with db.write() as connection:
        for read, decision in given:
            await reads.save(connection, read, EVIDENCE, [None], NOON)
            await hits.save(connection, read.id, decision)


def passing(number, text, second, camera="gate-in", verdict=Verdict.UNKNOWN, *matches):
    at = NOON + timedelta(seconds=second)
    read = make_read(number, reading=Reading(text, 0.9 if text else 0.0), captured_at=at, camera=camera)
    return read, Decision(verdict, "said", tuple(matches))


async def outcome(db, *rules, days=1, size=4000):
    result = None
    async for progress in dry_run(db, ready(rules, ZoneInfo("UTC")), NOON, NOON + timedelta(days=days), size):
        result = progress
    assert result.done == 1.0
    return [(one.fired, one.held_back) for one in result.tried]


async def test_what_would_have_fired(db):
    """Verdicts and lists as they were then, cooldown for each plate, the same plate elsewhere too fast."""
    await store(
        db,
        passing(1, "AB123", 0, "gate-in", Verdict.ALLOWED, STAFF),
        passing(2, "AB123", 10, "gate-out", Verdict.ALLOWED, STAFF),
        passing(3, "AB123", 20, "gate-out", Verdict.ALLOWED, replace(STAFF, applies=False)),
        passing(4, "XY9", 30),
        passing(5, "", 40, "gate-in", Verdict.UNREAD),
        passing(6, "XY9", 90_000),
    )
    rules = (
        Rule(name="all", tag="x"),
        Rule(name="allowed", tag="x", verdicts=["allowed"], cooldown=15),
        Rule(name="staff", tag="x", lists=["staff"]),
        Rule(name="fast", tag="x", too_fast=15),
        Rule(name="slower", tag="x", too_fast=25),
        Rule(name="two", tag="x", at_most=2),
    )
    assert await outcome(db, *rules) == [(5, 0), (2, 1), (2, 0), (1, 0), (2, 0), (2, 3)]
    assert await outcome(db, Rule(name="all", tag="x"), days=3) == [(6, 0)]


async def test_stretches_forget_nothing_between_them(db):
    """Cooldown, twins and the hour go on over the edge of a stretch; progress grows to one."""
    await store(db, *(passing(n, "AB123", n * 10, f"gate-{n % 2}") for n in range(1, 10)))
    rules = (
        Rule(name="c", tag="x", cooldown=35),
        Rule(name="f", tag="x", too_fast=11),
        Rule(name="m", tag="x", at_most=4),
    )
    assert await outcome(db, *rules, size=2) == [(3, 6), (8, 0), (4, 5)]
    shares = [
        one.done async for one in dry_run(db, ready(rules, ZoneInfo("UTC")), NOON, NOON + timedelta(seconds=100), 2)
    ]
    assert shares == sorted(shares)
    assert len(shares) == 6


async def test_the_gate_asks_as_the_dry_run_does(db):
    """Seconds since the same text was read at another camera: to the newest, and only as far back as asked."""
    await store(db, passing(1, "AB123", 0, "gate-out"), passing(2, "A8I23", 10, "gate-in"))
    async with db.read() as connection:
        at = NOON + timedelta(seconds=40)
        assert await passages.seconds_elsewhere(connection, "A8123", "gate-in", at, 60) == 40
        assert await passages.seconds_elsewhere(connection, "A8123", "gate-x", at, 60) == 30
        assert await passages.seconds_elsewhere(connection, "A8123", "gate-in", at, 30) == float("inf")
