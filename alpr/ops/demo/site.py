"""The demo's `alpr.toml`: three cameras, their zones, rules, a barrier, a deck and a factory floor."""

from __future__ import annotations

from pathlib import Path

from alpr.ops.demo.cast import PLACES
from alpr.ops.demo.deck import TABLE as DECK_TABLE
from alpr.ops.demo.floor import floor_tables
from alpr.ops.demo.gate import gate_tables

_RULES = """[[rule]]
name = "Denied at the gate"
verdicts = ["denied"]
alarm = "critical"
sound = true

[[rule]]
name = "Somebody to look out for"
verdicts = ["watch"]
alarm = "warning"
title = "{plate} at {camera}: {reason}"

[[rule]]
name = "Stranger at the gate"
verdicts = ["unknown"]
directions = ["in"]
tag = "stranger"

[[rule]]
name = "Inside for too long"
on = "overstay"
alarm = "warning"
"""


_VISITS = """[visits]
overstay = 43200.0
list_overstay = { Hauliers = 14400.0 }
capacity = 40
zone_capacity = { "parking lane" = 6 }
"""
_ZONES = {"yard": "parking lane"}


def write_config(folder: Path, port: int, rtsp_port: int, relay_port: int) -> Path:
    """Write the demo's `alpr.toml`, which shows how such a site is set up."""
    # Open above: the container's code stands over the cab.
    gate = "polygon = [[0.24, 0.0], [0.68, 0.0], [0.68, 0.24], [1.0, 0.62], [1.0, 1.0], [0.2, 1.0]]"
    exit_ = "polygon = [[0.32, 0.24], [0.76, 0.24], [0.8, 1.0], [0.0, 1.0], [0.0, 0.62]]"
    yard = "polygon = [[0.0, 0.28], [1.0, 0.28], [1.0, 1.0], [0.0, 1.0]]"
    directions = {
        "gate-in": ('direction = "in"\nreads = ["plate", "container"]', gate),
        "gate-out": ('direction = "out"\nreads = ["plate", "container"]', exit_),
        "yard": ("", yard),
    }
    lines = [
        "# Written by `alpr demo` at every start.",
        '[site]\nname = "Northgate (demo)"\nregions = ["eu"]\n',
        f'[store]\ndata = "data"\njpeg_quality = 85\n\n[web]\nport = {port}\n\n[log]\nlevel = "warning"\n',
    ]
    for name in PLACES:
        direction, polygon = directions[name]
        lines.append(f'[[camera]]\nname = "{name}"\nurl = "rtsp://127.0.0.1:{rtsp_port}/{name}"\n{direction}')
        zone = f'name = "{_ZONES[name]}"\n' if name in _ZONES else ""
        lines.append(f"[[camera.zone]]\n{zone}{polygon}\n")
    lines += [_VISITS, _RULES, DECK_TABLE, gate_tables(relay_port), floor_tables()]
    path = folder / "alpr.toml"
    path.write_text("\n".join(lines))
    return path
