"""What messages say, and the facts they carry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Severity, Verdict
from alpr.config import Rule
from alpr.domain import Reading, Vehicle
from alpr.site.rules.facts import read_facts
from alpr.site.rules.states import BoxState
from alpr.site.rules.telling import Site, alarm_of_read, messages_of_read, messages_of_state
from alpr.site.rules.wording import fill
from tests.drawn_reads import NOON, make_read

SITE = Site("Depot", ZoneInfo("Europe/Berlin"))
ENTRY = Entry(7, "Blocked", ListKind.DENY, "AB00001", owner="Meyer", company="Meyer & Co", note="unpaid")
DENIED = Decision(Verdict.DENIED, "Blocked: Meyer & Co", (Match(ENTRY, MatchKind.EXACT, 0.99, "exact"),))
READ = replace(make_read(1), vehicle=Vehicle("car", "white", 0.9), direction="in")


def message(read=READ, decision=DENIED, **rule):
    return messages_of_read(Rule(name="r", tell=["office"], **rule), read, decision, SITE)[0]


def test_the_usual_words_tell_all_that_a_guard_needs():
    """What and where in the title; why, when, which vehicle and how sure in the text."""
    assert message().subject == "Denied: AB00001 at gate-in"
    assert message().body == "Blocked: Meyer & Co, 13:00:01, white car, 90 % sure"
    unread = replace(READ, reading=Reading("", 0.0))
    assert message(unread, Decision(Verdict.UNREAD, "could not be read")).subject == "Unread vehicle at gate-in"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{plate}/{camera}/{verdict}/{reason}", "AB00001/gate-in/denied/Blocked: Meyer & Co"),
        ("{list}|{owner}|{company}|{note}", "Blocked|Meyer|Meyer & Co|unpaid"),
        ("{confidence}, {direction}, {vehicle}, {region}.", "90 %, in, white car, ."),
        ("{date} {time} {site} {rule}{value}", "2026-03-01 13:00:01 Depot r"),
        ("{{plate}} 100 %", "{plate} 100 %"),
        ("", ""),
    ],
)
def test_words_in_braces(template, words):
    """Every placeholder becomes what it says; doubled braces stay."""
    assert message(title=template).subject == words


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{plat}", "unknown placeholder `{plat}`, did you mean `{plate}`?"),
        ("{read.__class__}", "unknown placeholder"),
        ("{plate!r}", "unknown placeholder"),
        ("{}", "names no placeholder"),
        ("{plate", "a lone `{`"),
        ("plate}", "a lone `}`"),
    ],
)
def test_what_is_no_placeholder_is_a_fault(template, fault):
    """Templates are checked when they are loaded, and can reach nothing but the known words."""
    with pytest.raises(ValidationError, match=fault.replace("{", r"\{").replace("}", r"\}").replace("?", r"\?")):
        Rule(name="r", title=template)


def test_a_plate_is_never_read_as_a_template():
    """Braces in what is filled in stay as they are."""
    assert fill("{plate}", {"plate": "{camera}"}) == "{camera}"


def test_facts_are_json():
    """The read in the product's own shape, verdict and matches beside it, nothing that JSON cannot hold."""
    facts = json.loads(json.dumps(read_facts(READ, DENIED)))
    assert (facts["text"], facts["verdict"], facts["opens"]) == ("AB00001", "denied", False)
    assert facts["vehicle"] == {"type": "car", "colour": "white", "confidence": 0.9, "box": None}
    assert facts["matches"][0] == {
        "list": "Blocked",
        "kind": "deny",
        "pattern": "AB00001",
        "owner": "Meyer",
        "company": "Meyer & Co",
        "note": "unpaid",
        "match": "exact",
        "probability": 0.99,
        "reason": "exact",
        "applies": True,
    }


def test_states_say_when_they_are_over():
    """The same words with `Over:` before them, under another key."""
    state = BoxState("camera lost", "gate-in", "camera gate-in is silent", Severity.CRITICAL)
    rule = Rule(name="r", on="camera lost", tell=["office"])
    (begins,) = messages_of_state(rule, state, NOON, SITE, NOON)
    (ends,) = messages_of_state(rule, replace(state, over=True), NOON, SITE, NOON)
    assert (begins.subject, ends.subject) == ("Camera gate-in is silent", "Over: camera gate-in is silent")
    assert begins.key != ends.key
    assert (begins.facts["event"], ends.facts["event"], ends.facts["over"]) == ("camera lost", "camera back", True)


def test_an_alarm_escalates_only_to_somebody():
    """Without anybody to pass it on to, an alarm waits for its guard."""
    alone = Rule(name="r", alarm="warning")
    passed = Rule(name="r", alarm="warning", escalate_to=["boss"], escalate_after=60)
    assert alarm_of_read(alone, READ, DENIED, SITE, NOON, quiet=False).escalate_at is None
    assert alarm_of_read(passed, READ, DENIED, SITE, NOON, quiet=False).escalate_at == NOON + timedelta(seconds=60)
