"""`alpr user`: accounts from the command line, in a real database."""

from __future__ import annotations

import io
import json

import pytest

from alpr.cli import main


@pytest.fixture
def user(tmp_path, monkeypatch, capsys):
    """Run `alpr user` on a fresh data folder; return exit code, output and errors."""
    path = tmp_path / "alpr.toml"
    path.write_text("")

    def run(*words, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["user", "--config", str(path), *words])
        out, err = capsys.readouterr()
        return code, out.strip(), err.strip()

    return run


def test_an_account_is_added_listed_changed_and_removed(user):
    """The life of an account, by hand."""
    assert user("list")[1] == "no accounts: `alpr user add NAME --role admin` makes the first"
    assert user("add", "ada", "--role", "admin", "--password-stdin", typed="correct horse\n") == (
        0,
        "user ada is added as admin",
        "",
    )
    assert user("add", "bob", "--password-stdin", typed="correct horse\n")[0] == 0
    assert user("role", "bob", "guard")[1] == "user bob is guard now"
    assert user("passwd", "BOB", "--password-stdin", typed="battery staple\n")[1] == "user BOB has a new password"
    accounts = json.loads(user("list", "--json")[1])
    assert [(row["name"], row["role"], row["active"]) for row in accounts] == [
        ("ada", "admin", True),
        ("bob", "guard", True),
    ]
    assert "correct horse" not in json.dumps(accounts)
    assert user("remove", "bob")[1] == "user bob is removed"
    assert user("list")[1].startswith("ada  admin")


def test_what_is_refused(user):
    """Each refusal is one line that says what to do, and changes nothing."""
    user("add", "ada", "--role", "admin", "--password-stdin", typed="correct horse\n")
    for words, typed, said in (
        (("add", "Ada", "--password-stdin"), "correct horse\n", "exists already"),
        (("add", "bob", "--password-stdin"), "short\n", "fewer than 8 characters"),
        (("add", "bob"), "correct horse\n", "use --password-stdin"),
        (("add", " ", "--password-stdin"), "correct horse\n", "visible characters"),
        (("passwd", "bob", "--password-stdin"), "correct horse\n", "no such account"),
        (("role", "bob", "guard"), "", "no such account"),
        (("remove", "bob"), "", "no such account"),
        (("remove", "ada"), "", "is the only admin"),
        (("role", "ada", "viewer"), "", "is the only admin"),
    ):
        code, out, err = user(*words, typed=typed)
        assert (code, out) == (1, ""), words
        assert said in err
        assert "\n" not in err
    assert [row["name"] for row in json.loads(user("list", "--json")[1])] == ["ada"]
