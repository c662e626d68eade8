"""What the configuration says of the factory floor: shared by all parts that use it, written anew at a reload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alpr.activity import FactoryPlan


@dataclass(slots=True)
class Floor:
    """The plan, and how events are taken in."""

    plan: FactoryPlan | None = None
    """None: the factory is switched off."""
    strangers: bool = True
    """Whether workers and stations that nobody has named before are made."""
    skew: timedelta = timedelta(seconds=60)
    """By how much a sender's clock may be off."""
