"""What all tables of `alpr.toml` share: how values are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alpr.config.regions import region_code

Fraction = Annotated[float, Field(ge=0, le=1)]
# TOML has arrays and strings only: a point comes as a list, a path as a string.
Point = Annotated[tuple[Fraction, Fraction], Field(strict=False)]
FilePath = Annotated[Path, Field(strict=False)]
Region = Annotated[str, AfterValidator(region_code)]


class Section(BaseModel):
    """A table of `alpr.toml`: frozen, and unknown keys are faults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False, hide_input_in_errors=True
    )
