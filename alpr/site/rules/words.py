"""Rules in words, as the pages and `alpr check` say them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alpr.config.rule import Rule

_BOX = {
    "camera lost": "a camera gives no picture",
    "camera back": "a camera is back",
    "camera blocked": "a camera shows hardly anything",
    "disk": "the disk fills up",
    "memory": "the memory fills up",
    "backlog": "reads wait to be stored",
    "confidence": "reads become less sure",
    "read rate": "fewer reads than usual",
    "drift": "what a model says has moved",
    "dwell": "somebody is inside for long",
    "overstay": "somebody is inside for too long",
    "occupancy": "as many are inside as there is room for",
}
_SECONDS = {"camera lost", "camera back", "camera blocked", "dwell"}


def when_words(rule: Rule) -> str:
    """Say when the rule fires: `denied or unknown, at gate-in, Mon-Fri 22:00-06:00`."""
    if rule.on != "read":
        return ", ".join([_BOX[rule.on], *_box_parts(rule)])
    return ", ".join(_read_parts(rule)) or "every read"


def then_words(rule: Rule) -> str:
    """Say what the rule does: `tell office; critical alarm with sound`."""
    parts = []
    if rule.open:
        parts.append(f"open {_all(rule.open)}")
    if rule.tell:
        parts.append(f"tell {_all(rule.tell)}")
    if rule.alarm:
        sound = " with sound" if rule.sound else ""
        later = f", after {_span(rule.escalate_after)} unseen tell {_all(rule.escalate_to)}" if rule.escalate_to else ""
        parts.append(f"{rule.alarm} alarm{sound}{later}")
    if rule.tag:
        parts.append(f"tag {rule.tag}")
    return "; ".join(parts)


def limit_words(rule: Rule) -> str:
    """Say what holds the rule back: `once in 10 min for each, not 22:00-06:00`."""
    parts = []
    if rule.cooldown:
        parts.append(f"once in {_span(rule.cooldown)} for each plate or camera")
    if rule.at_most:
        parts.append(f"at most {rule.at_most} an hour")
    if rule.quiet_hours:
        parts.append(f"quiet {rule.quiet_hours}")
    return ", ".join(parts)


def _read_parts(rule: Rule) -> Iterator[str]:
    if rule.verdicts:
        yield _any(rule.verdicts)
    if rule.kinds:
        yield _any(rule.kinds)
    if rule.lists:
        yield f"on {_any(rule.lists)}"
    if rule.plates:
        yield f"plate {_any(rule.plates)}"
    if rule.above or rule.below < 1:
        yield f"{100 * rule.above:.0f} to {100 * rule.below:.0f} % sure"
    if rule.regions:
        yield f"from {_any([region.upper() for region in rule.regions])}"
    yield from _passing_parts(rule)


def _passing_parts(rule: Rule) -> Iterator[str]:
    if rule.cameras:
        yield f"at {_any(rule.cameras)}"
    if rule.zones:
        yield f"in {_any(rule.zones)}"
    if rule.directions:
        yield f"going {_any(rule.directions)}"
    if rule.vehicles:
        yield _any(rule.vehicles)
    if rule.arrivals:
        yield f"arriving {_any(rule.arrivals)}"
    if rule.moving:
        yield rule.moving
    if rule.too_fast:
        yield f"seen at another camera within {_span(rule.too_fast)}"
    if rule.hours:
        yield rule.hours


def _box_parts(rule: Rule) -> Iterator[str]:
    if rule.kinds:
        yield _any(rule.kinds)
    if rule.lists:
        yield f"on {_any(rule.lists)}"
    if rule.plates:
        yield f"plate {_any(rule.plates)}"
    if rule.zones:
        yield f"in {_any(rule.zones)}"
    if rule.cameras:
        yield f"at {_any(rule.cameras)}"
    if rule.threshold:
        if rule.on in _SECONDS:
            yield f"for {_span(rule.threshold)}"
        else:
            yield f"threshold {rule.threshold:g}"


def _any(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _all(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _span(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
