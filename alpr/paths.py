"""Where the shipped files lie: templates, static, models, alembic, and the `alpr.toml` that is the manual.

In a checkout they stand beside the package; in the wheel they are inside it, under `_share/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the path of a shipped file or folder, such as `templates`."""
    packed = _PACKAGE / "_share" / name
    return packed if packed.exists() else _PACKAGE.parent / name
