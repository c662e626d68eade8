"""The bell in the top bar: how many alarms wait for somebody."""

from dataclasses import dataclass

from alpr.web.context import Web
from alpr.web.words.language import gettext as _
from alpr.web.words.language import ngettext


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell in the top bar: how many wait, and the number of the newest one that sounds."""

    count: int
    sounding: int

    @property
    def words(self) -> str:
        """For who cannot see it."""
        if not self.count:
            return _("No alarms")
        return ngettext("%(n)s alarm", "%(n)s alarms", self.count) % {"n": self.count}


def bell(web: Web) -> Bell:
    """Return the bell as it is now."""
    return Bell(web.status.open_alarms, web.status.sounding_alarm)
