"""What the scripts say, in the language of the page: each text by its English one."""

from __future__ import annotations

from typing import Final

from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, spoken

WORDS: Final = (
    later("just now"),
    later("%(n)s min ago"),
    later("%(n)s h ago"),
    later("%(n)s d ago"),
    later("Hold to open %(name)s"),
    later("Opening …"),
    later("Refused: reload the page and try again"),
    later("No answer: it may have opened, look before you try again"),
    later("Hold the button for a second"),
    later("Sound is on here"),
    later("Sound is off here"),
    later("Stop notifying this device"),
    later("Notify this device"),
    later("This device is notified."),
    later("This device is not notified."),
    later("This browser cannot be notified. On an iPhone, put the page on the home screen first."),
    later("Notifications are blocked for this page: allow them in the browser's settings."),
    later("That did not work: %(why)s"),
    later("refused (%(status)s)"),
    later("Smaller"),
    later("Larger"),
    later("Close"),
    later("true size"),
    later("enlarged, pixels are made up"),
    later("made smaller"),
    later("Frame up close"),
    later("Frame, move with the arrow keys"),
)


def script_words() -> dict[str, str]:
    """Return what the scripts of the page may say; nothing where it is English, which they know themselves."""
    if spoken().code == "en":
        return {}
    return {words: _(words) for words in WORDS}
