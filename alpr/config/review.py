"""`[review]`: which reads a person should look at."""

from __future__ import annotations

from pydantic import Field

from alpr.config.base import Section


class Review(Section):
    """`[review]`: the queue of reads to be looked at."""

    below: float = Field(default=0.8, ge=0, le=1)
    days: float = Field(default=14.0, gt=0, le=3650)
