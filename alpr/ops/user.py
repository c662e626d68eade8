"""`alpr user`: accounts from the command line, the first one too; works while the site runs."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import AlprError
from alpr.store import audit, users
from alpr.store.database import Database, open_database

HashPassword: TypeAlias = Callable[[str], Awaitable[str]]

SHORTEST_PASSWORD = 8
_LONGEST_NAME = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr user`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    roles = [role.value for role in users.PEOPLE]
    adding = deeds.add_parser("add", help="add an account; asks for its password")
    adding.add_argument("name")
    adding.add_argument("--role", choices=roles, default=users.Role.VIEWER.value, help="default: viewer")
    changing = deeds.add_parser("passwd", help="set another password; logs the account out everywhere")
    changing.add_argument("name")
    for asking in (adding, changing):
        asking.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    role = deeds.add_parser("role", help="give the account another role")
    role.add_argument("name")
    role.add_argument("role", choices=roles)
    listing = deeds.add_parser("list", help="list all accounts")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    removing = deeds.add_parser("remove", help="remove the account; logs it out everywhere")
    removing.add_argument("name")


def user_command(args: argparse.Namespace, hash_password: HashPassword) -> int:
    """Do the deed on the accounts of the configured data folder."""
    config = load_config(config_path(args.config))
    # Asked for before the database is opened, so that nobody holds it while somebody thinks.
    password = _password(from_stdin=args.password_stdin) if args.deed in {"add", "passwd"} else ""
    if args.deed == "add":
        _check_name(args.name)

    async def done() -> str:
        database = await open_database(config.store.data, alone=False)
        try:
            return await _do(database, args, password, hash_password)
        finally:
            await database.close()

    print(asyncio.run(done()))
    return 0


async def _do(database: Database, args: argparse.Namespace, password: str, hash_password: HashPassword) -> str:
    match args.deed:
        case "add":
            return await _add(database, args.name, await hash_password(password), users.Role(args.role))
        case "passwd":
            hashed = await hash_password(password)
            found = await users.set_password(database, args.name, hashed, end_sessions=True)
            return await _told(database, args.name, "password", "has a new password", found=found)
        case "role":
            await _keep_an_admin(database, args.name, users.Role(args.role))
            found = await users.set_role(database, args.name, users.Role(args.role))
            return await _told(database, args.name, "role", f"is {args.role} now", found=found)
        case "remove":
            await _keep_an_admin(database, args.name, None)
            found = await users.remove(database, args.name)
            return await _told(database, args.name, "remove", "is removed", found=found)
        case _:
            return _listed(await users.everyone(database), as_json=args.json)


async def _add(database: Database, name: str, hashed: str, role: users.Role) -> str:
    if await users.create(database, name, hashed, role, utc_now()) is None:
        raise AlprError(f"user {name}: exists already (upper and lower case count as one): `alpr user passwd {name}`")
    return await _told(database, name, "add", f"is added as {role.value}", found=True)


async def _told(database: Database, name: str, action: str, words: str, *, found: bool) -> str:
    """Record the deed in the audit log and return what to say; raise when there is no such account."""
    if not found:
        raise AlprError(f"user {name}: no such account: `alpr user list` shows all")
    await audit.record(database, audit.Entry(utc_now(), "command line", f"user {action}", name, words))
    return f"user {name} {words}"


async def _keep_an_admin(database: Database, name: str, role: users.Role | None) -> None:
    """Refuse the deed that would leave the site without anyone who may manage it."""
    user = await users.find(database, name)
    if user is None or user.role is not users.Role.ADMIN or role is users.Role.ADMIN:
        return
    others = [other for other in await users.everyone(database) if other.id != user.id and other.active]
    if not any(other.role is users.Role.ADMIN for other in others):
        raise AlprError(f"user {name}: is the only admin: make another one first (`alpr user add NAME --role admin`)")


def _listed(accounts: tuple[users.User, ...], *, as_json: bool) -> str:
    if as_json:
        rows = [
            {"name": user.name, "role": user.role.value, "active": user.active, "created": user.created_at.isoformat()}
            for user in accounts
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    if not accounts:
        return "no accounts: `alpr user add NAME --role admin` makes the first"
    width = max(len(user.name) for user in accounts)
    return "\n".join(
        f"{user.name:{width}}  {user.role.value:6}  {user.created_at:%Y-%m-%d}{'' if user.active else '  closed'}"
        for user in accounts
    )


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AlprError(f"user {name[:_LONGEST_NAME]!r}: a name has 1 to {_LONGEST_NAME} visible characters")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise AlprError("password: the two are not the same: nothing was changed")
    else:
        raise AlprError("password: there is no terminal to ask on: use --password-stdin")
    if len(password) < SHORTEST_PASSWORD:
        raise AlprError(f"password: has fewer than {SHORTEST_PASSWORD} characters: choose a longer one")
    return password
