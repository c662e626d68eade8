"""The API keeps what its OpenAPI document promises, whatever is asked."""

from __future__ import annotations

import os

import pytest

from tests.web.fuzzed_site import broken_promises, fuzzed_site

EXAMPLES = int(os.environ.get("ALPR_FUZZ_EXAMPLES", "3"))
"""Requests for each operation, good and bad ones each; more of them find more."""


@pytest.mark.slow
def test_every_answer_is_one_that_the_document_describes(tmp_path):
    """No 5xx, no status, media type or body that is not described: made-up requests, right and wrong ones."""
    with fuzzed_site(tmp_path / "data", 18_766) as site:
        assert broken_promises(site, EXAMPLES) == []
