"""The chips above the list of reads: links that switch one filter each, and the menu of the rarer ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.web.reads.filter_words import COLOURS, DIRECTIONS, KINDS, REVIEWS, STATES, SURE, TIMES, VEHICLES, VERDICTS
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alpr.web.reads.filters import ReadFilter


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter above the list: a link that switches it."""

    words: str
    href: str
    chosen: bool
    icon: str = ""


def chips(chosen: ReadFilter) -> list[list[Chip]]:
    """Offer what guards ask for most, and show what was chosen in the menus: a chosen chip takes itself away."""
    like = [Chip(_("Like %(text)s") % {"text": chosen.q}, replace(chosen, q="").url(), chosen=True)] if chosen.q else []
    days = Chip(_day_words(chosen), replace(chosen, begin="", end="").url(), chosen=True)
    # Unread has its chip among the states.
    verdicts = {one: words for one, words in VERDICTS.items() if chosen.verdict == one or one is not Verdict.UNREAD}
    unread, icon = STATES[State.UNREAD]
    groups = [
        [*like, *([days] if chosen.begin or chosen.end else []), *_menu_chips(chosen)],
        [_chip(chosen, "verdict", one.value, _(words), one.value) for one, words in verdicts.items()]
        + [_chip(chosen, "state", State.UNREAD.value, _(unread), icon)],
        [_chip(chosen, "direction", one, _(words), one) for one, words in DIRECTIONS.items()],
    ]
    return [group for group in groups if group]


def time_chips(chosen: ReadFilter) -> list[Chip]:
    """Offer the times that are asked for most."""
    return [_chip(chosen, "when", one, _(words), "clock") for one, words in TIMES.items()]


def _menu_chips(chosen: ReadFilter) -> list[Chip]:
    """Show what was chosen in the menus."""
    own_days = chosen.begin or chosen.end
    words = {
        "when": _(TIMES[chosen.when]) if chosen.when in TIMES and not own_days else "",
        "camera": chosen.camera,
        "state": _(STATES[State(chosen.state)][0]) if chosen.state not in {"", State.UNREAD} else "",
        "kind": _(KINDS[Kind(chosen.kind)]) if chosen.kind else "",
        "sure": _(SURE[chosen.sure][1]) if chosen.sure else "",
        "vehicle": _(VEHICLES[chosen.vehicle]) if chosen.vehicle else "",
        "colour": _(COLOURS[chosen.colour]) if chosen.colour else "",
        "review": _(REVIEWS[Review(chosen.review)]) if chosen.review else "",
        "region": chosen.region.upper(),
        "source": chosen.source.upper(),
    }
    icons = {"when": "clock", "camera": "cameras"}
    return [
        _chip(chosen, name, getattr(chosen, name), said, icons.get(name, "")) for name, said in words.items() if said
    ]


def menu_choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the menus of further filters: name, label, and the choices with their words."""

    def of(words: Mapping[Any, str]) -> list[tuple[str, str]]:
        return [(str(value), _(said)) for value, said in words.items()]

    return [
        ("kind", _("Kind"), of(KINDS)),
        ("vehicle", _("Vehicle"), of(VEHICLES)),
        ("colour", _("Colour"), of(COLOURS)),
        ("sure", _("Confidence"), of({name: words for name, (_below, words) in SURE.items()})),
        ("state", _("State"), of({state: words for state, (words, _icon) in STATES.items()})),
        ("review", _("Said by a person"), of(REVIEWS)),
    ]


def camera_chips(chosen: ReadFilter, cameras: Iterable[str]) -> list[Chip]:
    """Offer every camera, where there is a choice, and the chosen one though it is no more."""
    names = dict.fromkeys([*cameras, *filter(None, [chosen.camera])])
    return [_chip(chosen, "camera", name, name, "cameras") for name in names] if len(names) > 1 else []


def _chip(chosen: ReadFilter, name: str, value: str, words: str, icon: str = "") -> Chip:
    on = getattr(chosen, name) == value
    return Chip(words, _with(chosen, name, "" if on else value).url(), on, icon)


def _day_words(chosen: ReadFilter) -> str:
    if chosen.begin == chosen.end:
        return chosen.begin
    begin = [_("from"), chosen.begin] if chosen.begin else []
    return " ".join([*begin, *([_("to"), chosen.end] if chosen.end else [])])


def _with(chosen: ReadFilter, name: str, value: str) -> ReadFilter:
    changed: dict[str, Any] = {name: value}
    return replace(chosen, **changed)
