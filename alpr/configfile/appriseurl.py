"""What is wrong with an address for Apprise, in words and before anything happens."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import unquote

from alpr.urls import scheme_of

_PARTS: Final = re.compile(r"[/?&=:@,+\s]+")
_SHORTEST_SECRET: Final = 3
_HIDDEN: Final = "***"
_FORMS_SHOWN: Final = 3


def apprise_fault(url: str) -> str | None:
    """Say what is wrong with the address and what was probably meant; None when a service takes it."""
    # A site without such a target need not spend half a second on loading the descriptions of 150 services.
    import apprise  # noqa: PLC0415

    scheme = scheme_of(url)
    if not scheme:
        return 'begins with no service: write it like "mailtos://user:password@example.org" or "tgram://..."'
    said = ""
    try:
        if apprise.Apprise.instantiate(url, suppress_exceptions=False) is not None:
            return None
    except (TypeError, ValueError) as error:  # AppriseImproperlyConfigured is a TypeError
        said = without_secrets(str(error), url)
    services: Any = apprise.NotificationManager()  # type: ignore[no-untyped-call]
    if scheme not in services:
        known = sorted(services.schemas())
        close = get_close_matches(scheme, known, 1, 0.6)
        hint = f"did you mean `{close[0]}`?" if close else "Apprise lists what it knows at https://appriseit.com"
        return f"names the unknown service `{scheme}`: {hint}"
    forms = _forms(services[scheme], scheme)
    return f"is no address of {services[scheme].service_name}{f' ({said})' if said else ''}: write it like {forms}"


def without_secrets(text: str, url: str) -> str:
    """Return what a service says without any part of its address but the host-like and numeric ones."""
    parts = {unquote(part) for part in _PARTS.split(url.partition("://")[2])}
    secret = {part for part in parts if len(part) >= _SHORTEST_SECRET and not _is_harmless(part)}
    for part in sorted(secret, key=len, reverse=True):
        text = text.replace(part, _HIDDEN)
    return text


def _is_harmless(part: str) -> bool:
    host = re.fullmatch(r"(localhost|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}|[0-9.]+)", part)
    return host is not None or (part.isalpha() and part.islower() and len(part) <= 4)  # noqa: PLR2004 - to, from, yes


def _forms(service: Any, scheme: str) -> str:
    forms = [str(form).replace("{schema}", scheme) for form in service.templates][:_FORMS_SHOWN]
    return " or ".join(f"`{form}`" for form in forms)
