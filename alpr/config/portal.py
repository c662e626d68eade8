"""`[[portal]]`: cameras that see one lane; `[yard]`: the containers on the site."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from alpr.config.base import Section, plain_name


class Portal(Section):
    """`[[portal]]`: what these cameras see of one truck becomes one pass."""

    name: Annotated[str, AfterValidator(plain_name("portal"))]
    cameras: list[str] = Field(default_factory=list, max_length=16)
    seconds: float = Field(default=20.0, gt=0, le=600)
    rear: list[str] = Field(default_factory=list)


class YardRate(Section):
    """`[[yard.rate]]`: what a day costs when the free days are over."""

    feet: int = Field(default=0, ge=0, le=60)
    after: int = Field(default=5, ge=0, le=3650)
    per_day: float = Field(default=0.0, ge=0, le=1_000_000)


class Yard(Section):
    """`[yard]`: free time, demurrage, overstay and the expected list."""

    free_days: int = Field(default=5, ge=0, le=3650)
    overstay_days: float = Field(default=14.0, gt=0, le=3650)
    currency: str = Field(default="EUR", min_length=1, max_length=8)
    tolerance_days: int = Field(default=1, ge=0, le=365)
    rate: list[YardRate] = Field(default_factory=list)
