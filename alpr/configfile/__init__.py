"""Load `alpr.toml`: all faults at once, each with file, line, what is wrong and what was probably meant."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alpr.config import Config
from alpr.configfile.barriers import barrier_faults
from alpr.configfile.factory import factory_faults
from alpr.configfile.faults import Fault, contradictions, subject, worded
from alpr.configfile.portals import portal_faults
from alpr.configfile.positions import KeyPath, Positions
from alpr.configfile.rules import rule_faults
from alpr.configfile.secrets import secret_variable, with_credentials, with_secrets
from alpr.configfile.targets import target_faults
from alpr.errors import ConfigError
from alpr.paths import shipped
from alpr.urls import PATH_SCHEMES, path_of, scheme_of, url_fault

__all__ = ["config_path", "load_config", "rule_lines"]

_FILES = ("password_file", "secret_file", "token_file", "tls_ca")
"""Keys that name a file."""
_SECRETS = {"barrier": ("password",), "mqtt": ("password",), "target": ("secret", "token", "url")}
"""Keys whose value may stand in the environment or in a file, table by table; a camera's are in its url, too."""
_SYNTAX_HINTS = (
    ("Invalid value", ": a text needs quotes"),
    ("Unescaped '\\'", ": write the text in 'single quotes', where a backslash is only a backslash"),
    ("Cannot overwrite", ": the key stands twice in its table"),
    ("Cannot declare", ": the table stands twice, or single and double brackets are mixed"),
    ("Expected '=' after", ": a line is `key = value`, a table `[name]`"),
)


def config_path(option: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return which file to load: the option, else `ALPR_CONFIG`, else `alpr.toml` in the current folder."""
    return option or Path(environ.get("ALPR_CONFIG") or "alpr.toml")


def load_config(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Load and check the file; relative paths in it are taken from its folder and come out absolute.

    Raises `ConfigError` with one line for every fault.
    """
    text = _text(path)
    raw = _parsed(path, text)
    positions = Positions(text)
    resolved, faults = _resolved(raw, path.absolute().parent, environ)
    config = None
    try:
        config = Config.model_validate(resolved)
    except ValidationError as error:
        faults += worded(error)
    faults += [
        *contradictions(raw),
        *portal_faults(raw),
        *rule_faults(raw),
        *barrier_faults(raw),
        *target_faults(resolved),
        *factory_faults(raw),
    ]
    faults += _duplicates(raw, positions)
    if faults or config is None:
        told = sorted((positions.line(fault.path), _line(fault, raw)) for fault in faults)
        raise ConfigError(*dict.fromkeys(f"{path}:{number}: {line}" for number, line in told))
    return config


def rule_lines(path: Path) -> tuple[int, ...]:
    """Return the line of each `[[rule]]` of a file that has been loaded; raises `ConfigError`."""
    text = _text(path)
    positions = Positions(text)
    return tuple(positions.line(("rule", index)) for index in range(len(_parsed(path, text).get("rule", []))))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        manual = shipped("alpr.toml")
        raise ConfigError(
            f"{path}: no such file: name another with --config, or begin with `cp {manual} {path}`"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8 text") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Python before 3.14 gives the position in the message only.
        message, _, place = str(error).rpartition(" (at ")
        found = re.search(r"line (\d+)", place)
        line = int(found[1]) if found else max(1, len(text.rstrip().splitlines()))
        hint = next((hint for start, hint in _SYNTAX_HINTS if message.startswith(start)), "")
        raise ConfigError(f"{path}:{line}: this is not TOML: {message or error}{hint}") from None
    except RecursionError:
        raise ConfigError(f"{path}: arrays or tables are nested too deep") from None


def _resolved(raw: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the tables with credentials in their own keys and paths absolute, and what went wrong with them."""
    tables, faults = dict(raw), list[Fault]()
    for path, given in _tables(raw, "camera"):
        table, found = with_credentials(_with_paths(given, folder), environ)
        _put(tables, path, table)
        faults += [Fault((*path, key), message) for key, message in found]
    for name, secrets in _SECRETS.items():
        for path, given in _tables(raw, name):
            table = _with_files(given, folder)
            for secret in secrets:
                variable = secret_variable(name, str(given.get("name", "")), secret)
                table, found = with_secrets(table, environ, secret, variable)
                faults += [Fault((*path, key), message) for key, message in found]
            _put(tables, path, table)
    for section, key, default in (("store", "data", "data"), ("recognition", "models", None)):
        table = raw.get(section, {})
        if isinstance(table, dict) and isinstance(value := table.get(key, default), str):
            tables[section] = {**table, key: str(_absolute(folder, value))}
    return tables, faults


def _tables(raw: Mapping[str, Any], name: str) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Give every table of this name with its place, whether it is `[name]` or one of `[[name]]`."""
    value = raw.get(name)
    if isinstance(value, dict):
        yield (name,), value
    for index, table in enumerate(value if isinstance(value, list) else ()):
        if isinstance(table, dict):
            yield (name, index), table


def _put(tables: dict[str, Any], path: KeyPath, table: dict[str, Any]) -> None:
    """Put a table in its place, in copies of what the file holds."""
    name, *index = path
    if not index:
        tables[str(name)] = table
        return
    tables[str(name)] = list(tables[str(name)])
    tables[str(name)][int(index[0])] = table


def _with_files(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    names = {key: table[key] for key in _FILES if isinstance(table.get(key), str)}
    return {**table, **{key: str(_absolute(folder, name)) for key, name in names.items()}}


def _with_paths(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    camera = _with_files(table, folder)
    url = camera.get("url")
    if isinstance(url, str) and scheme_of(url) in ("", *PATH_SCHEMES) and not url_fault(url):
        scheme = scheme_of(url)
        camera["url"] = (f"{scheme}://" if scheme else "") + str(_absolute(folder, path_of(url)))
    return camera


def _absolute(folder: Path, name: str) -> Path:
    # Unlike pathlib's, this one leaves `~nobody` as it is instead of raising.
    return folder / os.path.expanduser(name)  # noqa: PTH111


def _duplicates(raw: Mapping[str, Any], positions: Positions) -> Iterator[Fault]:
    cameras = raw.get("camera")
    first: dict[str, int] = {}
    for index, camera in enumerate(cameras if isinstance(cameras, list) else []):
        name = camera.get("name") if isinstance(camera, dict) else None
        if not isinstance(name, str):
            continue
        earlier = first.setdefault(name.lower(), index)
        if earlier != index:
            line = positions.line(("camera", earlier, "name"))
            yield Fault(
                ("camera", index, "name"),
                f"the name is taken by the camera in line {line} (upper and lower case count as one): choose another",
            )


def _line(fault: Fault, raw: Mapping[str, Any]) -> str:
    about = subject(fault.path, raw)
    return f"{about}: {fault.message}" if about else fault.message
