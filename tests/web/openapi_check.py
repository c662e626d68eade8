"""Check a value against a schema of an OpenAPI 3.1 document, as far as ours goes."""

from __future__ import annotations

from datetime import datetime

_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
_TYPES |= {"array": list, "object": dict}


def faults(document, schema, value, at="$"):
    """Return where and how the value breaks the schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return faults(document, document["components"]["schemas"][name], value, at)
    if "oneOf" in schema:
        fitting = [one for one in schema["oneOf"] if not faults(document, one, value, at)]
        return [] if len(fitting) == 1 else [f"{at}: {value!r} fits {len(fitting)} of {schema['oneOf']}"]
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if schema.get("format") == "date-time":
        return [] if datetime.fromisoformat(value).tzinfo else [f"{at}: {value!r} has no zone"]
    if kind == "array":
        return [fault for n, one in enumerate(value) for fault in faults(document, schema["items"], one, f"{at}[{n}]")]
    if kind == "object":
        return _object_faults(document, schema, value, at)
    return []


def _object_faults(document, schema, value, at):
    properties, free = schema.get("properties", {}), schema.get("additionalProperties")
    missing = [f"{at}: misses {name}" for name in schema.get("required", ()) if name not in value]
    unknown = [f"{at}: has {name}" for name in value if name not in properties and free is None]
    known = {name: one for name, one in value.items() if name in properties}
    others = {name: one for name, one in value.items() if name not in properties and isinstance(free, dict)}
    return [
        *missing,
        *unknown,
        *(fault for name, one in known.items() for fault in faults(document, properties[name], one, f"{at}.{name}")),
        *(fault for name, one in others.items() for fault in faults(document, free, one, f"{at}.{name}")),
    ]
