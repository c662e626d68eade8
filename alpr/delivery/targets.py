"""The targets that `[[target]]` tables describe, made anew when their settings change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from alpr import config as settings
from alpr.delivery.target import Target
from alpr.delivery.webhook import Hook, WebhookTarget


class Targets:
    """What is configured, and the same target for it as long as its settings are the same."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[settings.Target, ZoneInfo, Target]] = {}

    def load(self, tables: Sequence[settings.Target], zone: ZoneInfo) -> None:
        """Take up what the configuration says; raises ConfigError, and then changes nothing."""
        made: dict[str, tuple[settings.Target, ZoneInfo, Target]] = {}
        for table in tables:
            before = self._made.get(table.name)
            unchanged = before is not None and before[:2] == (table, zone)
            made[table.name] = before if before is not None and unchanged else (table, zone, make_target(table, zone))
        self._made = made

    def targets(self) -> Mapping[str, Target]:
        """Return the targets by name."""
        return {name: target for name, (_, _, target) in self._made.items()}

    def patience(self) -> Mapping[str, float]:
        """Return for how many seconds each target is tried."""
        return {name: table.give_up_after for name, (table, _, _) in self._made.items()}


def make_target(table: settings.Target, zone: ZoneInfo) -> Target:
    """Make the target of one table; raises ConfigError."""
    if table.kind == "apprise":
        # A site without such a target need not hold a library of 150 services in memory.
        from alpr.delivery.notify import NotifyTarget  # noqa: PLC0415

        return NotifyTarget(table.name, table.address, timeout=table.timeout)
    hook = Hook(
        name=table.name,
        url=table.address,
        secret=table.secret.get_secret_value(),
        token=table.token.get_secret_value(),
        format=table.format,
        cloudevents=table.cloudevents,
        picture=table.picture,
        timeout=table.timeout,
        tls_verify=table.tls_verify,
        tls_ca=table.tls_ca,
        zone=zone,
    )
    return WebhookTarget(hook)
