"""Who passes the made-up gates: the same at every start, and the truth that the demo is scored by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Final

from alpr.training.cars import PROFILES, car
from alpr.training.heavy import motorcycle, truck
from alpr.training.light import Colour
from alpr.training.perspective import View
from alpr.training.place import Place
from alpr.training.plates import ISSUERS, Plate, Wear, draw_plate, issue
from alpr.training.staging import Actor
from alpr.training.vehicles import PAINTS, Model

LIGHT_NAMES: Final = ("day", "dusk", "night")
_ACTS: Final[Mapping[str, Mapping[str, int]]] = {
    # So many that no text comes back within the ten minutes in which it would count as the same pass.
    "gate-in": {"day": 20, "dusk": 12, "night": 15},
    "gate-out": {"day": 20, "dusk": 12, "night": 15},
    "yard": {"day": 7, "dusk": 4, "night": 5},
}
CAMERAS: Final = tuple(_ACTS)
_LENS: Final = 1280, 720, 1350.0, 2.4, 0.155
PLACES: Final[Mapping[str, Place]] = {
    "gate-in": Place(View(*_LENS, 0.12), 1, 1.9, 9.0, 3),
    "gate-out": Place(View(*_LENS, -0.12), -1, 1.9, 15.0, 4),
    "yard": Place(View(1280, 720, 1350.0, 2.6, 0.15, 0.14), 1, 0.6, None, 6, bays=True),
}
PARKED: Final = Plate(ISSUERS["D"], "KA PR 2048")
PARKED_STAND: Final = 4.7, 9.5, 0.08


@dataclass(frozen=True, slots=True)
class Act:
    """One pass that can be played: who, when in the day, and how."""

    camera: str
    light: str
    number: int
    kind: str
    paint: str
    plate: Plate
    wear: Wear = field(default_factory=Wear)
    tilt: float = 0.0
    pace: float = 1.0
    load: Colour = (0.25, 0.15, 0.55)
    code: str = ""
    """What is painted on a container."""

    @property
    def key(self) -> str:
        """The name of its files."""
        return f"{self.camera}-{self.light}-{self.number:02}"

    @property
    def leaving(self) -> bool:
        """Whether the camera sees the vehicle's rear."""
        return self.camera == "gate-out"

    @property
    def readable(self) -> bool:
        """Whether a good reader can tell the text."""
        return self.wear.dirt < 0.9  # noqa: PLR2004

    def actor(self) -> Actor:
        """Build the vehicle."""
        picture = draw_plate(self.plate, rear=self.leaving, wear=self.wear, seed=self.number)
        return Actor(_model(self.kind, self.paint, self.load, self.code), picture, self.tilt)


def parked() -> Actor:
    """Build the car that is parked in the yard."""
    return Actor(car(PROFILES["sedan"], PAINTS["silver"]), draw_plate(PARKED))


@cache
def _model(kind: str, paint: str, load: Colour, code: str) -> Model:
    if kind == "truck":
        return truck(PAINTS[paint], load, code)
    if kind == "motorcycle":
        return motorcycle(PAINTS[paint], (0.10, 0.09, 0.08))
    return car(PROFILES[kind], PAINTS[paint])


def cast(seed: int = 11) -> tuple[Act, ...]:
    """Make up all passes, in the order in which they are drawn: those that are played first come first."""
    random = Random(seed)  # noqa: S311 - chance, no secret
    acts = []
    for camera, lights in _ACTS.items():
        for light, count in lights.items():
            acts += [_act(random, camera, light, number) for number in range(count)]
    order = {"gate-in": 0, "gate-out": 1, "yard": 2}
    return tuple(sorted(acts, key=lambda act: (_turn(act), act.number, order[act.camera])))


def _turn(act: Act) -> float:
    """Return when an act is about due: a round of day, dusk and night plays a few of each."""
    each = {"day": 4, "dusk": 2.5, "night": 3.0}[act.light] / (4 if act.camera == "yard" else 1)
    return act.number // each + LIGHT_NAMES.index(act.light) * 0.3


_KINDS: Final = ("hatchback", "sedan", "suv", "van", "hatchback", "suv", "sedan", "truck")
_LOADS: Final[tuple[Colour, ...]] = ((0.25, 0.15, 0.55), (0.42, 0.25, 0.08), (0.20, 0.36, 0.14), (0.10, 0.32, 0.62))


def _act(random: Random, camera: str, light: str, number: int) -> Act:
    kind = _KINDS[(number * 3 + len(light)) % len(_KINDS)]
    if camera == "gate-out" and number % 7 == 2:  # noqa: PLR2004 - only a rear carries a motorcycle's plate
        kind = "motorcycle"
    wear = Wear(random.choice((0.0, 0.0, 0.08, 0.15)), random.choice((0.0, 0.0, 0.2)))
    if camera == "gate-in" and (light, number) in {("day", 3), ("dusk", 6)}:
        wear = Wear(1.0, 0.3)
    return Act(
        camera, light, number, kind,
        "white" if kind == "truck" and number % 2 else random.choice(list(PAINTS)),
        issue(random), wear,
        random.choice((0.0, 0.0, 0.0, 0.05, -0.05)),
        random.uniform(0.9, 1.15),
        random.choice(_LOADS), _container_code(random) if kind == "truck" else "",
    )  # fmt: skip


def _container_code(random: Random) -> str:
    """Make up a container's code with its check digit (ISO 6346)."""
    owner = random.choice(("NGTU", "HLCU", "TGHU", "CAIU"))
    serial = f"{random.randrange(1_000_000):06}"
    values = {letter: value for value, letter in enumerate("0123456789A_BCDEFGHIJK_LMNOPQRSTU_VWXYZ") if letter != "_"}
    total = sum(values[character] << place for place, character in enumerate(owner + serial))
    return f"{owner} {serial} {total % 11 % 10}"
