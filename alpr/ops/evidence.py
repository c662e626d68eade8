"""`alpr evidence`: packages checked byte by byte, and the key that this site signs them with."""

from __future__ import annotations

import argparse
from pathlib import Path

from alpr.configfile import config_path, load_config
from alpr.errors import AlprError, ConfigError
from alpr.evidence import Verified, public_key, site_key, verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr evidence`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    checking = deeds.add_parser("verify", help="check that no byte of a package was changed")
    checking.add_argument("file", type=Path, metavar="FILE")
    checking.add_argument("--key", default="", metavar="KEY", help="who must have signed it (default: this site)")
    deeds.add_parser("key", help="print the public key that this site signs with")


def evidence_command(args: argparse.Namespace) -> int:
    """Check a package or print the key; 1 when a byte was changed."""
    if args.deed == "key":
        print(public_key(site_key(load_config(config_path(args.config)).store.data)))
        return 0
    try:
        package = args.file.read_bytes()
    except OSError as error:
        raise AlprError(f"file {args.file}: {error.strerror}: name an evidence package") from None
    trusted = args.key or _own_key(args.config)
    result = verify(package, trusted)
    for fault in result.faults:
        print(f"{args.file}: {fault}")
    if not result.faults:
        print(f"{args.file}: {_words(result, trusted)}")
    return 1 if result.faults else 0


def _own_key(config: Path | None) -> str:
    """Return this site's key; nothing where there is no site."""
    try:
        data = load_config(config_path(config)).store.data
    except ConfigError:
        return ""
    return public_key(site_key(data)) if data.is_dir() else ""


def _words(result: Verified, trusted: str) -> str:
    about = result.about or {}
    what = f"{about.get('text') or 'unread'} at {about.get('camera')}, {about.get('captured_at')}"
    whole = f"whole: {what}; made {about.get('made_at')} by {about.get('made_by')} at {about.get('site')}"
    missing = f"; without, or other than stored: {about['missing']}" if about.get("missing") else ""
    signed = (
        "signed by the key that was asked for"
        if trusted
        else f"signed by {result.key}: ask the site whether that is its key"
    )
    return f"{whole}{missing}; {signed}"
