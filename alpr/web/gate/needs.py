"""What barriers and the broker need of somebody, for the page of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alpr.web.system.view import Need
from alpr.web.view import sentence
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alpr.barrier.gates import Barrier


def gate_needs(barriers: Iterable[Barrier], mqtt_fault: str) -> tuple[Need, ...]:
    """Say which relays do not let go, which barriers did not open last, and why there is no link to the broker."""
    needs = []
    for barrier in barriers:
        stuck, fault = barrier.record.stuck, barrier.record.fault
        if stuck:
            title = _("The relay of %(name)s does not let go") % {"name": barrier.name}
            needs.append(Need("gate", title, sentence(stuck), "/barriers", _("Look")))
        elif fault:
            title = _("%(name)s did not open") % {"name": barrier.name}
            needs.append(Need("gate", title, sentence(fault), "/barriers", _("Look")))
    if mqtt_fault:
        needs.append(Need("send", _("The MQTT broker is not reached"), sentence(mqtt_fault)))
    return tuple(needs)
