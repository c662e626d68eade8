"""The gatekeeper: what comes of a read is committed with it, once, and held back where rules say so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from alpr.access import Entry, ListKind, Severity, Verdict
from alpr.bus import AlarmsChanged, Bus, DeliveriesChanged, ListsChanged, RulesChanged
from alpr.config import Alarms, Rule
from alpr.domain import Reading, State
from alpr.keepers.gate import Gatekeeper
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.site.rules.states import BoxState
from alpr.status import Status
from alpr.store import alarms, deliveries, entries, firings, lists, reads, rules, schema, tags
from alpr.store.database import Database, open_database
from alpr.store.reads import Evidence
from tests.drawn_reads import NOON, make_read, read_id
from tests.fakes import until

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)
NAMES = Names(("gate-in", "gate-out"), ("office", "boss", "push"), ("main",))


@dataclass
class Gate:
    """A gatekeeper over an empty database, at a time that the test turns."""

    db: Database
    bus: Bus
    status: Status
    book: Rulebook
    now: list
    keeper: Gatekeeper = field(init=False)
    woken: list = field(default_factory=list)

    def __post_init__(self):
        self.keeper = Gatekeeper(self.db, self.bus, self.status, self.book, lambda: self.now[0])
        self.keeper.wakes(lambda: self.woken.append(1))

    async def rules(self, *given, **alarm_settings):
        """Let these rules stand in the configuration."""
        self.book.filed = tuple(FiledRule(Rule(**rule), line) for line, rule in enumerate(given, 1))
        self.book.alarms = Alarms(**alarm_settings)
        await self.keeper.load()

    async def lists(self, **entries_of):
        """Make lists: `allow=["AB00001"]`."""
        for kind, patterns in entries_of.items():
            number = await lists.create(self.db, kind.capitalize(), ListKind(kind), "bea", NOON)
            for pattern in patterns:
                entry = Entry(0, kind.capitalize(), ListKind(kind), pattern, owner="Meyer")
                assert await entries.add(self.db, number, entry, "bea", NOON)
        await self.keeper.load()

    async def passes(self, read):
        """Store a read as the recorder does; return the decision."""
        async with self.db.write() as connection:
            await reads.save(connection, read, EVIDENCE, [None] * len(read.looks), self.now[0])
            decision = await self.keeper.decide(connection, read, self.now[0])
        self.keeper.committed()
        return decision

    async def sent(self, target=""):
        """Return what waits for a target, oldest first."""
        return list(reversed(await deliveries.page(self.db, target=target)))

    def later(self, seconds):
        self.now[0] += timedelta(seconds=seconds)

    async def count(self, table):
        async with self.db.read() as connection:
            return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


@asynccontextmanager
async def opened(data):
    db = await open_database(data)
    book = Rulebook(names=NAMES, site="Depot", zone=ZoneInfo("Europe/Berlin"))
    try:
        yield Gate(db, Bus(), Status(), book, [NOON + timedelta(seconds=1)])
    finally:
        await db.close()


@pytest.fixture
async def gate(tmp_path):
    async with opened(tmp_path / "data") as one:
        yield one


UNKNOWN = {"name": "Strangers", "verdicts": ["unknown"], "tell": ["office"]}


async def test_a_read_is_told_once_with_words_facts_and_picture(gate):
    """Preview and final of one read make one message; its facts are the read in the product's own shape."""
    await gate.rules(UNKNOWN)
    await gate.passes(make_read(1, state=State.PREVIEW))
    await gate.passes(make_read(1))
    (message,) = await gate.sent()
    assert message.key == f"rule Strangers/{read_id(1)}/office"
    assert (message.subject, message.target, message.rule) == ("Unknown: AB00001 at gate-in", "office", "Strangers")
    assert message.body == "on no list, 13:00:01, 90 % sure"
    assert message.with_picture
    assert message.read_id == read_id(1)
    assert message.facts["event"] == "read"
    assert message.facts["read"]["text"] == "AB00001"
    assert message.facts["read"]["verdict"] == "unknown"
    assert gate.woken == [1]


async def test_what_the_transaction_takes_back_was_never_told(gate):
    """A commit that fails leaves no firing behind, so the second try tells."""
    await gate.rules({**UNKNOWN, "alarm": "warning", "tag": "stranger"})
    with suppress(ZeroDivisionError):
        async with gate.db.write() as connection:
            await reads.save(connection, make_read(1), EVIDENCE, [None], NOON)
            await gate.keeper.decide(connection, make_read(1), NOON)
            raise ZeroDivisionError
    for table in (schema.deliveries, schema.firings, schema.alarms, schema.tags, schema.hits):
        assert await gate.count(table) == 0
    await gate.passes(make_read(1))
    assert len(await gate.sent()) == 1
    assert await tags.of_read(gate.db, read_id(1)) == ("stranger",)


async def test_a_barrier_opens_only_for_whom_the_lists_allow(gate):
    """Allowed: an order that lives ten seconds. Unknown, denied, or long past: none."""
    await gate.lists(allow=["AB00001", "AB00004"], deny=["AB00002"])
    await gate.rules({"name": "Open", "open": ["main"], "tell": ["office"]})
    for number in (1, 2, 3):
        await gate.passes(make_read(number))
    gate.later(60)
    await gate.passes(make_read(4))
    (order,) = await gate.sent("barrier/main")
    assert (order.read_id, order.expires_at) == (read_id(1), NOON + timedelta(seconds=11))
    assert order.facts["event"] == "barrier"
    assert order.facts["read"]["opens"] is True
    assert len(await gate.sent("office")) == 4


async def test_the_preview_may_open_and_the_final_does_not_open_again(gate):
    """One read, one order."""
    await gate.lists(allow=["AB00001"])
    await gate.rules({"name": "Open", "open": ["main"]})
    await gate.passes(make_read(1, state=State.PREVIEW))
    await gate.passes(make_read(1))
    assert len(await gate.sent("barrier/main")) == 1


async def test_a_barrier_that_wants_more_certainty_opens_for_the_surer_look(gate):
    """A doubtful preview orders nothing, though its rule has fired; the same read, grown surer, opens, once."""
    gate.book.barrier_confidence = {"main": 0.9}
    await gate.lists(allow=["AB00001"])
    await gate.rules({"name": "Open", "open": ["main"], "tell": ["office"]})
    read = make_read(1, state=State.PREVIEW)
    await gate.passes(replace(read, reading=replace(read.reading, confidence=0.88)))
    assert await gate.sent("barrier/main") == []
    assert len(await gate.sent("office")) == 1
    for confidence in (0.95, 0.97):
        await gate.passes(replace(read, reading=replace(read.reading, confidence=confidence)))
    assert len(await gate.sent("barrier/main")) == 1
    assert len(await gate.sent("office")) == 1


async def test_cooldown_is_for_each_plate(gate):
    """The same plate within the cooldown is noted and told to nobody; another plate, or later, is."""
    await gate.rules({**UNKNOWN, "cooldown": 300})

    def passing(number, text):
        return make_read(number, reading=Reading(text, 0.9))

    await gate.passes(passing(1, "AB123"))
    gate.later(100)
    await gate.passes(passing(2, "A8I23"))  # the same for who mixes up B and 8
    await gate.passes(passing(3, "XY789"))
    gate.later(201)
    await gate.passes(passing(4, "AB123"))
    assert [message.read_id for message in await gate.sent()] == [read_id(1), read_id(3), read_id(4)]
    counted = (await firings.counts(gate.db, NOON))["Strangers"]
    assert (counted.fired, counted.held_back) == (3, 1)


async def test_at_most_so_often_an_hour(gate):
    """The third of an hour is held back; an hour after the first there is room again."""
    await gate.rules({**UNKNOWN, "at_most": 2})
    for number, wait in ((1, 0), (2, 60), (3, 60), (4, 3541)):
        gate.later(wait)
        await gate.passes(make_read(number))
    assert [message.read_id for message in await gate.sent()] == [read_id(1), read_id(2), read_id(4)]


async def test_quiet_hours_silence_but_hide_nothing(gate):
    """At night nobody is told and nothing sounds, but the barrier opens and the alarm is there in the morning."""
    await gate.lists(allow=["AB*"])
    quiet = {"name": "Night", "quiet_hours": "12:00-14:00", "tell": ["office"], "alarm": "warning", "sound": True}
    await gate.rules(quiet)
    await gate.passes(make_read(1))
    assert await gate.sent() == []
    (alarm,) = await alarms.page(gate.db)
    assert (alarm.severity, alarm.sound, alarm.rule) == (Severity.WARNING, False, "Night")


async def test_the_same_plate_elsewhere_too_fast(gate):
    """Two gates within a minute; the same gate again or a later pass is nothing."""
    await gate.rules({"name": "Twin", "too_fast": 60, "alarm": "critical"})

    def passing(number, camera, second):
        at = NOON + timedelta(seconds=second)
        return make_read(number, camera=camera, reading=Reading("AB123", 0.9), captured_at=at)

    for number, camera, second in ((1, "gate-in", 0), (2, "gate-in", 5), (3, "gate-out", 30), (4, "gate-in", 120)):
        await gate.passes(passing(number, camera, second))
    assert [alarm.read_id for alarm in await alarms.page(gate.db)] == [read_id(3)]


async def test_changes_of_lists_and_rules_are_followed(gate):
    """What the pages change holds for the next read; a rule that is faulty by now is left out, and said."""
    await gate.rules()
    work = asyncio.create_task(gate.keeper.run())
    try:
        assert (await gate.passes(make_read(1))).verdict is Verdict.UNKNOWN
        number = await lists.create(gate.db, "Staff", ListKind.ALLOW, "bea", NOON)
        await entries.add(gate.db, number, Entry(0, "Staff", ListKind.ALLOW, "AB00001"), "bea", NOON)
        await rules.create(gate.db, {"name": "Mine", "verdicts": ["allowed"], "tag": "mine"}, "bea", NOON)
        await rules.create(gate.db, {"name": "Broken", "tell": ["nobody"]}, "bea", NOON)
        gate.bus.publish(ListsChanged())
        gate.bus.publish(RulesChanged())
        await until(lambda: [rule.name for rule in gate.keeper.rules] == ["Mine"])
        assert (await gate.passes(make_read(1))).verdict is Verdict.ALLOWED
        assert await tags.of_read(gate.db, read_id(1)) == ("mine",)
    finally:
        work.cancel()
        await asyncio.wait({work})


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (None, "allow", Verdict.ALLOWED),
        (None, "deny", Verdict.DENIED),
        ("deny", "allow", Verdict.DENIED),
        ("allow", "deny", Verdict.ALLOWED),
        ("watch", "deny", Verdict.DENIED),
    ],
)
async def test_who_stands_at_a_gate_turns_with_the_lists(gate, before, change, after):
    """Whoever was not let in is judged anew at once when a list knows him; who was let in stays so in the log."""
    await gate.rules()
    await gate.lists(**({before: ["AB00001"]} if before else {}))
    await gate.passes(make_read(1))
    work = asyncio.create_task(gate.keeper.run())
    try:
        number = await lists.create(gate.db, "New", ListKind(change), "bea", NOON)
        await entries.add(gate.db, number, Entry(0, "New", ListKind(change), "AB00001"), "bea", NOON)
        await rules.create(gate.db, {"name": "Next", "verdicts": ["allowed"], "tag": "next"}, "bea", NOON)
        gate.bus.publish(ListsChanged())
        gate.bus.publish(RulesChanged())
        await until(lambda: [rule.name for rule in gate.keeper.rules] == ["Next"], within=60)
    finally:
        work.cancel()
        await asyncio.wait({work})
    stored = await reads.get(gate.db, read_id(1))
    assert stored.verdict is after


async def test_a_corrected_read_has_the_tags_that_it_deserves(gate):
    """Tags of rules follow the text, there and back; what a person tagged, and what was told, stays."""
    await gate.rules({**UNKNOWN, "tag": "stranger"}, {"name": "Staff", "verdicts": ["allowed"], "tag": "staff"})
    await gate.lists(allow=["AB00002"])
    await gate.passes(make_read(1))
    async with gate.db.write() as connection:
        await tags.add(connection, read_id(1), "odd", "")
    found = [await tags.of_read(gate.db, read_id(1))]
    gate.later(3600)
    for text in ("AB00002", "AB00001"):
        async with gate.db.write() as connection:
            await gate.keeper.decide_again(connection, make_read(1, reading=Reading(text, 1.0)), gate.now[0])
        found.append(await tags.of_read(gate.db, read_id(1)))
    assert found == [("odd", "stranger"), ("odd", "staff"), ("odd", "stranger")]
    assert len(await gate.sent()) == 1


SILENT = BoxState("camera lost", "gate-in", "camera gate-in is silent: refused (401)", Severity.CRITICAL)


def over(state):
    return BoxState(state.on, state.subject, state.words, state.severity, over=True, rule=state.rule)


async def test_a_state_of_the_box_is_told_once_and_when_it_is_over(gate):
    """Raised, told, not told again, then over and told; rules of that kind join in."""
    lost = {"name": "Lost", "on": "camera lost", "tell": ["boss"], "cameras": ["gate-in"]}
    back = {"name": "Back", "on": "camera back", "tell": ["boss"]}
    other = {"name": "Other", "on": "camera lost", "tell": ["boss"], "cameras": ["gate-out"]}
    await gate.rules(lost, back, other, tell=["office"])
    async with gate.bus.listen(AlarmsChanged, DeliveriesChanged) as events:
        await gate.keeper.box.tell(SILENT)
        assert {type(events.get_nowait()) for _ in range(2)} == {AlarmsChanged, DeliveriesChanged}
    gate.later(60)
    await gate.keeper.box.tell(over(SILENT))
    assert [message.subject for message in await gate.sent("office")] == [
        "Camera gate-in is silent: refused (401)",
        "Over: camera gate-in is silent: refused (401)",
    ]
    assert [(message.rule, message.facts["event"]) for message in await gate.sent("boss")] == [
        ("Lost", "camera lost"),
        ("Lost", "camera back"),
        ("Back", "camera back"),
    ]
    (alarm,) = await alarms.page(gate.db)
    assert (alarm.key, alarm.over_at) == ("camera lost/gate-in", gate.now[0])


async def test_every_return_of_a_camera_is_an_alarm_of_its_own(gate):
    """A rule about coming back alarms each time, though nobody has seen the last one."""
    await gate.rules(
        {"name": "Back", "on": "camera back", "alarm": "info"}, {"name": "Lost", "on": "camera lost", "alarm": "info"}
    )
    for _ in range(2):
        await gate.keeper.box.tell(SILENT)
        gate.later(60)
        await gate.keeper.box.tell(over(SILENT))
        gate.later(60)
    raised = [(alarm.rule, alarm.over_at is not None) for alarm in await alarms.page(gate.db)]
    assert sorted(raised) == [("", True)] * 2 + [("Back", True)] * 2 + [("Lost", True)] * 2


async def test_what_a_rule_has_told_of_the_box_is_known_after_a_restart(gate):
    """A rule with a threshold of its own and no alarm: its state is open until it is over."""
    await gate.rules({"name": "Soon", "on": "camera lost", "threshold": 10, "tell": ["office"]})
    soon = BoxState("camera lost", "gate-in", "silent", Severity.CRITICAL, rule="Soon")
    await gate.keeper.box.tell(soon)
    assert await firings.open_states(gate.db) == {soon.key}
    gate.later(5)
    await gate.keeper.box.tell(over(soon))
    assert await firings.open_states(gate.db) == frozenset()
    assert len(await gate.sent("office")) == 2


async def test_old_firings_are_forgotten(gate):
    """After a month nobody asks any more; the alarms and deliveries stay."""
    await gate.rules(UNKNOWN)
    await gate.passes(make_read(1))
    await gate.keeper.box.escalate()
    assert await gate.count(schema.firings) == 1
    gate.later(31 * 86_400)
    await gate.keeper.box.escalate()
    assert await gate.count(schema.firings) == 0
    assert await gate.count(schema.deliveries) == 1


async def test_who_does_not_acknowledge_is_passed_over(gate):
    """After five minutes the boss hears of it, once; an alarm that was seen or is over is left alone."""
    await gate.rules({**UNKNOWN, "alarm": "critical", "escalate_to": ["boss"], "tell": []}, escalate_to=["boss"])
    await gate.passes(make_read(1))
    await gate.passes(make_read(2))
    await gate.keeper.box.tell(SILENT)
    await gate.keeper.box.tell(over(SILENT))
    gate.later(299)
    await gate.keeper.box.escalate()
    assert await gate.sent("boss") == []
    (first,) = [alarm for alarm in await alarms.page(gate.db) if alarm.read_id == read_id(1)]
    seen = await alarms.acknowledge(gate.db, first.id, "anna", gate.now[0])
    assert seen.acknowledged_by == "anna"
    gate.later(2)
    await gate.keeper.box.escalate()
    await gate.keeper.box.escalate()
    (told,) = await gate.sent("boss")
    assert told.subject == "Nobody has seen it for 5 min: Unknown: AB00002 at gate-in"
    assert (told.facts["event"], told.with_picture) == ("escalation", True)


async def test_alarms_are_counted_for_the_bell(gate):
    """How many nobody has seen, and which of them sounds."""
    await gate.rules({**UNKNOWN, "alarm": "critical", "sound": True})
    await gate.passes(make_read(1))
    await gate.passes(make_read(2))
    await gate.keeper.load()
    assert (gate.status.open_alarms, gate.status.sounding_alarm) == (2, 2)
    assert await alarms.acknowledge_all(gate.db, 2, "anna", gate.now[0]) == 2
    await gate.keeper.load()
    assert (gate.status.open_alarms, gate.status.sounding_alarm) == (0, 0)
