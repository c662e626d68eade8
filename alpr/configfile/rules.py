"""What is wrong with rules beyond their single values: names that nobody has, and words that contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from alpr.config import Config, Rule
from alpr.configfile.faults import Fault, worded
from alpr.configfile.positions import KeyPath
from alpr.errors import ConfigError
from alpr.site.rules.book import ALWAYS_TARGETS, Names
from alpr.site.schedule import parse_schedule

_READ_ONLY: Final = (
    *("verdicts", "lists", "kinds", "plates", "regions", "directions", "vehicles", "moving", "too_fast", "hours"),
    *("above", "below", "open", "tag", "zones", "arrivals"),
)
_OF_VISITS: Final = {
    "dwell": {"lists", "kinds", "plates", "zones", "cameras"},
    "overstay": {"lists", "kinds", "plates", "zones", "cameras"},
    "occupancy": {"lists", "zones"},
}
"""What narrows rules about who is inside."""
_CAMERA_STATES: Final = {"camera lost", "camera back", "camera blocked"}
_WHOLE_SHARES: Final = {"disk", "memory", "confidence", "read rate"}
_NAMED: Final = (
    ("tell", "targets", "[[target]]"),
    ("escalate_to", "targets", "[[target]]"),
    ("open", "barriers", "[[barrier]]"),
    ("cameras", "cameras", "[[camera]]"),
)


def names_of(raw: Mapping[str, Any]) -> Names:
    """Return what the tables are called, however wrong they may be otherwise."""
    broker, push = _table(raw, "mqtt"), _table(raw, "push")
    always = {"mqtt"} if broker.get("enabled") is True else set()
    always |= {"push"} if push.get("enabled", True) is True else set()
    return Names(
        cameras=(*_names(raw.get("camera")), *_names(_table(raw, "exchange").get("camera"))),
        targets=(*_names(raw.get("target")), *sorted(always & ALWAYS_TARGETS)),
        barriers=tuple(_names(raw.get("barrier"))),
    )


def rule_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong with `[[rule]]` and `[alarms]` as wholes; values of wrong types are passed over."""
    rules, names = raw.get("rule"), names_of(raw)
    tables = [rule if isinstance(rule, dict) else {} for rule in rules] if isinstance(rules, list) else []
    for index, rule in enumerate(tables):
        for path, message in _faults_of(rule, names):
            yield Fault(("rule", index, *path), message)
    taken = Counter(name.casefold() for name in _names(tables))
    for index, rule in enumerate(tables):
        name = rule.get("name")
        if isinstance(name, str) and taken[name.casefold()] > 1:
            yield Fault(("rule", index, "name"), f"two rules are called `{name}`: give each a name of its own")
    alarms = raw.get("alarms")
    if isinstance(alarms, dict):
        for path, message in _unknown(alarms, names, _NAMED[:2]):
            yield Fault(("alarms", *path), message)


def check_rule(definition: Mapping[str, Any], names: Names, others: Collection[str] = ()) -> Rule:
    """Return the rule of a table that no file holds, such as the page's form.

    Raises ConfigError with one sentence for every fault, the same that a file would be told.
    """
    faults: list[Fault] = []
    rule = None
    try:
        rule = Config.model_validate({"rule": [dict(definition)]}).rule[0]
    except ValidationError as error:
        faults += worded(error)
    faults += [Fault(path, message) for path, message in _faults_of(definition, names)]
    if str(definition.get("name", "")).casefold() in {other.casefold() for other in others}:
        faults.append(Fault(("name",), f"a rule is called `{definition['name']}` already: choose another name"))
    if faults or rule is None:
        raise ConfigError(*dict.fromkeys(fault.message for fault in faults))
    return rule


def _faults_of(rule: Mapping[str, Any], names: Names) -> Iterator[tuple[KeyPath, str]]:
    yield from _unknown(rule, names, _NAMED)
    yield from _schedule_faults(rule)
    yield from _out_of_place(rule)
    yield from _impossible(rule)


def _unknown(
    table: Mapping[str, Any], names: Names, keys: tuple[tuple[str, str, str], ...]
) -> Iterator[tuple[KeyPath, str]]:
    for key, kind, header in keys:
        known: tuple[str, ...] = getattr(names, kind)
        given = table.get(key)
        for index, name in enumerate(given if isinstance(given, list) else []):
            if isinstance(name, str) and name not in known:
                yield (key, index), f"`{key}` names `{name}`, {_suggestion(name, known, kind, header)}"


def _suggestion(name: str, known: tuple[str, ...], kind: str, header: str) -> str:
    lower = {one.lower(): one for one in known}
    if close := get_close_matches(name.lower(), lower, 1, 0.6):
        return f"which is none of the {kind}: did you mean `{lower[close[0]]}`?"
    if name == "push":
        return "and notifications are switched off: set `enabled = true` in [push]"
    if name == "mqtt":
        return "and there is no broker: set `enabled = true` in [mqtt]"
    if known:
        return f"which is none of the {kind}: known are {', '.join(known)}; another needs a {header}"
    return f"and there are no {kind}: add a {header} of that name"


def _schedule_faults(rule: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for key in ("hours", "quiet_hours"):
        text = rule.get(key)
        try:
            parse_schedule(text if isinstance(text, str) else "")
        except ValueError as error:
            yield (key,), f"`{key}`: {error}"


def _out_of_place(rule: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    on = rule.get("on", "read")
    if on == "read":
        if rule.get("threshold"):
            yield ("threshold",), '`threshold` is of rules about the box, such as `on = "disk"`; for reads see `above`'
        return
    for key in _READ_ONLY:
        if key in _OF_VISITS.get(str(on), ()):
            continue
        if key in rule and rule[key] != Rule.model_fields[key].get_default(call_default_factory=True):
            yield (key,), f'`{key}` is of rules about reads and does not go with `on = "{on}"`'
    if rule.get("cameras") and on not in {*_CAMERA_STATES, "drift", "dwell", "overstay"}:
        yield ("cameras",), f'`cameras` does not go with `on = "{on}"`, which is about the whole box'
    threshold = rule.get("threshold", 0)
    if on == "dwell" and not threshold:
        yield ("threshold",), '`on = "dwell"` needs `threshold`, the seconds that somebody has been inside'
    if on == "overstay" and threshold:
        yield (
            ("threshold",),
            '`on = "overstay"` goes by [visits]; with a `threshold` of its own it is `on = "dwell"`',
        )
    if on in _WHOLE_SHARES and isinstance(threshold, int | float) and threshold > 1:
        yield ("threshold",), f"`threshold` of `{on}` is a share, 0 to 1: write {threshold / 100:g} for {threshold} %"


def _impossible(rule: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    above, below = rule.get("above", 0.0), rule.get("below", 1.0)
    if isinstance(above, int | float) and isinstance(below, int | float) and above > below:
        yield ("above",), f"`above` ({above}) is more than `below` ({below}): no read is both"
    if not any(rule.get(key) for key in ("tell", "open", "tag", "alarm")):
        yield (), "the rule does nothing: give it `tell`, `open`, `tag` or `alarm`"
    for key in ("escalate_to", "sound"):
        if rule.get(key) and not rule.get("alarm"):
            yield (key,), f'`{key}` needs an alarm to go with: add `alarm = "warning"`'


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = raw.get(key)
    return table if isinstance(table, dict) else {}


def _names(tables: object) -> Iterator[str]:
    for table in tables if isinstance(tables, list) else []:
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            yield table["name"]
