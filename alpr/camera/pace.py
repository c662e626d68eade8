"""Two kinds of keeping pace: thinning pictures to a rate, and playing a stream as fast as it was filmed."""

from __future__ import annotations

from typing import Final

_TOLERANCE: Final = 0.25  # of the interval: a camera at just the wanted rate jitters, and must not be halved
_LONGEST_GAP: Final = 2.0
_LATEST: Final = 1.0


class Thinning:
    """Lets at most `fps` pictures a second through, evenly, by their own times."""

    def __init__(self, fps: float) -> None:
        self._interval = 1.0 / fps
        self._due: float | None = None

    def admits(self, time: float) -> bool:
        """Whether the picture of this time (seconds, growing) is one of the chosen; asked once for each."""
        due = self._due
        if due is None or time < due - 2 * self._interval or time > due + self._interval:
            self._due = time + self._interval  # the first, after a jump back, or after a gap
            return True
        if time < due - _TOLERANCE * self._interval:
            return False
        self._due = due + self._interval
        return True


class Pacing:
    """Says how long to wait with a picture of a stream that comes faster than it was filmed."""

    def __init__(self) -> None:
        self._origin: float | None = None

    def wait(self, time: float, now: float) -> float:
        """Return seconds to wait at `now` before the picture of stream time `time` is due.

        A jump in the stream waits 2 s at most; a player that is more than 1 s late starts counting anew.
        """
        if self._origin is None:
            self._origin = now - time
        wait = self._origin + time - now
        if wait > _LONGEST_GAP:
            self._origin -= wait - _LONGEST_GAP
            return _LONGEST_GAP
        if wait < -_LATEST:
            self._origin = now - time
        return max(0.0, wait)
