"""What was typed: patterns, what fits them and the reason that is shown."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.domain import canonical
from alpr.store.search import Mode, match, match_reason, parse_pattern


@pytest.mark.parametrize(
    ("typed", "text", "reason"),
    [
        ("AB12", "AB12", "is AB12"),
        ("ab-1", "AB 12", "begins with AB1"),
        ("b1", "AB12", "contains B1"),
        ("ABO", "AB012", "matched with O=0"),
        ("A8OI2", "AB012", "matched with 8=B, O=0, I=1"),
        ("OO", "A00O", "matched with O=0"),
        ("AB?1*", "ABX1", "fits AB?1*"),
        ("*O1", "AB01", "matched with O=0"),
        ("\u0410\u0412", "AB12", "matched with \u0410=A, \u0412=B"),
        ("O", "A0O1", "contains O"),
        ("13", "AB12", ""),
        ("AB?", "AB12", ""),
        ("B12*", "AB12", ""),
        ("*B1", "AB12", ""),
    ],
)
def test_the_reason_is_told(typed, text, reason):
    """How the text fits, or which look-alikes were forgiven, in the words of the pages."""
    assert match_reason(typed, text) == reason


@pytest.mark.parametrize(
    ("mode", "texts"),
    [
        (Mode.EXACT, {"AB1"}),
        (Mode.PREFIX, {"AB1", "AB12"}),
        (Mode.CONTAINS, {"AB1", "AB12", "XAB1"}),
        (Mode.WILDCARD, {"AB1"}),
        (None, {"AB1", "AB12", "XAB1"}),
    ],
)
def test_modes(mode, texts):
    """A mode says how much of the text was typed; signs that no plate has do not count in any."""
    pattern = parse_pattern("a-b.1", mode)
    assert {text for text in ("AB1", "AB12", "XAB1", "A1B", "") if match(pattern, text)} == texts


def test_look_alikes_can_be_refused():
    """Then only the very characters that were typed fit, in any case."""
    strict = parse_pattern("abo", look_alikes=False)
    assert match(strict, "ABO1")
    assert not match(strict, "AB01")


@given(st.text("AB01O*?", max_size=8), st.text("AB01O", max_size=8))
def test_fitting_is_what_a_regular_expression_says(typed, text):
    """Laying each run at its leftmost place finds a fit exactly when there is one."""
    pattern = parse_pattern(typed, Mode.WILDCARD)
    expression = "".join({"*": ".*", "?": "."}.get(sign) or re.escape(sign) for sign in pattern.folded)
    assert (match(pattern, text) is not None) == bool(re.fullmatch(expression, canonical(text)))


def test_no_pattern_is_slow():
    """A text and a pattern made to be tried in every way take no time."""
    began = time.process_time()
    assert match(parse_pattern("*A" * 16 + "B"), "A" * 5000) is None
    assert time.process_time() - began < 0.5
