"""`alpr check`: whether the configuration is right, what it would run, and what in it is suspicious."""

from __future__ import annotations

import argparse
import json
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path

from alpr.config import Camera, Config
from alpr.configfile import config_path, load_config
from alpr.errors import ConfigError
from alpr.ops.check.gate import gate_warnings, gate_words
from alpr.ops.check.targets import target_warnings, target_words
from alpr.ops.check.yard import yard_warnings, yard_words
from alpr.paths import shipped
from alpr.site.rules.words import then_words, when_words
from alpr.store.glimpse import list_names
from alpr.urls import NETWORK_SCHEMES, path_of, redacted, scheme_of

MODELS = ("gate-detector.onnx", "plate-reader.onnx")
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH
_ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104  # compared with, not bound to


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera as it would run."""

    name: str
    url: str
    """Without its password."""
    enabled: bool
    fps: float
    direction: str
    regions: list[str]
    zones: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What `alpr run` would do, and what is suspicious about it."""

    file: str
    site: str
    timezone: str
    data: str
    web: str | None
    models: str
    provider: str
    cameras: list[CameraPlan]
    rules: list[str]
    """Those of the configuration, in words."""
    gate: list[str]
    """Barriers, the broker and targets, in words."""
    warnings: list[str]
    faults: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `alpr check` takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def check_command(args: argparse.Namespace) -> int:
    """Print the plan; raise `ConfigError` when the configuration is wrong, with `--json` print the faults."""
    path = config_path(args.config)
    try:
        plan = planned(path, load_config(path))
    except ConfigError as error:
        if not args.json:
            raise
        print(json.dumps({"file": str(path), "faults": error.faults}, indent=2, ensure_ascii=False))
        return 2
    print(json.dumps(asdict(plan), indent=2, ensure_ascii=False) if args.json else _worded(plan))
    return 0


def planned(path: Path, config: Config) -> Plan:
    """Return what would run with this configuration on this machine, now."""
    models = config.recognition.models or shipped("models")
    return Plan(
        file=str(path),
        site=config.site.name,
        timezone=config.site.timezone,
        data=str(config.store.data),
        web=web_address(config.web.host, config.web.port) if config.web.enabled else None,
        models=str(models),
        provider=config.recognition.provider,
        cameras=[_camera_plan(camera, config) for camera in config.camera],
        rules=[f"{rule.name}: {when_words(rule)} -> {then_words(rule)}" for rule in config.rule if rule.enabled],
        gate=[*yard_words(config), *gate_words(config), *target_words(config)],
        warnings=[
            *_site_warnings(path, config),
            *_rule_warnings(config),
            *gate_warnings(config),
            *yard_warnings(config),
            *target_warnings(config),
            *_machine_warnings(config, models),
        ],
    )


def web_address(host: str, port: int) -> str:
    """Return the address of the pages as a browser takes it."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def _camera_plan(camera: Camera, config: Config) -> CameraPlan:
    return CameraPlan(
        name=camera.name,
        url=redacted(camera.url),
        enabled=camera.enabled,
        fps=camera.fps,
        direction="by its line" if camera.line else camera.direction,
        regions=camera.regions or config.site.regions,
        zones=len(camera.zone),
    )


def _site_warnings(path: Path, config: Config) -> Iterator[str]:
    cameras = [camera for camera in config.camera if camera.enabled]
    if not cameras:
        yield "no camera is enabled: nothing will be read; add a [[camera]] table with name and url"
    if cameras and not config.site.regions and not all(camera.regions for camera in cameras):
        yield 'no region is set: `regions = ["eu"]` (or "us", "br", a country code) in [site] makes reads better'
    for camera in cameras:
        yield from _camera_warnings(camera)
    if config.web.host in _ANYWHERE and not config.web.secure_cookies:
        yield "the pages are open to the whole network without HTTPS: put a proxy with HTTPS before them"
    if any(camera.password.get_secret_value() and not camera.password_file for camera in config.camera):
        yield from _readable_by_others(path)


def _camera_warnings(camera: Camera) -> Iterator[str]:
    about = f"camera {camera.name}"
    scheme = scheme_of(camera.url)
    if scheme not in NETWORK_SCHEMES:
        path = Path(path_of(camera.url))
        if not os.access(path, os.R_OK):
            why = "cannot be read by this user" if os.access(path, os.F_OK) else "does not exist (yet)"
            yield f"{about}: {path} {why}"
    elif camera.password.get_secret_value() and not camera.username:
        yield f"{about}: has a password and no username"
    if camera.line and camera.direction:
        yield f"{about}: has a line, so that its direction is not asked: take one of them out"
    if camera.stall_timeout <= camera.poll and scheme.startswith("snapshot+"):
        yield f"{about}: stall_timeout ({camera.stall_timeout:g} s) is not longer than poll ({camera.poll:g} s)"


def _rule_warnings(config: Config) -> Iterator[str]:
    known = list_names(config.store.data)
    names = {name.casefold() for name in known or ()}
    for rule in config.rule:
        for name in rule.lists if known is not None else ():
            if name.casefold() not in names:
                close = get_close_matches(name, known or (), 1)
                hint = f"did you mean `{close[0]}`?" if close else "make it on the page Lists"
                yield f"rule {rule.name}: there is no list `{name}`: {hint}"


def _readable_by_others(path: Path) -> Iterator[str]:
    if path.stat().st_mode & _OTHERS_MAY_READ and "password" in path.read_text("utf-8-sig"):
        yield f"{path} may be read by every user of this machine, and cameras have passwords: `chmod 600 {path}`"


def _machine_warnings(config: Config, models: Path) -> Iterator[str]:
    yield from (f"model {models / name} is missing: reinstall alpr" for name in MODELS if not (models / name).is_file())
    if problem := unwritable(config.store.data):
        yield f"data folder {config.store.data}: {problem}"
    if config.web.enabled and (trouble := _port_trouble(config.web.host, config.web.port)):
        yield f"{config.web.host}:{config.web.port}: {trouble}"


def nearest_existing(folder: Path) -> Path:
    """Return the folder, or the first above it that is there and may be seen."""
    return next(place for place in (folder, *folder.absolute().parents) if os.access(place, os.F_OK))


def unwritable(folder: Path) -> str | None:
    """Say why nothing can be written into the folder (which may not exist yet); None when it can."""
    nearest = nearest_existing(folder)
    if not nearest.is_dir():
        return f"{nearest} is a file, not a folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written to by this user: `chown` it, or choose another `data` in [store]"
    return None


def _port_trouble(host: str, port: int) -> str | None:
    """Try to listen there for a moment; say what hinders, in words."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return f"{error.strerror}: is alpr running already? Else choose another `port` or `host` in [web]"
    return None


def _worded(plan: Plan) -> str:
    lines = [
        f"{plan.file}: no fault",
        f"site      {plan.site} ({plan.timezone})",
        f"data      {plan.data}",
        f"pages     {plan.web or 'off'}",
        f"models    {plan.models} ({plan.provider})",
        f"cameras   {len(plan.cameras) or 'none'}",
        *(_camera_line(camera) for camera in plan.cameras),
        *([f"rules     {len(plan.rules)}", *(f"  {rule}" for rule in plan.rules)] if plan.rules else []),
        *plan.gate,
        *(f"warning: {warning}" for warning in plan.warnings),
    ]
    return "\n".join(lines)


def _camera_line(camera: CameraPlan) -> str:
    if not camera.enabled:
        return f"  {camera.name}: disabled"
    parts = [f"  {camera.name}: {camera.url}", f"{camera.fps:g} fps", f"regions {', '.join(camera.regions) or 'any'}"]
    if camera.direction:
        parts.append(f"direction {camera.direction}")
    if camera.zones:
        parts.append("1 zone" if camera.zones == 1 else f"{camera.zones} zones")
    return ", ".join(parts)
