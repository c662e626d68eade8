"""The pages as one ASGI application, and the server that runs it inside the program's own event loop."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.middleware import DefineMiddleware

from alpr.barrier.gates import Barriers
from alpr.bus import Bus
from alpr.config.review import Review
from alpr.correction import Corrector
from alpr.errors import ConfigError
from alpr.intake.reads import Intake
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.live import LiveView
from alpr.paths import shipped
from alpr.site.factory.floor import Floor
from alpr.site.rules.book import Rulebook
from alpr.site.yard.demurrage import Tariff
from alpr.status import Status
from alpr.stay import StayLimits
from alpr.store.database import Database
from alpr.store.retention import Limits
from alpr.web.api.problems import for_programs
from alpr.web.api.routes import api_router, openapi_config
from alpr.web.auth.access import SessionMiddleware, need_login
from alpr.web.auth.limits import LoginLimiter
from alpr.web.auth.security import add_headers
from alpr.web.context import DemoScore, Web
from alpr.web.faults import show_crash, show_http_fault, show_login
from alpr.web.live.pictures import LivePictures
from alpr.web.routes import PAGES
from alpr.web.staticfiles import static_handler, static_url
from alpr.web.system.cameras_view import FrameRates
from alpr.web.system.usage_meter import UsageMeter
from alpr.web.templates import template_config, template_environment
from alpr.web.words.tongues import tongue_middleware

_GRACE = 2.5
"""Seconds that open requests have to finish once the server stops."""
_BACKLOG = 128


def make_web(  # noqa: PLR0913  the wiring hands over each part once, by name
    *,
    database: Database,
    bus: Bus,
    status: Status,
    live: LiveView,
    corrector: Corrector,
    images: Path,
    site_name: str,
    timezone: str,
    secure_cookies: bool,
    session_hours: float,
    demo_score: Callable[[], DemoScore] | None = None,
    barriers: Barriers | None = None,
    push_key: str = "",
    push_services: tuple[str, ...] = (),
    book: Rulebook | None = None,
    wake_outbox: Callable[[], None] = lambda: None,
    intake: Intake | None = None,
    tariff: Callable[[], Tariff] = Tariff,
    review: Callable[[], Review] = Review,
    limits: Callable[[], Limits] = Limits,
    visits: VisitKeeper | None = None,
    yard: YardKeeper | None = None,
    floor: Floor | None = None,
) -> Litestar:
    """Build the application: pages, pictures, events and static files."""
    static = static_url(shipped("static"))
    environment = template_environment(shipped("templates"), static=static, site_name=site_name)
    environment.globals["pages"] = frozenset(path for handler in PAGES for path in handler.paths)
    web = Web(
        database=database,
        bus=bus,
        status=status,
        live=live,
        pictures=LivePictures(live, time.monotonic),
        usage=UsageMeter(database, images.resolve(), time.monotonic, limits),
        images=images.resolve(),
        site_name=site_name,
        zone=ZoneInfo(timezone),
        secure_cookies=secure_cookies,
        session_hours=session_hours,
        limiter=LoginLimiter(time.monotonic),
        rates=FrameRates(time.monotonic),
        templates=environment,
        corrector=corrector,
        tariff=tariff,
        review=review,
        visits=visits or VisitKeeper(database, bus, StayLimits()),
        yard=yard or YardKeeper(YardSettings()),
        demo_score=demo_score,
        barriers=barriers or Barriers(),
        push_key=push_key,
        push_services=push_services,
        book=book or Rulebook(),
        wake_outbox=wake_outbox,
        intake=intake,
        floor=floor or Floor(),
    )
    return Litestar(
        route_handlers=[
            *PAGES,
            api_router,
            static_handler(static, shipped("static")),
        ],
        dependencies={"web": Provide(lambda: web, sync_to_thread=False, use_cache=True)},
        middleware=[tongue_middleware, DefineMiddleware(SessionMiddleware, exclude_from_auth_key="anonymous")],
        guards=[need_login],
        exception_handlers={
            NotAuthorizedException: for_programs(show_login),
            HTTPException: for_programs(show_http_fault),
            Exception: for_programs(show_crash),
        },
        before_send=[add_headers],
        template_config=template_config(environment),
        state=State({"web": web}),
        openapi_config=openapi_config(),
        include_in_schema=False,
        logging_config=None,
        request_max_body_size=64 * 1024,
    )


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the program has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


async def serve(app: Litestar, host: str, port: int) -> None:
    """Serve until cancelled; then end the event streams and give open requests a moment.

    Raises ConfigError when the address cannot be used.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    try:
        await asyncio.shield(running)
    finally:
        app.state.web.stopping.set()
        server.should_exit = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await asyncio.shield(running)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ConfigError(f"web: host {host} is not known ({error.strerror}): check `host` in [web]") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(_refusal(error, host, port)) from error
    listener.settimeout(0)
    return listener


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        words = "is in use: choose another `port` in [web] or stop the other program"
    elif error.errno == errno.EACCES:
        words = "is not allowed: choose a `port` of 1024 or above in [web]"
    else:
        return f"web: address {host} cannot be used ({error.strerror}): check `host` in [web]"
    return f"web: port {port} on {host} {words}"
