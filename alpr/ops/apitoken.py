"""`alpr token`: what programs log in with at the API; works while the site runs."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import AlprError
from alpr.store import audit, tokens
from alpr.store.database import Database, open_database
from alpr.store.users import Role

_ACTOR = "command line"
_LONGEST_NAME = 64
_LONGEST_DAYS = 3650


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr token`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    adding = deeds.add_parser("add", help="make a token and print it: this once, it cannot be shown again")
    adding.add_argument("name", help="whose it is, such as the program that will use it")
    adding.add_argument(
        "--role", choices=[role.value for role in Role], default=Role.VIEWER.value, help="default: viewer"
    )
    adding.add_argument("--expires", type=_days, metavar="DAYS", help="such as 90d (default: never)")
    listing = deeds.add_parser("list", help="list all tokens, without their secrets")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    revoking = deeds.add_parser("revoke", help="end a token at once")
    revoking.add_argument("name")


def token_command(args: argparse.Namespace) -> int:
    """Do the deed on the tokens of the configured data folder."""
    config = load_config(config_path(args.config))
    if args.deed == "add":
        _check_name(args.name)

    async def done() -> str:
        database = await open_database(config.store.data, alone=False)
        try:
            return await _do(database, args, utc_now())
        finally:
            await database.close()

    print(asyncio.run(done()))
    return 0


async def _do(database: Database, args: argparse.Namespace, now: datetime) -> str:
    if args.deed == "add":
        return await _add(database, args.name, Role(args.role), args.expires, now)
    if args.deed == "list":
        return _listed(await tokens.everyone(database), now, as_json=args.json)
    if not await tokens.revoke(database, args.name, now):
        raise AlprError(f"token {args.name}: no such token that is valid: `alpr token list` shows all")
    await audit.record(database, audit.Entry(now, _ACTOR, "token revoke", args.name))
    return f"token {args.name} is revoked"


async def _add(database: Database, name: str, role: Role, lasts: timedelta | None, now: datetime) -> str:
    secret = tokens.new_secret()
    expires_at = None if lasts is None else now + lasts
    new = tokens.NewToken(name, tokens.digest(secret), role, now, _ACTOR, expires_at)
    if await tokens.create(database, new) is None:
        raise AlprError(f"token {name}: exists already: `alpr token revoke {name}` ends it, then it can be made anew")
    until = "" if expires_at is None else f", until {expires_at:%Y-%m-%d}"
    await audit.record(database, audit.Entry(now, _ACTOR, "token add", name, f"as {role.value}{until}"))
    return secret


def _listed(known: Sequence[tokens.Token], now: datetime, *, as_json: bool) -> str:
    if as_json:
        return json.dumps([_row(token, now) for token in known], indent=2, ensure_ascii=False)
    if not known:
        return "no tokens: `alpr token add NAME` makes one"
    width = max(len(token.name) for token in known)
    return "\n".join(
        f"{token.name:{width}}  {token.role.value:6}  {_state(token, now):18}  "
        f"{f'used {token.used_at:%Y-%m-%d %H:%M} UTC' if token.used_at else 'never used'}"
        for token in known
    )


def _row(token: tokens.Token, now: datetime) -> dict[str, object]:
    times = {"created": token.created_at, "used": token.used_at, "expires": token.expires_at}
    times["revoked"] = token.revoked_at
    told = {name: at.isoformat() if at else None for name, at in times.items()}
    return {"name": token.name, "role": token.role.value, "valid": token.lives(now), "by": token.created_by, **told}


def _state(token: tokens.Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if token.expires_at is None:
        return "valid"
    return f"{'until' if token.lives(now) else 'expired'} {token.expires_at:%Y-%m-%d}"


def _days(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d{0,3})d?", text)
    if found is None or int(found[1]) > _LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1d to {_LONGEST_DAYS}d")
    return timedelta(days=int(found[1]))


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AlprError(f"token {name[:_LONGEST_NAME]!r}: a name has 1 to {_LONGEST_NAME} visible characters")
