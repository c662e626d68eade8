"""aiortsp's connection with its faults worked round: see each method for what is different and why."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import Any, Final

from aiortsp.rtsp.connection import RTSPConnection
from aiortsp.rtsp.errors import RTSPConnectionError, RTSPResponseError, RTSPTimeoutError

from alpr.camera.digest import Authenticator
from alpr.camera.rtspmessage import Message, MessageParser, Request, Response

_UNAUTHORIZED: Final = 401
_MAX_TRIES: Final = 5
_CLOSE_TIMEOUT: Final = 0.3

QUIET: Final = logging.Logger("aiortsp", logging.CRITICAL + 1)  # noqa: LOG001 - of nobody's tree: it stays silent
"""aiortsp logs raw packets and Authorization headers; what matters is in the errors."""


class Connection(RTSPConnection):  # type: ignore[misc]  # aiortsp has no types
    """One RTSP connection over TCP or TLS."""

    def __init__(
        self, host: str, port: int, authenticator: Authenticator, *, timeout: float, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=timeout, ssl=tls, logger=QUIET)
        self.parser = MessageParser()
        # Set before any challenge, so that aiortsp never chooses a scheme itself: it prefers Basic.
        self._auth = authenticator

    @property
    def lost(self) -> asyncio.Future[Any]:
        """Done when the connection is gone, with the reason when there is one."""
        future: asyncio.Future[Any] = self.result
        return future

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port of the camera, as connected; raises RTSPConnectionError once it is not."""
        if not self._transport:
            raise RTSPConnectionError("connection closed")
        address, port, *_ = self._transport.get_extra_info("peername")
        return address, port

    async def prepare(self) -> None:
        """Connect; raises OSError, ssl.SSLError and TimeoutError as they are, because the cause is told to the user."""
        async with asyncio.timeout(self.default_timeout):
            await asyncio.get_running_loop().create_connection(lambda: self, self.host, self.port, ssl=self.ssl)

    def abort(self) -> None:
        """Close now: what is not sent yet is dropped, because a hanging camera would hold the close up."""
        if self._transport:
            self._transport.abort()

    async def closed(self) -> None:
        """Wait, not for long, until the socket is closed."""
        if self._transport:
            await asyncio.wait({self.lost}, timeout=_CLOSE_TIMEOUT)

    def data_received(self, data: bytes) -> None:
        """Hand the messages on; a stream that is no RTSP ends the connection without a traceback."""
        if self.result.done():
            return
        try:
            for message in self.parser.parse(data):
                self._dispatch(message)
        except ValueError as error:
            self.result.set_exception(RTSPConnectionError(str(error)))
            self.abort()

    def _dispatch(self, message: Message) -> None:
        if isinstance(message, Response):
            waiting = self.active_requests.get(message.cseq)
            if waiting is None and message.cseq < 0 and len(self.active_requests) == 1:
                waiting = next(iter(self.active_requests.values()))  # an answer without CSeq
            if waiting and not waiting.done():
                waiting.set_result(message)
        elif isinstance(message, Request):
            self.on_request(message)
        elif handle := self.binary_handlers.get(message.id):
            handle(message)

    def on_request(self, request: Request) -> None:
        """Agree to whatever the camera asks (OPTIONS, SET_PARAMETER, ANNOUNCE): a refusal makes some hang up."""
        if self._transport:
            self.send_response(request, 200, "OK")

    def send_message(self, msg: str, cseq: int, headers: dict[str, str], body: bytes | None = None) -> None:
        """Send, or fail at once when the connection is gone, where aiortsp would wait the whole timeout."""
        if not self._transport or self._transport.is_closing():
            raise RTSPConnectionError("connection closed")
        super().send_message(msg, cseq, headers, body)

    async def send_request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - aiortsp's signature
        body: bytes | None = None,
    ) -> Response:
        """Send a request and return the answer, answering challenges; raises RTSPError on any status but 2xx.

        Not aiortsp's own, whose `asyncio.wait_for` can swallow a cancellation on Python 3.11.
        """
        for _ in range(_MAX_TRIES):
            response = await self._exchange(method, url, dict(headers or {}), timeout or self.default_timeout, body)
            if response.status != _UNAUTHORIZED:
                self.handle_ok(response)
                break
            if not self.handle_401(response):
                break
        if not 200 <= response.status < 300:  # noqa: PLR2004 - success
            raise RTSPResponseError(f"{method} refused", response)
        return response

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], limit: float, body: bytes | None
    ) -> Response:
        self._auth.make_auth(method, url, headers)
        number = self._next_seq()
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.active_requests[number] = answer
        try:
            self.send_message(f"{method} {url} RTSP/1.0", number, headers, body)
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError:
            raise RTSPTimeoutError(f"no answer to {method} in {limit:g} s") from None
        finally:
            self.active_requests.pop(number, None)
