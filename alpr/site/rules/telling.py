"""What a rule that fires makes: messages to its targets, orders to its barriers, its alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alpr.access import Decision, Json, Message, Severity
from alpr.config.rule import Rule
from alpr.domain import Read
from alpr.site.rules.alarms import Alarm, NewAlarm
from alpr.site.rules.facts import read_facts
from alpr.site.rules.states import BoxState
from alpr.site.rules.wording import fill, words_of_read, words_of_state

_ORDER_LIVES: Final = timedelta(seconds=10)
"""A barrier that opens later than this opens for nobody."""


@dataclass(frozen=True, slots=True)
class Site:
    """What messages say of the place."""

    name: str
    zone: ZoneInfo


def key_of_read(rule: Rule, read: Read) -> str:
    """Return the key under which a rule fires for a read, once."""
    return f"rule {rule.name}/{read.id}"


def orders(
    rule: Rule, read: Read, decision: Decision, site: Site, now: datetime, least: Mapping[str, float]
) -> list[Message]:
    """Order the rule's barriers to open: only when the lists say so, and while the vehicle stands there.

    `least` is how sure each barrier wants a read to be: for a preview that is not, the barrier waits for the next look.
    """
    if not decision.opens or now - read.last_seen > _ORDER_LIVES:
        return []
    words = words_of_read(read, decision, site.zone)
    facts = _facts("barrier", rule.name, site, read.captured_at, read=read_facts(read, decision), camera=read.camera)
    return [
        Message(
            key=f"{key_of_read(rule, read)}/barrier/{name}",
            target=f"barrier/{name}",
            subject=words["summary"],
            body=words["details"],
            facts=facts,
            rule=rule.name,
            read_id=read.id,
            expires_at=now + _ORDER_LIVES,
        )
        for name in rule.open
        if read.reading.confidence >= least.get(name, 0.0)
    ]


def messages_of_read(rule: Rule, read: Read, decision: Decision, site: Site) -> list[Message]:
    """Write what the rule's targets are told of a read."""
    words = words_of_read(read, decision, site.zone) | {"site": site.name, "rule": rule.name}
    facts = _facts(
        "read",
        rule.name,
        site,
        read.captured_at,
        camera=read.camera,
        words=words["summary"],
        severity=rule.alarm,
        read=read_facts(read, decision),
    )
    draft = _draft(rule, words, facts, key_of_read(rule, read))
    return to_each(replace(draft, read_id=read.id, with_picture=rule.picture), rule.tell)


def messages_of_state(rule: Rule, state: BoxState, began: datetime, site: Site, now: datetime) -> list[Message]:
    """Write what the rule's targets are told of a state of the box."""
    words = words_of_state(state, now, site.zone) | {"site": site.name, "rule": rule.name}
    draft = _draft(rule, words, state_facts(state, rule.name, site, now), key_of_state(rule, state, began))
    return to_each(draft, rule.tell)


def key_of_state(rule: Rule, state: BoxState, began: datetime) -> str:
    """Return the key under which a rule fires for a state: once when it begins and once when it is over."""
    end = "/over" if state.over else ""
    return f"{state_alarm_key(rule, state)}@{began.isoformat()}{end}"


def state_facts(state: BoxState, rule: str, site: Site, now: datetime) -> dict[str, Json]:
    """Return a state of the box in the product's JSON shape."""
    on = "camera back" if state.on == "camera lost" and state.over else state.on
    facts = _facts(on, rule, site, now, camera=state.subject, words=state.words, severity=state.severity.value)
    return facts | {"over": state.over, "value": state.value}


def alarm_of_read(rule: Rule, read: Read, decision: Decision, site: Site, now: datetime, *, quiet: bool) -> NewAlarm:
    """Make the alarm that the rule raises for a read."""
    words = words_of_read(read, decision, site.zone) | {"site": site.name, "rule": rule.name}
    alarm = _alarm(rule, key_of_read(rule, read), fill(rule.title, words), now, read.id)
    return replace(alarm, sound=alarm.sound and not quiet)


def alarm_of_state(rule: Rule, state: BoxState, site: Site, now: datetime) -> NewAlarm:
    """Make the alarm that the rule raises for a state of the box."""
    words = words_of_state(state, now, site.zone) | {"site": site.name, "rule": rule.name}
    return _alarm(rule, state_alarm_key(rule, state), fill(rule.title, words), now, None)


def state_alarm_key(rule: Rule, state: BoxState) -> str:
    """Return what an alarm of the rule is about while the state lasts."""
    return replace(state, rule=rule.name).key


def own_message(state: BoxState, targets: Iterable[str], began: datetime, site: Site, now: datetime) -> list[Message]:
    """Write what the targets of `[alarms]` are told of a state: once when it begins and once when it is over."""
    words = words_of_state(state, now, site.zone)
    end = "/over" if state.over else ""
    key = f"{state.key}@{began.isoformat()}{end}"
    return to_each(Message(key, "", words["summary"], words["details"], state_facts(state, "", site, now)), targets)


def escalation(alarm: Alarm, targets: Iterable[str], site: Site, now: datetime) -> list[Message]:
    """Write what is told to the next one, when nobody has acknowledged an alarm."""
    minutes = max(1, round((now - alarm.raised_at).total_seconds() / 60))
    subject = f"Nobody has seen it for {minutes} min: {alarm.text}"
    body = f"Raised at {alarm.raised_at.astimezone(site.zone):%H:%M:%S}. Acknowledge it on the page Alarms."
    facts = _facts("escalation", alarm.rule, site, alarm.raised_at, words=alarm.text, severity=alarm.severity.value)
    key = f"{alarm.key}@{alarm.raised_at.isoformat()}/escalated"
    draft = Message(key, "", subject, body, facts, alarm.rule, alarm.read_id, with_picture=alarm.read_id is not None)
    return to_each(draft, targets)


def to_each(draft: Message, targets: Iterable[str]) -> list[Message]:
    """Address the message to each target, with a key of its own."""
    return [replace(draft, key=f"{draft.key}/{target}", target=target) for target in targets]


def _alarm(rule: Rule, key: str, text: str, now: datetime, read_id: str | None) -> NewAlarm:
    later = now + timedelta(seconds=rule.escalate_after) if rule.escalate_to else None
    return NewAlarm(key, rule.name, Severity(rule.alarm), text, read_id, rule.sound, later)


def _draft(rule: Rule, words: Mapping[str, str], facts: dict[str, Json], key: str) -> Message:
    return Message(key, "", fill(rule.title, words), fill(rule.text, words), facts, rule.name)


def _facts(  # noqa: PLR0913  one key of the shape each
    event: str,
    rule: str,
    site: Site,
    at: datetime,
    *,
    camera: str = "",
    words: str = "",
    severity: str = "",
    read: dict[str, Json] | None = None,
) -> dict[str, Json]:
    return {
        "event": event,
        "at": at.isoformat(),
        "site": site.name,
        "rule": rule,
        "over": False,
        "severity": severity,
        "camera": camera,
        "words": words,
        "value": None,
        "read": read,
    }
