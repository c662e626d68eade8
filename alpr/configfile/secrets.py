"""Passwords and other secrets: out of the URL, out of a file, out of the environment, into one field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alpr.urls import credentials_apart, url_fault

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LONGEST_SECRET = 1024

KeyFault = tuple[str, str]
"""A key of the table, and what is wrong with it."""


def secret_variable(table: str, name: str, key: str) -> str:
    """Return the environment variable that holds a secret: `ALPR_CAMERA_GATE_IN_PASSWORD`, `ALPR_MQTT_PASSWORD`."""
    words = ("ALPR", table, name, key) if name else ("ALPR", table, key)
    return "_".join(re.sub(r"[^A-Z0-9]", "_", word.upper()) for word in words)


def with_credentials(camera: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[KeyFault]]:
    """Return the camera's table with user name and password in their own keys, and the faults on the way.

    The environment variable of the camera wins over whatever the file says. Values of wrong types
    are left as they are, for the models to refuse. `password_file` is an absolute path.
    """
    table, faults = dict(camera), list[KeyFault]()
    _move_out_of_url(table, faults)
    table, more = with_secrets(
        table, environ, "password", secret_variable("camera", str(table.get("name", "")), "password")
    )
    return table, faults + more


def with_secrets(
    given: Mapping[str, Any], environ: Mapping[str, str], secret: str, variable: str, *others: str
) -> tuple[dict[str, Any], list[KeyFault]]:
    """Return a table with its `secret` out of the environment or of the file `<secret>_file`, and the faults.

    `${NAME}` is also taken for `username` and the `others`; `variable`, when it is set, wins over the file.
    """
    table, faults = dict(given), list[KeyFault]()
    _expand(table, ("username", secret, *others), environ, faults)
    _read_file(table, secret, faults)
    if environ.get(variable):
        table[secret] = environ[variable]
    return table, faults


def _move_out_of_url(table: dict[str, Any], faults: list[KeyFault]) -> None:
    url = table.get("url")
    if not isinstance(url, str) or url_fault(url):
        return
    table["url"], username, password = credentials_apart(url)
    for key, value in (("username", username), ("password", password)):
        if value is None or (key == "username" and table.get(key) == value):
            continue
        if table.get(key):
            faults.append((key, f"`{key}` is given twice: here and in the url; keep one"))
        table[key] = value


def _expand(table: dict[str, Any], keys: tuple[str, ...], environ: Mapping[str, str], faults: list[KeyFault]) -> None:
    for key in keys:
        value = table.get(key)
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            continue
        if match[1] in environ:
            table[key] = environ[match[1]]
        else:
            faults.append((key, f"`{key}` refers to the environment variable {match[1]}, which is not set"))


def _read_file(table: dict[str, Any], secret: str, faults: list[KeyFault]) -> None:
    key = f"{secret}_file"
    name = table.get(key)
    if not isinstance(name, str):
        return
    if table.get(secret):
        faults.append((key, f"`{key}` and a {secret} are both given; keep one"))
        return
    path = Path(name)
    try:
        text = path.read_bytes()[: _LONGEST_SECRET + 1].decode().rstrip("\r\n")
    except OSError as error:
        faults.append((key, f"`{key}` {path} cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append((key, f"`{key}` {path} holds no text in UTF-8"))
    else:
        table[secret] = text
        if not text or len(text) > _LONGEST_SECRET or "\n" in text:
            faults.append((key, f"`{key}` {path} must hold the {secret} on one line, nothing else"))
