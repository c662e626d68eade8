"""The ledger of stills: which pictures of a watched folder were read, and which are to be tried again."""

from __future__ import annotations
