"""Chance for drawing and composing pictures: seeded, so that a run can be repeated; no secrets."""

from __future__ import annotations

from random import Random


def seeded(seed: int) -> Random:
    """Return dice that fall the same for the same seed."""
    return Random(seed)  # noqa: S311 - chance, no secret


def chance(random: Random, share: float) -> bool:
    """Whether something happens that does so this often, 0 to 1."""
    return random.random() < share
