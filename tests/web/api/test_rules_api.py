"""Rules and alarms for programs: the same deeds as on the pages, with the roles of tokens."""

from __future__ import annotations

import pytest

from alpr.access import Severity
from alpr.bus import RulesChanged
from alpr.config import Rule
from alpr.domain import utc_now
from alpr.site.rules.alarms import NewAlarm
from alpr.site.rules.book import FiledRule, Names
from alpr.store import alarms, audit, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from tests.web.openapi_check import faults

BASE = "/api/v1"
EXAMPLE = {"name": "Night", "verdicts": ["unknown"], "tell": ["office"]}


@pytest.fixture
def ask(site, client):
    """Ask with a token of this role; the answer must have this status."""
    site.book.names = Names(("gate-in",), ("office",), ())
    secrets = {}

    async def asked(method, path, role=Role.ADMIN, status=200, **body):
        if role not in secrets:
            secret = tokens.new_secret()
            assert await tokens.create(
                site.database, NewToken(role.value, tokens.digest(secret), role, utc_now(), "a test", None)
            )
            secrets[role] = secret
        headers = {"authorization": f"Bearer {secrets[role]}"}
        answer = await client.request(method, f"{BASE}{path}", headers=headers, **body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    return asked


async def test_rules_are_made_changed_and_removed(site, ask):
    """Like on the page: announced, audited, told what is wrong."""
    site.book.filed = (FiledRule(Rule(name="Filed", tag="a", lists=["Stuff"]), 12),)
    async with site.bus.listen(RulesChanged) as events:
        made = await ask("POST", "/rules", status=201, json=EXAMPLE)
        assert events.qsize() == 1
    assert made == {"id": 1, "line": None, "name": "Night", "enabled": True, "definition": EXAMPLE, "faults": []}
    changed = await ask("PUT", "/rules/1", json={**EXAMPLE, "enabled": False})
    assert changed["enabled"] is False
    filed, stored = (await ask("GET", "/rules"))["rules"]
    assert (filed["id"], filed["line"], filed["definition"]) == (
        None,
        12,
        {"name": "Filed", "tag": "a", "lists": ["Stuff"]},
    )
    assert filed["faults"] == ["names the list `Stuff`, which is not there"]
    assert stored == changed
    await ask("DELETE", "/rules/1", status=204)
    await ask("DELETE", "/rules/1", status=404)
    actions = [entry.action for entry in await audit.latest(site.database) if entry.action.startswith("rule")]
    assert actions == ["rule remove", "rule change", "rule add"]


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"name": "x", "tell": ["offce"]}, "did you mean `office`?"),
        ({"name": "x", "tag": "a", "verdict": ["denied"]}, "unknown key `verdict`, did you mean `verdicts`?"),
        ({"tag": "a"}, "`name` is missing"),
        ({"name": 3, "tag": "a"}, "`name` must be a text in quotes"),
        ({"name": "x"}, "the rule does nothing"),
    ],
)
async def test_faulty_rules_are_refused_in_words(ask, definition, said):
    """The faults of the file, as a problem."""
    problem = await ask("POST", "/rules", status=400, json=definition)
    assert said in problem["detail"]
    assert {one["field"] for one in problem["errors"]} == {"rule"}


async def test_alarms_are_paged_and_acknowledged(site, ask, client):
    """Newest first, each page names the next; whoever was first stays; answers fit their description."""
    for number in range(5):
        async with site.database.write() as connection:
            await alarms.raise_alarm(connection, NewAlarm(f"k{number}", "", Severity.WARNING, "text"), utc_now())
    first = await ask("GET", "/alarms", Role.VIEWER, params={"limit": 3})
    assert [one["key"] for one in first["alarms"]] == ["k4", "k3", "k2"]
    rest = await ask("GET", "/alarms", Role.VIEWER, params={"limit": 3, "cursor": first["next"]})
    assert ([one["key"] for one in rest["alarms"]], rest["next"]) == (["k1", "k0"], None)
    seen = await ask("POST", "/alarms/5/acknowledge", Role.GUARD)
    assert seen["acknowledged_by"] == "guard"
    assert (await ask("POST", "/alarms/5/acknowledge"))["acknowledged_by"] == "guard"
    await ask("POST", "/alarms/99/acknowledge", Role.GUARD, status=404)
    waiting = await ask("GET", "/alarms", params={"waiting": "true"})
    assert [one["id"] for one in waiting["alarms"]] == [4, 3, 2, 1]
    await ask("GET", "/alarms", status=400, params={"cursor": "x"})
    document = await ask("GET", "/openapi.json")
    schema = document["paths"][f"{BASE}/alarms"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert faults(document, schema, waiting) == []


async def test_roles(ask):
    """Guards and viewers see no rules; viewers acknowledge nothing."""
    await ask("GET", "/rules", Role.GUARD, status=403)
    await ask("POST", "/rules", Role.GUARD, status=403, json=EXAMPLE)
    await ask("DELETE", "/rules/1", Role.VIEWER, status=403)
    await ask("POST", "/alarms/1/acknowledge", Role.VIEWER, status=403)
