"""The MQTT topics of the product, below its prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ONLINE: Final = "online"
OFFLINE: Final = "offline"


@dataclass(frozen=True, slots=True)
class Topics:
    """Where what is told; no name holds `+`, `#` or `/`."""

    prefix: str

    @property
    def status(self) -> str:
        """`online` or `offline`, retained; the broker says the latter by itself when we are gone."""
        return f"{self.prefix}/status"

    @property
    def read(self) -> str:
        """Every read as it is stored or completed, as JSON."""
        return f"{self.prefix}/read"

    @property
    def alarm(self) -> str:
        """Every alarm as it is raised, as JSON."""
        return f"{self.prefix}/alarm"

    @property
    def alarms(self) -> str:
        """How many alarms nobody has acknowledged, retained."""
        return f"{self.prefix}/alarms"

    @property
    def activity(self) -> str:
        """Where activity events are heard, also below it: the rest of the topic names the sender."""
        return f"{self.prefix}/activity/events"

    @property
    def activity_answers(self) -> str:
        """What became of the activity events, message by message, as JSON."""
        return f"{self.prefix}/activity/answers"

    def of_camera(self, camera: str, what: str) -> str:
        """Return the topic of one camera, such as `plate`."""
        return f"{self.prefix}/camera/{camera}/{what}"

    def of_rule(self, rule: str) -> str:
        """Return the topic under which a rule's messages come, as JSON; names of rules may hold anything."""
        plain = "".join("_" if character in "/+#$\0" else character for character in rule)
        return f"{self.prefix}/rule/{plain or 'alarms'}"
