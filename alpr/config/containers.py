"""`[containers]`: what the site knows about the containers that come."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from alpr.config.base import Section

_OWNER = re.compile(r"[A-Z]{3}[UJZ]?")


def _owner(text: str) -> str:
    owner = text.strip().upper()
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"`{text[:20]}` is no owner's code: write three letters, `MSC`, or four, `MSCU`")
    return owner


class Containers(Section):
    """`[containers]`: owners that come often."""

    owners: list[Annotated[str, AfterValidator(_owner)]] = Field(default_factory=list, max_length=5000)
