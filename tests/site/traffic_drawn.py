"""Reads drawn by hypothesis: a few plates that look alike, close in time."""

from __future__ import annotations

from hypothesis import strategies as st

from alpr.stay import Sighting
from tests.site.entries import seen
from tests.site.sighted import sighted

_TEXTS = ("AB12", "A812", "A81Z", "AO12", "XY77", "XV77")


@st.composite
def traffic(draw) -> list[Sighting]:
    """Draw reads of a few plates, close in time and often misread."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 400), st.sampled_from(("in", "out", "by")), st.sampled_from(_TEXTS), st.booleans()
            ),
            max_size=25,
        )
    )
    doubts = {"XV77": {"XY77": 0.3}, "A812": {"AB12": 0.2}}
    return [
        sighted(
            minutes * (1 if minutes < 200 else 60),
            way,
            text,
            id=f"r{number}",
            final=not number % 3,
            reading=seen(text, 0.6, 0.7, **(doubts.get(text, {}) if doubt else {})),
        )
        for number, (minutes, way, text, doubt) in enumerate(rows)
    ]
