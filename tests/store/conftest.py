from __future__ import annotations

import pytest

from alpr.store.database import open_database


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()
