"""What all tables of `alpr.toml` share: how values are checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alpr.config.regions import region_code

Fraction = Annotated[float, Field(ge=0, le=1)]
# TOML has arrays and strings only: a point comes as a list, a path as a string.
Point = Annotated[tuple[Fraction, Fraction], Field(strict=False)]
FilePath = Annotated[Path, Field(strict=False)]
Region = Annotated[str, AfterValidator(region_code)]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def plain_name(what: str) -> Callable[[str], str]:
    """Make the check of a name that stands in paths, addresses and topics as it is."""

    def check(name: str) -> str:
        if not _PLAIN_NAME.fullmatch(name):
            raise ValueError(
                f"`{name[:80]}` is no name for a {what}: use letters without accents, digits, `.`, `_` and `-`, "
                "begin with a letter or digit, 64 at most"
            )
        return name

    return check


class Section(BaseModel):
    """A table of `alpr.toml`: frozen, and unknown keys are faults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False, hide_input_in_errors=True
    )
