"""What can be done to rules, by pages and API alike: checked, stored, noted in the audit log, announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from litestar.exceptions import NotFoundException

from alpr.access import Json
from alpr.bus import RulesChanged
from alpr.config import Rule
from alpr.configfile.rules import check_rule
from alpr.domain import utc_now
from alpr.errors import ConfigError
from alpr.store import audit, lists, rules
from alpr.store.rules import StoredRule
from alpr.web.context import Web


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule of the file or of the page; `rule` is None while the stored definition is faulty."""

    name: str
    enabled: bool
    rule: Rule | None
    faults: tuple[str, ...] = ()
    line: int = 0
    """Where it begins in the configuration; 0 for one of the page."""
    id: int = 0
    """Its number; 0 for one of the configuration."""
    definition: Mapping[str, Json] = field(default_factory=dict)
    """As a `[[rule]]` table holds it."""
    unknown_lists: tuple[str, ...] = ()


async def every_rule(web: Web) -> list[KnownRule]:
    """Return all rules, those of the configuration first."""
    known_lists = {one.name.casefold() for one in await lists.everyone(web.database, utc_now())}
    found = [
        KnownRule(
            one.rule.name,
            one.rule.enabled,
            one.rule,
            line=one.line,
            definition=one.rule.model_dump(exclude_defaults=True),
        )
        for one in web.book.filed
    ]
    taken = [one.name for one in found]
    for stored in await rules.every(web.database):
        try:
            rule = check_rule(stored.definition, web.book.names, taken)
        except ConfigError as error:
            one = KnownRule(stored.name, stored.enabled, None, error.faults)
        else:
            one = KnownRule(stored.name, stored.enabled, rule)
        found.append(replace(one, id=stored.id, definition=stored.definition))
    return [_with_lists(one, known_lists) for one in found]


async def known_rule(web: Web, rule_id: int) -> StoredRule:
    """Return a rule of the page; raises NotFoundException."""
    stored = await rules.get(web.database, rule_id)
    if stored is None:
        raise NotFoundException
    return stored


async def make_rule(web: Web, actor: str, definition: Mapping[str, Json]) -> int:
    """Make a rule and return its number; raises ConfigError with every fault."""
    await _check(web, definition, 0)
    made = await rules.create(web.database, definition, actor, utc_now())
    if made is None:
        raise ConfigError(_taken(definition))
    await _done(web, actor, "rule add", definition)
    return made


async def change_rule(web: Web, actor: str, stored: StoredRule, definition: Mapping[str, Json]) -> None:
    """Put another definition in the rule's place; raises ConfigError with every fault."""
    await _check(web, definition, stored.id)
    if not await rules.change(web.database, stored.id, definition, utc_now()):
        raise ConfigError(_taken(definition))
    await _done(web, actor, "rule change", definition)


async def switch_rule(web: Web, actor: str, stored: StoredRule, *, enabled: bool) -> None:
    """Switch a rule on or off."""
    definition = {key: value for key, value in stored.definition.items() if key != "enabled"}
    if not enabled:
        definition["enabled"] = False
    await rules.change(web.database, stored.id, definition, utc_now())
    await _done(web, actor, "rule on" if enabled else "rule off", definition)


async def remove_rule(web: Web, actor: str, stored: StoredRule) -> None:
    """Delete a rule."""
    if await rules.remove(web.database, stored.id):
        await _done(web, actor, "rule remove", stored.definition)


async def _check(web: Web, definition: Mapping[str, Json], own_id: int) -> None:
    others = [one.rule.name for one in web.book.filed]
    others += [one.name for one in await rules.every(web.database) if one.id != own_id]
    check_rule(definition, web.book.names, others)


def _taken(definition: Mapping[str, Json]) -> str:
    return f"a rule is called `{definition['name']}` already, or it is gone: reload the page"


def _with_lists(one: KnownRule, known: set[str]) -> KnownRule:
    named = one.rule.lists if one.rule else []
    unknown = tuple(name for name in named if name.casefold() not in known)
    return replace(one, unknown_lists=unknown)


async def _done(web: Web, actor: str, action: str, definition: Mapping[str, Json]) -> None:
    said = ", ".join(f"{key}: {value}" for key, value in definition.items() if key != "name")
    await audit.record(web.database, audit.Entry(utc_now(), actor, action, str(definition["name"]), said))
    web.bus.publish(RulesChanged())
