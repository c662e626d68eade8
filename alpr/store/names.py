"""Names of accounts and tokens, as people type them."""

from __future__ import annotations

import unicodedata


def name_key(name: str) -> str:
    """Return what two spellings of one name share."""
    # A phone writes the first letter large, and one é can be typed in two ways.
    return unicodedata.normalize("NFKC", name.strip()).casefold()
