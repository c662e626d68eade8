"""What pydantic and the cross-checks find wrong, in the words of the person who edits the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from alpr.config import Config, Section
from alpr.configfile.positions import KeyPath

_SECRET_KEYS = {"password", "secret", "token"}
_LONGEST_SHOWN = 60

_EXPECTED = {
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "string_type": "a text in quotes",
    "path_type": "a text in quotes",
    "list_type": "an array, such as `[...]`",
    "tuple_type": "a point: two numbers, `[x, y]`",
    "model_type": "a table",
    "date_type": "a date without quotes, such as 2026-12-25",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_PURPOSES = {
    "name": 'a name of its own, such as `name = "gate-in"`',
    "url": 'the camera\'s address, such as `url = "rtsp://192.168.1.20/stream1"`, or a path',
    "when": 'the hours of the shift, such as `when = "Mon-Fri 06:00-14:00"`',
    "id": 'what events call it, such as `id = "W1"`',
    "polygon": "three or more corners, such as `polygon = [[0, 0], [1, 0], [1, 0.5]]`",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the key that it is about, and the sentence."""

    path: KeyPath
    message: str


def worded(error: ValidationError) -> Iterator[Fault]:
    """Give every fault that the models found."""
    seen: set[KeyPath] = set()
    for detail in error.errors(include_url=False):
        path = tuple(detail["loc"])
        if path not in seen:
            seen.add(path)
            yield Fault(path, _message(path, detail))


def contradictions(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is possible in each value and impossible together; values of wrong types are passed over."""
    recognition = _defaulted(raw.get("recognition"), "recognition")
    preview, accept = recognition["preview"], recognition["accept"]
    if _are_numbers(preview, accept) and preview < accept:
        yield Fault(
            ("recognition", "preview"),
            f"`preview` ({preview}) is below `accept` ({accept}): a read that is acted upon early must be surer than "
            "one that is only stored",
        )
    gap, park = recognition["track_gap"], recognition["park_memory"]
    if _are_numbers(gap, park) and park < gap:
        yield Fault(
            ("recognition", "park_memory"),
            f"`park_memory` ({park}) is below `track_gap` ({gap}): a parked vehicle would be read again and again",
        )


def subject(path: KeyPath, raw: Mapping[str, Any]) -> str:
    """Name the table that `path` lies in, such as `camera[0] "gate-in"`; empty at the top level."""
    words: list[str] = []
    value: object = raw
    for place, part in enumerate(path):
        value = _child(value, part)
        here, following = path[: place + 1], path[place + 1 : place + 2]
        if _is_table_name(here) and following:
            name = _child(_child(value, following[0]), "name")
            words.append(f"{part}[{following[0]}]" + (f' "{name}"' if isinstance(name, str) else ""))
        elif isinstance(part, str) and following and _section(here):
            words.append(part)
    return " ".join(words)


def _message(path: KeyPath, detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    context: Mapping[str, Any] = detail.get("ctx", {})
    label = f"`{_label(path)}`"
    if kind == "extra_forbidden":
        return _unknown(path, value)
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return _missing(path)
    if kind == "literal_error":
        return _not_one_of(path, value, label)
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"{label} must be {words} {context[key]:g}, not {value}"
    if kind in _EXPECTED:
        return _wrong_type(path, value, label, _EXPECTED[kind])
    return _wrong_size(kind, context, value, label) or f"{label}: {detail['msg'].lower()}"


def _wrong_size(kind: str, context: Mapping[str, Any], value: object, label: str) -> str | None:
    size = len(value) if isinstance(value, list | str | tuple) else 0
    if kind == "too_short":
        return f"{label} needs at least {context['min_length']} entries and has {size}"
    if kind == "too_long":
        return f"{label} may have {context['max_length']} entries at most and has {size}"
    if kind == "string_too_short":
        return f"{label} must not be empty"
    if kind == "string_too_long":
        return f"{label} may have {context['max_length']} characters at most and has {size}"
    return None


def _wrong_type(path: KeyPath, value: object, label: str, expected: str) -> str:
    table = ".".join(str(part) for part in path if isinstance(part, str))
    if _is_table_name(path) and isinstance(value, dict):
        return f"{label} is written with two brackets, once for each {path[-1]}: `[[{table}]]`"
    if isinstance(value, list) and expected == "a table":
        return f"{label} stands once and has one bracket: `[{table}]`"
    if _SECRET_KEYS.intersection(path):
        return f"{label} must be {expected}"
    hint = ": remove the quotes" if isinstance(value, str) and _is_toml_value(value, expected) else ""
    return f"{label} must be {expected}, not {_described(value)}{hint}"


def _is_toml_value(text: str, expected: str) -> bool:
    if expected == "true or false":
        return text in {"true", "false"}
    digits = text.removeprefix("-")
    return digits.replace(".", "", 1).isdigit() if expected == "a number" else digits.isdigit()


def _missing(path: KeyPath) -> str:
    if isinstance(path[-1], int):
        return f"`{_label(path[:-1])}` must be a point: two numbers, `[x, y]`"
    return f"`{path[-1]}` is missing: give {_PURPOSES.get(path[-1], 'a value')}"


def _not_one_of(path: KeyPath, value: object, label: str) -> str:
    allowed = [str(choice) for choice in _choices(path)]
    listed = ", ".join(f'"{choice}"' for choice in allowed)
    close = get_close_matches(value.lower(), allowed, 1, 0.5) if isinstance(value, str) else []
    hint = f': did you mean "{close[0]}"?' if close and close[0] else ""
    return f"{label} must be one of {listed}, not {_described(value)}{hint}"


def _unknown(path: KeyPath, value: object) -> str:
    *parents, key = path
    section = _section(tuple(parents))
    known = list(section.model_fields) if section else []
    prefix = "".join(f"{part}." for part in parents if isinstance(part, str))
    is_table = isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))
    what = f"table `{_header(prefix + str(key), value)}`" if is_table else f"key `{key}`"
    if close := get_close_matches(str(key).lower(), known, 1, 0.6):
        meant = _header(prefix + close[0], value, (*parents, close[0])) if is_table else close[0]
        return f"unknown {what}, did you mean `{meant}`?"
    elsewhere = dict(_keys_of_all_tables())
    if not is_table and (close := get_close_matches(str(key).lower(), elsewhere, 1, 0.7)):
        return f"unknown {what}, did you mean `{close[0]}` of `{elsewhere[close[0]]}`?"
    return f"unknown {what}; known here are {', '.join(known)}"


def _header(name: str, value: object, path: KeyPath | None = None) -> str:
    double = _is_table_name(path) if path else isinstance(value, list)
    return f"[[{name}]]" if double else f"[{name}]"


def _keys_of_all_tables(section: type[Section] = Config, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give every key inside a table with the table's header."""
    for name in section.model_fields:
        inner, is_array = _inner_section(section, name)
        if inner is None:
            continue
        for key in inner.model_fields:
            yield key, f"[[{prefix}{name}]]" if is_array else f"[{prefix}{name}]"
        yield from _keys_of_all_tables(inner, f"{prefix}{name}.")


def _section(path: KeyPath) -> type[Section] | None:
    section: type[Section] | None = Config
    for part in path:
        if isinstance(part, str):
            section = _inner_section(section, part)[0] if section else None
    return section


def _inner_section(section: type[Section], name: str) -> tuple[type[Section] | None, bool]:
    """Return the model that a field holds, and whether it holds a list of them."""
    field = section.model_fields.get(name)
    annotation = field.annotation if field else None
    is_array = get_origin(annotation) is list
    inner = get_args(annotation)[0] if is_array else annotation
    return (inner if isinstance(inner, type) and issubclass(inner, Section) else None), is_array


def _is_table_name(path: KeyPath) -> bool:
    """Whether the key is one that `[[double brackets]]` are written for."""
    *parents, key = path
    section = _section(tuple(parents))
    if section is None or not isinstance(key, str):
        return False
    inner, is_array = _inner_section(section, key)
    return is_array and inner is not None


def _choices(path: KeyPath) -> tuple[object, ...]:
    *table, key = path[:-1] if isinstance(path[-1], int) else path
    section = _section(tuple(table))
    field = section.model_fields.get(str(key)) if section else None
    annotation = field.annotation if field else None
    if get_origin(annotation) is list:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _defaulted(table: object, name: str) -> Mapping[str, Any]:
    section = _section((name,))
    defaults = {key: field.default for key, field in section.model_fields.items()} if section else {}
    return {**defaults, **(table if isinstance(table, dict) else {})}


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _child(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int):
        return value[part] if part < len(value) else None
    return None


def _label(path: KeyPath) -> str:
    """Name the last key, with the indices after it: `polygon[2][0]`."""
    last = max((place for place, part in enumerate(path) if isinstance(part, str)), default=0)
    return str(path[last]) + "".join(f"[{part}]" for part in path[last + 1 :])


def _described(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{value[:_LONGEST_SHOWN]}"'
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a table"
    return "an array" if isinstance(value, list) else "a date or time"
