"""Chance with a seed."""

from __future__ import annotations

from random import Random


def happens(random: Random, share: float) -> bool:
    """Whether something happens that does in this share of cases."""
    return random.random() < share
