"""Which distributions own a Python package: two owners of one folder overwrite each other silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution, as pip names it."""

    name: str
    version: str


def owners(package: str, installed: Mapping[str, Sequence[str]] | None = None) -> tuple[Distribution, ...]:
    """Return every distribution that has put files into the package's folder; more than one is a clash."""
    names = (packages_distributions() if installed is None else installed).get(package, ())
    return tuple(Distribution(name, version(name)) for name in sorted(set(names)))


def clash(package: str, found: Sequence[Distribution], plain: str) -> str | None:
    """Say what is wrong with the owners of the package, and the commands that repair it; None for exactly one.

    `plain` is the owner that gives way when another is there.
    """
    if not found:
        return f"no package provides `{package}`: `pip install 'alpr[cpu]'` (or alpr[gpu], alpr[jetson])"
    if len(found) == 1:
        return None
    kept = next((owner for owner in found if owner.name != plain), found[0])
    others = " ".join(owner.name for owner in found if owner is not kept)
    names = " and ".join(f"{owner.name} {owner.version}" for owner in found)
    return (
        f"{names} both own the folder `{package}/` and have overwritten each other: which one runs is chance. "
        f"Repair: `pip uninstall -y {others} && pip install --force-reinstall --no-deps {kept.name}=={kept.version}`"
    )
