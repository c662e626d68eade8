"""The part of `alpr check` about lanes and containers."""

from __future__ import annotations

from collections.abc import Iterator

from alpr.config import Config


def yard_words(config: Config) -> list[str]:
    """Say in a line each which cameras see one lane."""
    return [
        f"portal {portal.name}: {', '.join(portal.cameras) or 'no cameras'}, within {portal.seconds:g} s"
        for portal in config.portal
    ]


def yard_warnings(config: Config) -> Iterator[str]:
    """Give what is possible and probably not meant."""
    reading = [camera for camera in config.camera if camera.enabled and "container" in camera.reads]
    for camera in reading:
        # A line gives each vehicle its own direction.
        if not camera.direction and not camera.line:
            yield (
                f"camera {camera.name}: reads containers and has no direction, so that none comes in or leaves there: "
                'set `direction = "in"` or "out", or a `line`'
            )
    for rule in config.rule:
        if rule.enabled and rule.arrivals and not reading:
            yield f"rule {rule.name}: asks for `arrivals`, and no camera reads containers: set `reads` of one of them"
    for portal in config.portal:
        if not portal.cameras:
            yield f"portal {portal.name}: names no cameras, so that it does nothing"
