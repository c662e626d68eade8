"""A mail server in a process of its own: `python mailserver.py PORT FOLDER` puts every mail into a file of FOLDER.

The port 0 takes a free one, which is printed. Mail to `nobody@…` is refused (550), to `later@…` put off (451); the
login is `gate`, `p@ss`; the server says nothing at all when a file `stall` lies in FOLDER.
"""

from __future__ import annotations

import itertools
import socket
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

NUMBERS = itertools.count(1)


class Inbox:
    """Keeps what comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        """Say hello, late where it is asked for."""
        session.host_name = hostname
        while (self._folder / "stall").exists():
            threading.Event().wait(0.05)
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        """Refuse those who are not there."""
        if address.startswith("nobody@"):
            return "550 no such person here"
        if address.startswith("later@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        """Keep a mail."""
        part = self._folder / f"{next(NUMBERS)}.part"
        part.write_bytes(envelope.content)
        part.rename(part.with_suffix(".eml"))
        return "250 kept"


def _check(server, session, envelope, mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"gate", b"p@ss"), handled=False)


class Server(Controller):
    """A server that allows logging in without encryption: everything stays on this machine."""

    def factory(self) -> SMTP:
        """Make the protocol."""
        return SMTP(self.handler, hostname="mail", authenticator=_check, auth_require_tls=False)


if __name__ == "__main__":
    port = int(sys.argv[1])
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    Server(Inbox(Path(sys.argv[2])), hostname="127.0.0.1", port=port).start()
    print(port, flush=True)  # noqa: T201
    threading.Event().wait()
