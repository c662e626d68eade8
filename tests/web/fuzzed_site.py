"""A site behind HTTP in a thread of its own, and requests made up from its OpenAPI document against it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alpr.access import Entry, ListKind
from alpr.activity import FactoryPlan
from alpr.domain import utc_now
from alpr.store import entries, lists, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.server import serve
from tests import foreign_payloads as sent
from tests.web.drawn_site import DrawnSite, drawn_read, drawn_site

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ENDLESS = {"/api/v1/events"}
"""Answers without an end."""


@dataclass
class Fuzzed:
    """Where the site is, and what stands in it."""

    address: str
    headers: dict[str, str]
    known: dict[str, object]
    """Values of parameters of paths that name something."""


@contextmanager
def fuzzed_site(folder: Path, port: int) -> Iterator[Fuzzed]:
    """Serve a small site with some reads, a list and an entry until the context ends."""
    ready = threading.Event()
    told: dict[str, object] = {}
    ends: list[Callable[[], None]] = []

    async def run() -> None:
        async with drawn_site(folder) as site:
            told.update(await _filled(site))
            work = asyncio.create_task(serve(site.web(), "127.0.0.1", port))
            await asyncio.sleep(0.05)  # it listens at once, in its own turn
            stop = asyncio.Event()
            ends.append(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))
            ready.set()
            await stop.wait()
            work.cancel()
            await asyncio.wait({work})

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    try:
        headers = {"authorization": f"Bearer {told.pop('secret')}"}
        yield Fuzzed(f"http://127.0.0.1:{port}", headers, told)
    finally:
        ends[0]()
        thread.join(30)


async def _filled(site: DrawnSite) -> dict[str, object]:
    now, secret = utc_now(), tokens.new_secret()
    site.floor.plan = FactoryPlan(ZoneInfo("Europe/Berlin"))
    await tokens.create(site.database, NewToken("fuzz", tokens.digest(secret), Role.ADMIN, now, "a test"))
    number = await lists.create(site.database, "Staff", ListKind.ALLOW, "bea", now)
    entry = await entries.add(site.database, number, Entry(0, "", ListKind.ALLOW, "AB*", "Meyer"), "bea", now)
    await site.keeper.load()
    first = await site.passes(drawn_read("AB123", age=300), announce=False)
    await site.passes(drawn_read("", age=200), announce=False)
    async with site.database.write() as connection:
        await site.keeper.decide(connection, first, now)
    known = {"read_id": first.id, "list_id": number, "entry_id": entry, "secret": secret, "text": "AB123"}
    return known | {"name": "0.jpg", "delivery_id": 1, "alarm_id": 1}


def broken_promises(site: Fuzzed, examples: int) -> list[str]:
    """Ask every operation of the document so often; return where an answer is not what the document says."""
    schema = openapi.from_url(f"{site.address}/api/v1/openapi.json", headers=site.headers)
    found: dict[str, str] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path not in ENDLESS:
            for mode in GenerationMode:
                _ask(site, operation, mode, examples, found)
    return [f"{where}: {what}" for where, what in found.items()]


def _ask(site: Fuzzed, operation, mode: GenerationMode, examples: int, found: dict[str, str]) -> None:
    count = iter(range(1_000_000))

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case) -> None:
        if next(count) % 2 and case.path_parameters:
            # Made-up names find nothing: every other time the path leads somewhere.
            for name in case.path_parameters:
                case.path_parameters[name] = site.known.get(name, case.path_parameters[name])
        if operation.method == "post" and operation.path == "/api/v1/reads" and next(count) % 3 == 0:
            case.body, case.media_type = sent.own(), "application/json"
        response = case.call(headers=site.headers, timeout=20)
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            faults = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            for fault in faults:
                where = f"{operation.method.upper()} {operation.path} {response.status_code} {type(fault).__name__}"
                asked = json.dumps(case.body, default=str)[:300] if isinstance(case.body, dict | list) else ""
                words = " ".join(str(fault).split())
                found.setdefault(where, f"{words[:500]} | {response.request.url} {asked}")

    ask()
