"""The part of `alpr check` about targets: whom rules and alarms can tell."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from alpr.config import Config, Target
from alpr.urls import scheme_of

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def target_words(config: Config) -> list[str]:
    """Say in a line each where the targets are, without what may be secret of their addresses."""
    return [f"target {target.name}: {_words(target)}" for target in config.target]


def target_warnings(config: Config) -> Iterator[str]:
    """Give what is possible and probably not meant."""
    told = {name for rule in config.rule for name in (*rule.tell, *rule.escalate_to)}
    told |= {*config.alarms.tell, *config.alarms.escalate_to}
    for target in config.target:
        if target.name not in told:
            yield f"target {target.name}: no rule of this file and no alarm tells it"
        if target.kind == "webhook":
            yield from _open_secrets(target)


def _open_secrets(target: Target) -> Iterator[str]:
    address = urlsplit(target.address)
    secret = target.token.get_secret_value() or address.password
    if secret and address.scheme == "http" and address.hostname not in _LOOPBACK:
        yield f"target {target.name}: the login goes through the network unencrypted: write https:// in its url"
    if not target.tls_verify:
        yield f"target {target.name}: any certificate is taken, so anybody between may read along: see `tls_ca`"


def _words(target: Target) -> str:
    hours = f"tried for {target.give_up_after / 3600:.3g} h"
    if target.kind == "apprise":
        return f"apprise {scheme_of(target.address)}://, {hours}"
    address = urlsplit(target.address)
    # Paths of webhooks are often secrets themselves.
    host = address.netloc.rpartition("@")[2]
    signed = "signed" if target.secret.get_secret_value() else "not signed"
    shape = f"{target.format} in CloudEvents" if target.cloudevents else target.format
    return f"webhook {address.scheme}://{host}, {shape}, {signed}, {hours}"
