"""The chips above the list of reads: links that switch one filter each, and the menu of the rarer ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.web.filter_words import COLOURS, DIRECTIONS, KINDS, REVIEWS, STATES, SURE, TIMES, VEHICLES, VERDICTS
from alpr.web.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from alpr.web.filters import ReadFilter

_FEW = range(2, 4)
"""So many cameras have a chip each; more stand in a menu."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter above the list: a link that switches it."""

    words: str
    href: str
    chosen: bool
    icon: str = ""


def chips(chosen: ReadFilter, cameras: Collection[str]) -> list[list[Chip]]:
    """Offer the filters in groups: a chosen one takes itself away, another of its group takes its place."""
    like = [Chip(_("Like %(text)s") % {"text": chosen.q}, replace(chosen, q="").url(), chosen=True)] if chosen.q else []
    days = Chip(_day_words(chosen), replace(chosen, begin="", end="").url(), chosen=True)
    own_days = bool(chosen.begin or chosen.end)
    rare = {State.FINAL, State.DISMISSED}
    states = [state for state in State if state not in rare or chosen.state == state.value]
    # Unread has its chip among the states.
    verdicts = {one: words for one, words in VERDICTS.items() if chosen.verdict == one or one is not Verdict.UNREAD}
    groups = [
        like,
        [days] if own_days else [_chip(chosen, "when", one, _(words)) for one, words in TIMES.items()],
        camera_chips(chosen, cameras if len(cameras) in _FEW else ()),
        [_chip(chosen, "direction", one, _(words), one) for one, words in DIRECTIONS.items()],
        [_chip(chosen, "verdict", one.value, _(words), one.value) for one, words in verdicts.items()],
        [_chip(chosen, "state", state.value, _(STATES[state][0]), STATES[state][1]) for state in states],
        [_chip(chosen, "sure", "no", _(SURE["no"][1]), "note")],
        _rare_chips(chosen),
    ]
    return [group for group in groups if group]


def _rare_chips(chosen: ReadFilter) -> list[Chip]:
    """Show what was chosen in the menu of further filters."""
    words = {
        "kind": KINDS.get(Kind(chosen.kind), "") if chosen.kind else "",
        "sure": SURE["low"][1] if chosen.sure == "low" else "",
        "vehicle": VEHICLES.get(chosen.vehicle, ""),
        "colour": COLOURS.get(chosen.colour, ""),
        "review": REVIEWS[Review(chosen.review)] if chosen.review else "",
    }
    shown = [_chip(chosen, name, getattr(chosen, name), _(said)) for name, said in words.items() if said]
    names = [name for name in ("region", "source") if getattr(chosen, name)]
    return shown + [_chip(chosen, name, getattr(chosen, name), getattr(chosen, name).upper()) for name in names]


def menu_choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the menus of further filters: name, label, and the choices with their words."""

    def of(words: Mapping[Any, str]) -> list[tuple[str, str]]:
        return [(str(value), _(said)) for value, said in words.items()]

    return [
        ("kind", _("Kind"), of(KINDS)),
        ("vehicle", _("Vehicle"), of(VEHICLES)),
        ("colour", _("Colour"), of(COLOURS)),
        ("sure", _("Confidence"), of({name: words for name, (_below, words) in SURE.items()})),
        ("review", _("Said by a person"), of(REVIEWS)),
    ]


def camera_chips(chosen: ReadFilter, cameras: Iterable[str]) -> list[Chip]:
    """Offer every camera, and the chosen one though it is no more."""
    names = dict.fromkeys([*cameras, *filter(None, [chosen.camera])])
    return [_chip(chosen, "camera", name, name, "cameras") for name in names]


def _chip(chosen: ReadFilter, name: str, value: str, words: str, icon: str = "") -> Chip:
    on = getattr(chosen, name) == value
    return Chip(words, _with(chosen, name, "" if on else value).url(), on, icon)


def has_camera_menu(cameras: Collection[str]) -> bool:
    """Whether there are more cameras than chips have room for."""
    return len(cameras) >= _FEW.stop


def _day_words(chosen: ReadFilter) -> str:
    if chosen.begin == chosen.end:
        return chosen.begin
    begin = [_("from"), chosen.begin] if chosen.begin else []
    return " ".join([*begin, *([_("to"), chosen.end] if chosen.end else [])])


def _with(chosen: ReadFilter, name: str, value: str) -> ReadFilter:
    changed: dict[str, Any] = {name: value}
    return replace(chosen, **changed)
