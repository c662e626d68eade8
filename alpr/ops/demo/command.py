"""`alpr demo`: a made-up site: cameras that it draws itself, accounts, past days, and the truth of it all."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from alpr.config import Config
from alpr.configfile import load_config
from alpr.domain import Kind, utc_now
from alpr.errors import AlprError, StoreError
from alpr.ops.demo.cameras import DYING_EVERY, DYING_FOR, Channel, make_channels, run_channel, run_dying
from alpr.ops.demo.cast import LIGHT_NAMES, PARKED, PLACES, cast
from alpr.ops.demo.deck import play_deck
from alpr.ops.demo.floor import PAST, play_floor
from alpr.ops.demo.gate import relay
from alpr.ops.demo.lists import make_lists
from alpr.ops.demo.rtsp import serving
from alpr.ops.demo.score import Tally, score_so_far
from alpr.ops.demo.site import write_config
from alpr.ops.demo.studio import idle_clip
from alpr.site.factory.floor import plan_of
from alpr.store import reads, users
from alpr.store.database import Database, open_database
from alpr.web.context import DemoScore

RunSite: TypeAlias = Callable[[Config, Path, Callable[[], DemoScore]], Awaitable[None]]
HashPassword: TypeAlias = Callable[[str], Awaitable[str]]

_MARK: Final = "made-by-alpr-demo"
_ROLES: Final = {"guard": users.Role.GUARD, "admin": users.Role.ADMIN}
_REPORT_EVERY: Final = 60.0
_SCORE_EVERY: Final = 2.0
_RESTS: Final = 20
"""Times as long as a count takes it rests: the longer the demo runs, the more there is to count."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr demo`."""
    parser.add_argument(
        "--data", type=Path, default=Path("demo-data"), metavar="DIR", help="its own folder (default: ./demo-data)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier demo left in the folder")
    parser.add_argument(
        "--port", type=int, metavar="N", help="of the pages; 0: any (default: 8080, or the next that is free)"
    )
    parser.add_argument("--days", type=int, default=7, metavar="N", help="past days to fill in (default: 7)")
    parser.add_argument("--past", type=int, default=3000, metavar="N", help="reads in them (default: 3000)")
    parser.add_argument("--seconds", type=float, metavar="N", help="end by itself after so long")
    parser.epilog = "Ends on Ctrl-C; the next start goes on where it was."


def demo_command(args: argparse.Namespace, run_site: RunSite, hash_password: HashPassword) -> int:
    """Run the made-up site until Ctrl-C."""
    prepare(args.data, fresh=args.fresh)
    asyncio.run(_demo(args, run_site, hash_password))
    return 0


def prepare(folder: Path, *, fresh: bool) -> None:
    """Make the demo's folder, emptied if `fresh`; refuse one that the demo did not make."""
    ours = (folder / _MARK).exists()
    try:
        if folder.exists() and not ours and any(folder.iterdir()):
            raise AlprError(f"demo folder {folder}: holds something that no demo made: name another with --data")
        if fresh and ours:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARK).touch()
    except OSError as error:
        raise StoreError(f"demo folder {folder}: {error.strerror}: name another with --data") from None


def free_port(wanted: int | None) -> int:
    """Return the port if it can be had; without one 8080 or the next that can; any for 0."""
    if wanted:
        return wanted
    for port in (0,) if wanted == 0 else (*range(8080, 8100), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AlprError("demo: no free port on this machine: name one with --port")


async def _demo(args: argparse.Namespace, run_site: RunSite, hash_password: HashPassword) -> None:
    folder: Path = args.data
    started = utc_now()
    channels = make_channels(folder / "clips")
    streams = {name: channel.stream for name, channel in channels.items()}
    async with AsyncExitStack() as stack:
        port = free_port(args.port)
        rtsp_port = await stack.enter_async_context(serving(streams))
        relay_port = await stack.enter_async_context(relay())
        config_path = write_config(folder, port, rtsp_port, relay_port)
        config = load_config(config_path)
        database = await open_database(config.store.data)
        try:
            logins = await _accounts(database, hash_password)
            await make_lists(database, started)
        finally:
            await database.close()
        _greet(port, logins, folder)
        studio = await _studio(args)
        stack.push_async_callback(_end_studio, studio)
        await _first_scenes(studio, folder / "clips")
        database = await open_database(config.store.data, alone=False)
        stack.push_async_callback(database.close)
        async with asyncio.TaskGroup() as tasks:
            shows = [tasks.create_task(run_channel(channel)) for channel in channels.values()]
            shows.append(tasks.create_task(run_dying(channels["yard"])))
            board = _Board()
            shows += [
                tasks.create_task(_kept_up(partial(_report, channels, database, started))),
                tasks.create_task(_kept_up(partial(_keep_score, board, channels, database, started))),
            ]
            shows.append(tasks.create_task(_mind(studio)))
            plan = plan_of(config.factory, ZoneInfo(config.site.timezone))
            past, days = (PAST, args.days) if args.past > 0 else (timedelta(), 0)
            shows.append(tasks.create_task(_kept_up(partial(play_floor, database, plan, past=past))))
            shows.append(tasks.create_task(_kept_up(partial(play_deck, database, port, days))))
            try:
                async with asyncio.timeout(args.seconds):
                    await run_site(config, config_path, board.score)
            except TimeoutError:
                pass  # `--seconds` are over
            finally:
                for show in shows:
                    show.cancel()
        await _say(channels, database, started)


async def _kept_up(show: Callable[[], Awaitable[None]]) -> None:
    """Run a show until it ends; one that the database keeps waiting for too long begins anew, and the site goes on."""
    while True:
        try:
            return await show()
        except StoreError:
            await asyncio.sleep(_SCORE_EVERY)


@dataclass(slots=True)
class _Board:
    """The last tally, for the corner of the pages."""

    tally: Tally = field(default_factory=Tally)

    def score(self) -> DemoScore:
        """Return how many passes were read right, wrong and not at all."""
        return DemoScore(self.tally.count("right"), self.tally.count("wrong"), self.tally.count("unread"))


async def _keep_score(board: _Board, channels: Mapping[str, Channel], database: Database, started: datetime) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        board.tally = await current_tally(channels, database, started)
        await asyncio.sleep(max(_SCORE_EVERY, _RESTS * (clock() - begun)))


async def _accounts(database: Database, hash_password: HashPassword) -> Mapping[str, str]:
    """Give guard and admin a new password each; return them."""
    logins = {}
    for name, role in _ROLES.items():
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        hashed = await hash_password(password)
        if await users.create(database, name, hashed, role, utc_now()) is None:
            await users.set_password(database, name, hashed, end_sessions=False)
        logins[name] = password
    return logins


def _greet(port: int, logins: Mapping[str, str], folder: Path) -> None:
    lines = "\n".join(f"  {name:6} {password}" for name, password in logins.items())
    print(f"\nThe demo's pages: http://127.0.0.1:{port}/\n{lines}\n\nEverything is made up and lies in {folder}.")
    print("The cameras draw their first passes now; the past days are filled in meanwhile.")
    print(f"For {DYING_FOR:g} s of every {DYING_EVERY:g} the yard's camera fails, as cameras do, and the log says so.")
    print("Ctrl-C ends it.\n", flush=True)


async def _studio(args: argparse.Namespace) -> asyncio.subprocess.Process:
    """Start the drawing, in a process and session of its own so that Ctrl-C is told to us alone."""
    command = [sys.executable, "-m", "alpr.ops.demo.studio", str(args.data / "clips")]
    if args.past > 0:
        command += ["--past", str(args.data / "data"), "--days", str(args.days), "--reads", str(args.past)]
    return await asyncio.create_subprocess_exec(*command, start_new_session=True)


async def _first_scenes(studio: asyncio.subprocess.Process, clips: Path) -> None:
    """Wait until every camera has something to show."""
    while not all(idle_clip(clips, name, LIGHT_NAMES[0]).exists() for name in PLACES):
        if studio.returncode is not None:
            raise AlprError(f"demo: the drawing ended by itself ({studio.returncode}): what it said stands above")
        await asyncio.sleep(0.1)


async def _mind(studio: asyncio.subprocess.Process) -> None:
    """Tell when the drawing broke off: the cameras then play what there is."""
    if await studio.wait():
        print(f"The drawing of further passes ended by itself ({studio.returncode}); what it said stands above.")


async def _end_studio(studio: asyncio.subprocess.Process) -> None:
    if studio.returncode is None:
        with suppress(ProcessLookupError):
            studio.terminate()
    await studio.wait()


async def _report(channels: Mapping[str, Channel], database: Database, started: datetime) -> None:
    while True:
        await asyncio.sleep(_REPORT_EVERY)
        await _say(channels, database, started)


async def _say(channels: Mapping[str, Channel], database: Database, started: datetime) -> None:
    tally = await current_tally(channels, database, started)
    drawn = sum((channel.clips / f"{act.key}.h264").exists() for channel in channels.values()
                for acts in channel.acts.values() for act in acts)  # fmt: skip
    counts = ", ".join(f"{tally.count(outcome)} {outcome}" for outcome in ("right", "wrong", "unread"))
    rate = f" ({tally.readable_right / tally.readable:.0%} of the readable)" if tally.readable else ""
    more = f"; parked car: {tally.parked_reads} read; {len(tally.stray)} stray; {drawn} of {len(cast())} passes drawn"
    print(f"{len(tally.verdicts)} passes: {counts}{rate}{more}", flush=True)
    for verdict in tally.verdicts:
        if verdict.outcome != "right":
            one = verdict.played
            texts = ", ".join(text or "unread" for text in verdict.texts) or "nothing"
            print(f"  {one.camera} {one.start:%H:%M:%S} {one.text} ({one.kind}): {texts}", flush=True)


async def current_tally(channels: Mapping[str, Channel], database: Database, started: datetime) -> Tally:
    """Hold what is stored since `started` against what was played."""
    found: list[reads.StoredRead] = []
    query = reads.ReadQuery(since=started, limit=500)
    found += await reads.page(database, query)
    while len(found) % query.limit == 0 and found:
        last = found[-1].read
        page = await reads.page(
            database, reads.ReadQuery(since=started, limit=500, before=reads.Cursor(last.captured_at, last.id))
        )
        if not page:
            break
        found += page
    played = [one for channel in channels.values() for one in (*channel.played, channel.playing) if one is not None]
    # Containers are shown, not scored: which of the drawn codes can be seen at all depends on the truck's way.
    scored = [stored.read for stored in found if stored.read.kind is not Kind.CONTAINER]
    return score_so_far(played, scored, utc_now(), parked=PARKED.text)
