"""`alpr models`: which models read, whether they are whole, new ones taken into use, the last ones taken back."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.recognizers.registry import load_engine, verify_manifest
from alpr.training.checkpoint import replacing
from alpr.training.manifest import MANIFEST
from alpr.vision.calibration import CALIBRATION_FILE

_FORMER: Final = "former"
"""Below the folder of models: the sets that were in use before, each in a folder named by when it was laid aside."""
_KEPT: Final = 3
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelSet:
    """Models that belong together: a folder with a manifest, the files that it names, and their calibration."""

    folder: Path
    models: Sequence[Mapping[str, Any]]

    @property
    def files(self) -> tuple[str, ...]:
        """What makes up the set, the manifest last: until it is in place the former one tells what is wrong."""
        calibration = (CALIBRATION_FILE,) if (self.folder / CALIBRATION_FILE).is_file() else ()
        return (*(str(model["file"]) for model in self.models), *calibration, MANIFEST)

    @property
    def told(self) -> str:
        """Names and versions in one line."""
        return ", ".join(
            f"{model.get('name', model['file'])} {model.get('version', '')}".rstrip() for model in self.models
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr models`."""
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="default: what [recognition] says, else the shipped ones"
    )
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    listing = deeds.add_parser("list", help="the models in use, and the former ones that are kept")
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    deeds.add_parser("verify", help="compare every file with the manifest, load it and run it once")
    promoting = deeds.add_parser(
        "promote", help="take the models of another folder into use; the present ones are kept"
    )
    promoting.add_argument("folder", type=Path, metavar="DIR", help="such as the --out of `alpr train`")
    deeds.add_parser("rollback", help="take the former models back into use; the present ones are kept instead")


def models_command(args: argparse.Namespace, *, now: Callable[[], datetime] = utc_now) -> int:
    """Do the deed on the folder of models."""
    folder = args.models or _configured(args.config)
    deeds: dict[str, Callable[[], str]] = {
        "list": lambda: _listed(folder, as_json=args.json),
        "verify": lambda: _verified(folder),
        "promote": lambda: promote(folder, args.folder, now()),
        "rollback": lambda: roll_back(folder, now()),
    }
    print(deeds[args.deed]())
    return 0


def promote(folder: Path, newer: Path, now: datetime) -> str:
    """Take the models of `newer` into use once they have proved to be whole and to run; keep the present ones.

    Raises ModelError when they are not, StoreError when the disk refuses; the models in use stay as they are.
    """
    if newer.resolve() == folder.resolve():
        raise ModelError(f"models {newer}: are in use already")
    chosen = _tried(newer)
    before = _load(folder) if (folder / MANIFEST).is_file() else None
    kept = _lay_aside(before, now) if before else None
    _copy(chosen, folder)
    _forget_old(folder)
    back = f"; the former ones lie in {kept}: `alpr models rollback` takes them back" if kept else ""
    return f"in use from the next start on: {chosen.told}{back}"


def roll_back(folder: Path, now: datetime) -> str:
    """Take the models that were laid aside last back into use, and lay the present ones aside instead."""
    former = _former(folder)
    if not former:
        raise ModelError(f"models {folder}: no former ones are kept: there is nothing to go back to")
    chosen = _tried(former[-1])
    if (folder / MANIFEST).is_file():
        _lay_aside(_load(folder), now)
    _copy(chosen, folder)
    shutil.rmtree(chosen.folder)
    return f"in use from the next start on: {chosen.told}"


def _configured(option: Path | None) -> Path:
    path = config_path(option)
    named = load_config(path).recognition.models if option or path.is_file() else None
    return named or shipped("models")


def _load(folder: Path) -> ModelSet:
    """Take up what the manifest says. Raises ModelError when it is missing or cannot be understood."""
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"models {folder}: no {MANIFEST}: this is no folder of models")
    verify_manifest(folder)
    return ModelSet(folder, json.loads(path.read_text("utf-8"))["models"])


def _tried(folder: Path) -> ModelSet:
    """Load and run every model of the folder; raise ModelError that names what is wrong."""
    found = _load(folder)
    load_engine(folder, "cpu", second_opinion=False)
    return found


def _verified(folder: Path) -> str:
    engine = load_engine(folder, second_opinion=False)
    behind = ", although a faster provider is installed: see `alpr doctor`" if engine.fallback else ""
    return f"{folder}: {_load(folder).told}: whole, and running on {engine.provider}{behind}"


def _listed(folder: Path, *, as_json: bool) -> str:
    used, former = _load(folder), [_load(each) for each in reversed(_former(folder))]
    if as_json:
        kept = [{"folder": str(each.folder), "models": each.models} for each in former]
        return json.dumps({"folder": str(folder), "models": used.models, "former": kept}, indent=2)
    lines = [str(folder), *(_line(model) for model in used.models)]
    lines += [f"former   {each.folder.name}  {each.told}" for each in former]
    return "\n".join(lines)


def _line(model: Mapping[str, Any]) -> str:
    size = int(model.get("bytes", 0)) / _MEGABYTE
    name, version = model.get("name", model["file"]), model.get("version", "")
    return f"in use   {name:15} {version:12} {size:4.1f} MB  {model.get('task', '')}"


def _former(folder: Path) -> list[Path]:
    """Return the folders of former sets, the oldest first."""
    return sorted(path.parent for path in (folder / _FORMER).glob(f"*/{MANIFEST}"))


def _lay_aside(used: ModelSet, now: datetime) -> Path:
    kept = used.folder / _FORMER / f"{now:%Y%m%dT%H%M%S.%fZ}"
    _copy(used, kept)
    return kept


def _copy(chosen: ModelSet, folder: Path) -> None:
    """Write all files beside their places, then rename them, the manifest last: a copy that fails changes nothing."""
    with ExitStack() as places:
        for name in reversed(chosen.files):
            places.enter_context(replacing(folder / name)).write_bytes((chosen.folder / name).read_bytes())
    if CALIBRATION_FILE not in chosen.files:
        (folder / CALIBRATION_FILE).unlink(missing_ok=True)


def _forget_old(folder: Path) -> None:
    for path in _former(folder)[:-_KEPT]:
        shutil.rmtree(path)
