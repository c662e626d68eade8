"""`alpr token`: tokens from the command line, in a real database."""

from __future__ import annotations

import asyncio
import json

import pytest

from alpr.cli import main
from alpr.store import audit
from alpr.store.database import open_database


@pytest.fixture
def token(tmp_path, capsys):
    """Run `alpr token` on a fresh data folder; return exit code, output and errors."""
    path = tmp_path / "alpr.toml"
    path.write_text(f'[store]\ndata = "{tmp_path / "data"}"\n')

    def run(*words):
        code = main(["token", "--config", str(path), *words])
        out, err = capsys.readouterr()
        return code, out.strip(), err.strip()

    return run


def test_a_token_is_shown_once_listed_and_revoked(token, tmp_path):
    """Its secret is nowhere but in what `add` prints; each deed is in the audit log."""
    assert token("list")[1] == "no tokens: `alpr token add NAME` makes one"
    code, secret, _ = token("add", "erp", "--role", "guard", "--expires", "90d")
    assert code == 0
    assert secret.startswith("alpr_")
    (row,) = json.loads(token("list", "--json")[1])
    assert (row["name"], row["role"], row["valid"], row["used"]) == ("erp", "guard", True, None)
    assert "never used" in token("list")[1]
    assert all(secret.encode() not in file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert token("revoke", "ERP") == (0, "token ERP is revoked", "")
    assert json.loads(token("list", "--json")[1])[0]["valid"] is False
    assert asyncio.run(deeds(tmp_path / "data")) == [("token revoke", "ERP"), ("token add", "erp")]


def test_what_is_refused(token):
    """Each refusal is one line that says what to do."""
    token("add", "erp")
    for words, said in (
        (("add", "Erp"), "exists already: `alpr token revoke Erp`"),
        (("add", "\n"), "visible characters"),
        (("revoke", "bob"), "no such token"),
    ):
        code, out, err = token(*words)
        assert (code, out) == (1, ""), words
        assert said in err
        assert "\n" not in err


@pytest.mark.parametrize("lasts", ["0d", "-1", "soon", "9999d"])
def test_a_time_that_is_none_is_wrong_usage(token, lasts):
    """Days only, a sane number of them."""
    with pytest.raises(SystemExit) as ended:
        token("add", "erp", "--expires", lasts)
    assert ended.value.code == 2


async def deeds(data):
    database = await open_database(data)
    try:
        return [(entry.action, entry.subject) for entry in await audit.latest(database)]
    finally:
        await database.close()
