"""The form of a rule: what the browser sends, as the table of a configuration file would hold it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args, get_origin

from alpr.access import Json
from alpr.config import Rule
from alpr.config.rule import PLACEHOLDERS
from alpr.site.rules.book import Names

_TYPED_LISTS: Final = ("plates", "regions", "zones")
_SWITCHES: Final = ("enabled", "sound", "picture")
_NUMBERS: Final = ("above", "below", "too_fast", "threshold", "cooldown", "escalate_after")
_WHOLE: Final = ("at_most",)
_LITERAL: Final = ("verdicts", "kinds", "directions", "vehicles", "arrivals")
_CHOSEN: Final = (*_LITERAL, "lists", "cameras", "tell", "open", "escalate_to")
_LONGEST: Final = 1000


def defaults() -> dict[str, Any]:
    """Return every key of a rule with its default; the name is empty."""
    fields = Rule.model_fields.items()
    every = {key: field.get_default(call_default_factory=True) for key, field in fields if not field.is_required()}
    return {"name": "", **every}


def definition_of(sent: Mapping[str, Iterable[str]]) -> dict[str, Json]:
    """Return the table that the form means, without what is as by default; a number that is none stays a text."""
    values: dict[str, Json] = {}
    for key in defaults():
        given = [value.strip()[:_LONGEST] for value in sent.get(key, ())]
        values[key] = _value(key, given)
    usual = defaults()
    return {key: value for key, value in values.items() if key == "name" or value != usual[key]}


def choices(names: Names, lists: Iterable[str], values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what can be ticked, with what the rule names already though it is not there any more."""
    known: dict[str, Iterable[str]] = {
        "lists": lists,
        "cameras": names.cameras,
        "tell": names.targets,
        "open": names.barriers,
        "escalate_to": names.targets,
    }
    known |= {key: _literals(key) for key in (*_LITERAL, "on", "moving", "alarm")}
    return {
        key: list(dict.fromkeys([*options, *(values[key] if isinstance(values.get(key), list) else [])]))
        for key, options in known.items()
    }


def placeholders() -> list[tuple[str, str]]:
    """Return what may stand in braces in title and text, and what each becomes."""
    return [(f"{{{name}}}", meaning) for name, meaning in PLACEHOLDERS.items()]


def _value(key: str, given: list[str]) -> Json:
    first = given[0] if given else ""
    if key in _CHOSEN:
        return [value for value in given if value]
    if key in _TYPED_LISTS:
        return [part.strip() for part in first.split(",") if part.strip()]
    if key in _SWITCHES:
        return bool(first)
    if key in _NUMBERS:
        return _number(first, float, defaults()[key])
    if key in _WHOLE:
        return _number(first, int, defaults()[key])
    return first or defaults()[key]


def _number(text: str, kind: type[float | int], usual: Json) -> Json:
    if not text:
        return usual
    try:
        return kind(text.replace(",", "."))
    except ValueError:
        return text


def _literals(key: str) -> list[str]:
    annotation = Rule.model_fields[key].annotation
    if get_origin(annotation) is list:
        annotation = get_args(annotation)[0]
    return [str(choice) for choice in get_args(annotation)]
