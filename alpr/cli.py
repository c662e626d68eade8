"""The commands. Each is imported only when it is asked for, so that `alpr check` loads no model and no decoder.

Exit codes: 0 done, 1 a fault of the work, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from alpr import __version__
from alpr.errors import AlprError, ConfigError

EXIT_DONE, EXIT_FAULT, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: `module` has `add_arguments(parser)` and `<name>_command(args, **lent) -> exit code`."""

    name: str
    help: str
    module: str
    takes_config: bool = True
    lent: tuple[str, ...] = ()
    """What it needs of floors that its module may not import, as `module:name`; passed by keyword."""


COMMANDS = (
    Command(
        "demo",
        "show a made-up site, with cameras that it draws itself",
        "alpr.ops.demo.command",
        takes_config=False,
        lent=("alpr.app:run_site", "alpr.web.auth.passwords:hash_password"),
    ),
    Command("run", "run the site of alpr.toml", "alpr.cli"),
    Command(
        "read", "read pictures, folders and videos; results on standard output", "alpr.ops.read", takes_config=False
    ),
    Command(
        "batch",
        "read a folder of stills into the store, and go on after a crash",
        "alpr.ops.batch",
        lent=("alpr.gate:keepers",),
    ),
    Command(
        "bench", "measure accuracy and speed on a folder with truth.csv", "alpr.ops.bench.command", takes_config=False
    ),
    Command(
        "train", "teach the models, also on your own corrected reads", "alpr.ops.train.command", takes_config=False
    ),
    Command("models", "list and verify the models, take new ones into use or former ones back", "alpr.ops.models"),
    Command("check", "check the configuration and tell what would run", "alpr.ops.check.command"),
    Command("doctor", "examine the machine: models, decoder, disk, how many cameras fit", "alpr.ops.doctor"),
    Command(
        "user",
        "add, change, list and remove accounts",
        "alpr.ops.user",
        lent=("alpr.web.auth.passwords:hash_password",),
    ),
    Command("token", "add, list and revoke tokens of the API", "alpr.ops.apitoken"),
    Command("export", "write reads as CSV or JSON Lines, or corrected ones as labelled pictures", "alpr.ops.export"),
    Command("prune", "remove old pictures and reads now, as [store] says or by days", "alpr.ops.prune"),
    Command("backup", "write the whole state of a site to one file, also while it runs", "alpr.ops.backup"),
    Command("restore", "bring a backup back into an empty data folder", "alpr.ops.restore"),
    Command("evidence", "check evidence packages, and print the key that signs them", "alpr.ops.evidence"),
    Command("activity", "add events of the factory floor out of files", "alpr.ops.activity"),
    Command("list", "show lists of plates, fill them from CSV files and write them", "alpr.ops.platelist"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    args = _parser(words).parse_args(words)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`alpr read … | head`): nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT
    except AlprError as error:
        return _told([error])
    except BaseExceptionGroup as group:
        leaves = list(_leaves(group))
        if not all(isinstance(leaf, AlprError) for leaf in leaves):
            raise
        return _told(leaves)
    return code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `alpr run` takes: nothing but the configuration."""
    parser.epilog = "Ends on SIGTERM and Ctrl-C, after everything that was read is stored."


def run_command(args: argparse.Namespace) -> int:
    """Run the site until it is told to end."""
    from alpr.configfile import config_path, load_config  # noqa: PLC0415
    from alpr.log import configure_logging  # noqa: PLC0415

    path = config_path(args.config)
    config = load_config(path)
    configure_logging(config.log.level, config.log.format)
    if not any(camera.enabled for camera in config.camera):
        print(
            f"{path}: no camera is configured, so nothing will be read: add a [[camera]] table with name and url "
            "(the shipped alpr.toml shows how); the pages run all the same",
            file=sys.stderr,
        )

    import asyncio  # noqa: PLC0415

    from alpr.app import run_site  # noqa: PLC0415  # brings decoder and models: only after the faults are told

    asyncio.run(run_site(config, path))
    return EXIT_DONE


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alpr", description="A gate log that guards trust: licence plates from the cameras of a small site."
    )
    parser.add_argument("--version", action="version", version=f"alpr {__version__}")
    parser.set_defaults(config=None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        subparser = commands.add_parser(command.name, help=command.help, description=f"{command.help.capitalize()}.")
        if command.takes_config:
            subparser.add_argument(
                "--config", type=Path, metavar="FILE", help="default: $ALPR_CONFIG, else alpr.toml in this folder"
            )
        if command.name in words:
            module = import_module(command.module)
            module.add_arguments(subparser)
            subparser.set_defaults(run=partial(_run, command, getattr(module, f"{command.name}_command")))
    return parser


def _run(command: Command, function: Callable[..., int], args: argparse.Namespace) -> int:
    from alpr.log import configure_logging  # noqa: PLC0415  # `alpr --help` answers at once

    # Until a configuration says otherwise: warnings only, to standard error.
    configure_logging("warning")
    places = [place.partition(":") for place in command.lent]
    return function(args, **{name: getattr(import_module(module), name) for module, _, name in places})


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _told(errors: Sequence[BaseException]) -> int:
    """Print the errors on standard error, one line for each fault; return the exit code."""
    for error in errors:
        print(error, file=sys.stderr)
    return EXIT_USAGE if any(isinstance(error, ConfigError) for error in errors) else EXIT_FAULT


if __name__ == "__main__":
    sys.exit(main())
