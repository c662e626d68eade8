"""How well two reads can be of one plate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.domain import Reading
from alpr.site.likeness import hypotheses, resemblance
from tests.site.entries import seen


def alike(one: Reading, other: Reading) -> float:
    return round(resemblance(hypotheses(one), hypotheses(other)), 2)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (seen("AB123"), seen("ab-123", 0.3, 0.5), 1.0),
        (seen("AO123"), seen("A0123"), 0.3),
        (seen("AB123"), seen("A8123"), 0.15),
        (seen("AB123"), seen("A8123", 0.6, 0.6), 0.33),
        (seen("BB123"), seen("88123"), 0.0),
        (seen("AB123"), seen("AB124"), 0.0),
        (seen("AB123"), seen("AB1234"), 0.0),
        (seen("AY123"), seen("AV123", 0.6, 0.7, AY123=0.3), 0.3),
        (seen("AY123", 0.5, 0.7, AX123=0.3), seen("AV123", 0.5, 0.7, AX123=0.3), 0.0),
        (seen(""), seen("AB123"), 0.0),
        (seen(""), seen(""), 0.0),
    ],
)
def test_reads_resemble_by_look_alikes_and_by_what_the_reader_doubted(one, other, how):
    """An O is often a 0, a B less often an 8; two runners-up that agree prove nothing."""
    assert alike(one, other) == how


_READINGS = st.builds(
    seen,
    st.text("AB80O1I", max_size=4),
    st.floats(0, 1),
    st.floats(0, 1),
    AB8=st.floats(0, 1),
    O0=st.floats(0, 1),
)


@given(one=_READINGS, other=_READINGS)
def test_resemblance_has_no_direction(one: Reading, other: Reading):
    """Which of two reads came first does not matter, and each resembles itself wholly."""
    assert alike(one, other) == alike(other, one)
    assert 0 <= alike(one, other) <= 1
    assert alike(one, one) == (1.0 if one.text else 0.0)
