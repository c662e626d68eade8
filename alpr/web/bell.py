"""The bell in the top bar: how many alarms wait for somebody."""

from dataclasses import dataclass

from alpr.web.context import Web


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell in the top bar: how many wait, and the number of the newest one that sounds."""

    count: int
    sounding: int

    @property
    def words(self) -> str:
        """For who cannot see it."""
        return {0: "No alarms", 1: "1 alarm"}.get(self.count, f"{self.count} alarms")


def bell(web: Web) -> Bell:
    """Return the bell as it is now."""
    return Bell(web.status.open_alarms, web.status.sounding_alarm)
