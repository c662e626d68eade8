"""`[push]`: notifications on the guards' phones through the push services of their browsers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from alpr.config.base import Section

_CONTACT = re.compile(r"(mailto:[^@\s]+@[^@\s]+|https://\S+)?")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
SERVICES = (*("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "notify.windows.com"),)
"""Hosts of the browsers' push services, those below them included."""


def _contact(text: str) -> str:
    if not _CONTACT.fullmatch(text):
        raise ValueError(f'`contact` is "mailto:…" with an address or "https://…", not `{text[:80]}`')
    return text


def _service(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError(f"`{host[:80]}` is no host of a push service: write its name alone, in lower case")
    return host


class Push(Section):
    """`[push]`: Web Push (RFC 8030)."""

    enabled: bool = True
    contact: Annotated[str, AfterValidator(_contact)] = ""
    services: list[Annotated[str, AfterValidator(_service)]] = Field(default=list(SERVICES), min_length=1)
