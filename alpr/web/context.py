"""What the handlers share: made once by `make_web`, handed to each as its `web` argument."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from jinja2 import Environment
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from alpr.activity import FactoryPlan
from alpr.barrier.gates import Barriers
from alpr.bus import Bus
from alpr.config.review import Review
from alpr.correction import Corrector
from alpr.intake.reads import Intake
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper
from alpr.live import LiveView
from alpr.site.factory.floor import Floor
from alpr.site.rules.book import Rulebook
from alpr.site.yard.demurrage import Tariff
from alpr.status import Status
from alpr.store.database import Database
from alpr.store.modeldrift import Moved
from alpr.store.modelwatch import SaidByKind
from alpr.web.auth.limits import LoginLimiter
from alpr.web.lists.clashes import Clashes
from alpr.web.live.pictures import LivePictures
from alpr.web.progress import Downloads
from alpr.web.remembered import Remembered
from alpr.web.system.cameras_view import FrameRates
from alpr.web.system.usage_meter import UsageMeter

_SLOWLY = 300.0
"""Seconds that what changes by the quarter of an hour is remembered."""


@dataclass(frozen=True, slots=True)
class DemoScore:
    """How many of the demo's passes were read right, wrong, or not at all: the demo knows the truth."""

    right: int
    wrong: int
    unread: int

    @property
    def passes(self) -> int:
        """All that are over."""
        return self.right + self.wrong + self.unread


@dataclass(frozen=True, slots=True)
class Web:
    """The parts that the pages use."""

    database: Database
    bus: Bus
    status: Status
    live: LiveView
    pictures: LivePictures
    images: Path
    """The folder that all picture paths of the store are relative to."""
    site_name: str
    zone: ZoneInfo
    secure_cookies: bool
    session_hours: float
    limiter: LoginLimiter
    rates: FrameRates
    usage: UsageMeter
    templates: Environment
    corrector: Corrector
    """Writes down what persons say of reads."""
    visits: VisitKeeper
    """Makes visits anew after a deed, and knows how long they may last."""
    yard: YardKeeper
    """Holds what is announced against the containers that stand there."""
    bad_tokens: LoginLimiter = field(default_factory=lambda: LoginLimiter(time.monotonic))
    """Counts wrong tokens of the API apart from wrong passwords: a stale script must not lock out the guards."""
    clashes: Clashes = field(default_factory=Clashes)
    """Which entries of lists contradict each other."""
    review: Callable[[], Review] = Review
    """Which reads a person should look at, as the configuration says now."""
    exports: Downloads = field(default_factory=Downloads)
    """How far files of reads are."""
    book: Rulebook = field(default_factory=Rulebook)
    """The rules of the configuration, and what rules may name."""
    barriers: Barriers = field(default_factory=Barriers)
    """What can be opened."""
    push_key: str = ""
    """The public key that browsers subscribe with; empty while notifications are switched off."""
    push_services: tuple[str, ...] = ()
    """Hosts of push services that may be told."""
    wake_outbox: Callable[[], None] = lambda: None
    """Called when something new waits to be delivered, or is to be tried anew."""
    intake: Intake | None = None
    """Takes what other systems send."""
    tariff: Callable[[], Tariff] = Tariff
    """Free time, and what the days after it cost, as the configuration says now."""
    demo_score: Callable[[], DemoScore] | None = None
    """Set in the demo: how it does so far."""
    versions: Remembered[SaidByKind] = field(default_factory=lambda: Remembered(time.monotonic, _SLOWLY))
    """What the versions of models said, by days."""
    drift: Remembered[tuple[Moved, ...]] = field(default_factory=lambda: Remembered(time.monotonic, _SLOWLY))
    """Whether it moves."""
    floor: Floor = field(default_factory=Floor)
    """What the configuration says of the factory floor."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: open event streams end."""
    streams: asyncio.BoundedSemaphore = field(default_factory=lambda: asyncio.BoundedSemaphore(64))
    """How many event streams may be open."""

    @property
    def factory(self) -> FactoryPlan | None:
        """The plan of the factory floor; None while it is switched off."""
        return self.floor.plan


WebParts: TypeAlias = NamedDependency[SkipValidation[Web]]
