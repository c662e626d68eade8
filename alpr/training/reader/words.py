"""The words of `words.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on plates beside what is read, and what owners wish for."""

    names: tuple[str, ...]
    small: tuple[str, ...]
    towns: tuple[str, ...]
    countries: tuple[str, ...]
    wishes: tuple[str, ...]


@cache
def words() -> Words:
    """Load the words once."""
    table = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return Words(**{name: tuple(each) for name, each in table.items()})
