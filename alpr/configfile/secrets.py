"""Passwords of cameras: out of the URL, out of a file, out of the environment, into one field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alpr.urls import credentials_apart, url_fault

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LONGEST_SECRET = 1024

KeyFault = tuple[str, str]
"""A key of the camera's table, and what is wrong with it."""


def password_variable(camera: str) -> str:
    """Return the environment variable that holds the camera's password: `ALPR_CAMERA_GATE_IN_PASSWORD`."""
    return f"ALPR_CAMERA_{re.sub(r'[^A-Z0-9]', '_', camera.upper())}_PASSWORD"


def with_credentials(camera: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[KeyFault]]:
    """Return the camera's table with user name and password in their own keys, and the faults on the way.

    The environment variable of the camera wins over whatever the file says. Values of wrong types
    are left as they are, for the models to refuse. `password_file` is an absolute path.
    """
    table, faults = dict(camera), list[KeyFault]()
    _move_out_of_url(table, faults)
    _expand(table, environ, faults)
    _read_password_file(table, faults)
    variable = password_variable(str(table.get("name", "")))
    if environ.get(variable):
        table["password"] = environ[variable]
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


def _expand(table: dict[str, Any], environ: Mapping[str, str], faults: list[KeyFault]) -> None:
    for key in ("username", "password"):
        value = table.get(key)
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            continue
        if match[1] in environ:
            table[key] = environ[match[1]]
        else:
            faults.append((key, f"`{key}` refers to the environment variable {match[1]}, which is not set"))


def _read_password_file(table: dict[str, Any], faults: list[KeyFault]) -> None:
    name = table.get("password_file")
    if not isinstance(name, str):
        return
    if table.get("password"):
        faults.append(("password_file", "`password_file` and a password are both given; keep one"))
        return
    path = Path(name)
    try:
        text = path.read_bytes()[: _LONGEST_SECRET + 1].decode().rstrip("\r\n")
    except OSError as error:
        faults.append(("password_file", f"`password_file` {path} cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(("password_file", f"`password_file` {path} holds no text in UTF-8"))
    else:
        table["password"] = text
        if not text or len(text) > _LONGEST_SECRET or "\n" in text:
            faults.append(("password_file", f"`password_file` {path} must hold the password on one line, nothing else"))
