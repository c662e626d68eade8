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
from alpr.configfile.faults import Fault, contradictions, subject, worded
from alpr.configfile.positions import Positions
from alpr.configfile.secrets import with_credentials
from alpr.errors import ConfigError
from alpr.paths import shipped
from alpr.urls import PATH_SCHEMES, path_of, scheme_of, url_fault

__all__ = ["config_path", "load_config"]

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
    faults += [*contradictions(raw), *_duplicates(raw, positions)]
    if faults or config is None:
        told = sorted((positions.line(fault.path), _line(fault, raw)) for fault in faults)
        raise ConfigError(*dict.fromkeys(f"{path}:{number}: {line}" for number, line in told))
    return config


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
    cameras = raw.get("camera")
    if isinstance(cameras, list):
        tables["camera"] = list(cameras)
        for index, camera in enumerate(cameras):
            if isinstance(camera, dict):
                table, found = with_credentials(_with_paths(camera, folder), environ)
                tables["camera"][index] = table
                faults += [Fault(("camera", index, key), message) for key, message in found]
    for section, key, default in (("store", "data", "data"), ("recognition", "models", None)):
        table = raw.get(section, {})
        if isinstance(table, dict) and isinstance(value := table.get(key, default), str):
            tables[section] = {**table, key: str(_absolute(folder, value))}
    return tables, faults


def _with_paths(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    camera = dict(table)
    url, password_file = camera.get("url"), camera.get("password_file")
    if isinstance(url, str) and scheme_of(url) in ("", *PATH_SCHEMES) and not url_fault(url):
        scheme = scheme_of(url)
        camera["url"] = (f"{scheme}://" if scheme else "") + str(_absolute(folder, path_of(url)))
    if isinstance(password_file, str):
        camera["password_file"] = str(_absolute(folder, password_file))
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
