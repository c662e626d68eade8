"""What pure rooms and old rows say in English, said in the language of the page: verdicts, reasons, rules in words.

These sentences are made where no request is known, and many are stored as they were then; here their forms are
recognised again and translated. What fits none of them stays as it is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from alpr.web.language import gettext as _
from alpr.web.language import later, spoken

_VALUES: Final = {
    "allow": later("Allow"),
    "deny": later("Deny"),
    "watch": later("Watch"),
    "allowed": later("Allowed"),
    "denied": later("Denied"),
    "unknown": later("Unknown"),
    "unread": later("Unread"),
    "read": later("a vehicle is read"),
    "plate": later("plate"),
    "container": later("container code"),
    "vehicle": later("vehicle"),
    "in": later("in"),
    "out": later("out"),
    "nearing": later("coming nearer"),
    "leaving": later("going away"),
    "expected": later("expected"),
    "unexpected": later("unexpected"),
    "wrong truck": later("wrong truck"),
    "other day": later("other day"),
    "info": later("for information"),
    "warning": later("warning"),
    "critical": later("critical"),
    "camera lost": later("a camera gives no picture"),
    "camera back": later("a camera is back"),
    "camera blocked": later("a camera shows hardly anything"),
    "disk": later("the disk fills up"),
    "memory": later("the memory fills up"),
    "backlog": later("reads wait to be stored"),
    "confidence": later("reads become less sure"),
    "read rate": later("fewer reads than usual"),
    "drift": later("what a model says has moved"),
    "dwell": later("somebody is inside for long"),
    "overstay": later("somebody is inside for too long"),
    "occupancy": later("as many are inside as there is room for"),
    "viewer": later("viewer"),
    "guard": later("guard"),
    "admin": later("admin"),
    "car": later("car"),
    "truck": later("truck"),
    "bus": later("bus"),
    "van": later("van"),
    "motorcycle": later("motorcycle"),
    "white": later("white"),
    "silver": later("silver"),
    "grey": later("grey"),
    "black": later("black"),
    "blue": later("blue"),
    "red": later("red"),
    "green": later("green"),
    "yellow": later("yellow"),
    "orange": later("orange"),
    "brown": later("brown"),
    "beige": later("beige"),
    "purple": later("purple"),
}
"""Words of the domain."""
_FORMS: Final = (
    # of verdicts
    later("could not be read"),
    later("on no list"),
    later("matched with %(swaps)s"),
    later("may be %(text)s, a runner-up of the read"),
    later("fits %(pattern)s"),
    later("is %(pattern)s"),
    later("begins with %(pattern)s"),
    later("contains %(pattern)s"),
    later("may be %(pattern)s of %(name)s: nothing opens by itself"),
    later("may be %(pattern)s of %(name)s"),
    later("also on %(name)s, but deny beats allow"),
    later("also on %(name)s"),
    later("expired %(span)s ago"),
    later("valid from %(time)s"),
    later("holds at %(cameras)s only"),
    later("holds %(schedule)s only"),
    later("a moment"),
    later("1 minute"),
    later("%(n)s minutes"),
    later("1 hour"),
    later("%(n)s hours"),
    later("1 day"),
    later("%(n)s days"),
    # of readings
    later("%(n)s looks agree on %(part)s of %(all)s characters"),
    later("format of %(region)s fits"),
    later("no look was sure enough"),
    later("nothing legible"),
    later("no plate seen on it"),
    later("too few characters"),
    later("not sure enough: %(text)s at %(percent)s"),
    later("check digit %(digit)s not seen, computed from the rest"),
    later("check digit read as %(read)s, %(fits)s fits the rest"),
    later("owner %(owner)s is known here"),
    # of fields of an entry
    later("is longer than %(n)s characters"),
    later("has the sign %(sign)s, which no plate has: * stands for any run, ? for any one character"),
    later("needs at least one letter or digit"),
    later("%(text)s is no day or time: write 2026-06-18 or 2026-06-18 17:30"),
    later("no camera is called %(name)s: did you mean %(near)s?"),
    later("no camera is called %(name)s"),
    later("lies before valid_from"),
    later("is on %(name)s already: change that entry, or remove it first"),
    later("%(text)s is no time of day: write it as 06:30"),
    later("%(text)s is no window: write it as Mon-Fri 06:00-18:00"),
    later("there is a list called %(name)s already"),
    later("there is another list called %(name)s already"),
    later("a list's name has 1 to %(n)s visible characters"),
    later("%(allowing)s allows %(texts)s, %(denying)s denies it: deny beats allow"),
    # of announced containers
    later("is missing"),
    later("the check digit is %(digit)s, should be %(due)s"),
    later("the check digit is missing, should be %(due)s"),
    later("has %(n)s characters, not 11"),
    later("does not begin with three letters but with %(text)s"),
    later("has %(sign)s in the fourth place, not U, J or Z"),
    later("has %(text)s where seven digits belong"),
    later("%(text)s is no date, write it like 2026-03-01"),
    later("has no letter and no digit"),
    later("is announced for that day already"),
    later("%(code)s is announced for that day already"),
    later("%(code)s stands for that day in line %(line)s already"),
    later("is no known column, left out"),
    # of cameras
    later("refused (401): check username and password"),
    later("refused (403): this user may not see the picture, or the camera has locked it out for a while"),
    later("not found (404): the camera answers, but not at this path: check the url"),
    later("fault of the camera (%(code)s): trying again; restart the camera if it stays so"),
    later("its certificate is not trusted: install the camera's own, or set tls_verify = false"),
    later("cannot be reached (%(why)s): check address, port, cable and power"),
    later("cannot be reached (%(why)s): check address and network"),
    later("no answer within %(n)s s: check address, cable and power"),
    later("no answer in %(n)s s: check its address and that it is switched on"),
    later("connection refused: check address and port, and that RTSP is switched on in the camera"),
    later("host unknown: check its name, or use its IP address"),
    later("the connection was lost: check port and network"),
    later("no packet for %(n)s s: check the camera and the network to it"),
    later("no picture for %(n)s s"),
    # of alarms
    later("camera %(name)s is silent: %(why)s"),
    later("camera %(name)s is silent"),
    later("camera %(name)s shows hardly anything: look whether it is covered"),
    later("%(n)s reads wait to be stored"),
    later("the reads of the last hour are %(n)s %% sure on average: look at light, focus and angle"),
    later("the last hour brought %(n)s %% of the reads that are usual at this time"),
    later("the disk is %(n)s %% full, %(left)s GB left: free some space"),
    later("the memory is %(n)s %% full: close other programs, or watch fewer cameras"),
    later("Allowed: %(text)s at %(camera)s"),
    later("Denied: %(text)s at %(camera)s"),
    later("Watch: %(text)s at %(camera)s"),
    later("Unknown: %(text)s at %(camera)s"),
    later("Unread at %(camera)s"),
    # of placeholders
    later("one line: what happened and where"),
    later("reason, time, vehicle and how sure, in one line"),
    later("the text as read, `unread` without one"),
    later("its name"),
    later("of the verdict"),
    later("of the entry that decided"),
    later("of that entry"),
    later("percent"),
    later("in or out"),
    later("colour and type"),
    later("of the plate"),
    later("of the site's clock, 12:04:28"),
    later("what was measured, of box rules"),
    later("allowed, denied, watch, unknown, unread"),
    # of rules
    later("somebody is inside for long"),
    later("somebody is inside for too long"),
    later("as many are inside as there is room for"),
    later("what a model says has moved"),
    later("a camera gives no picture"),
    later("a camera is back"),
    later("a camera shows hardly anything"),
    later("the disk fills up"),
    later("the memory fills up"),
    later("reads wait to be stored"),
    later("reads become less sure"),
    later("fewer reads than usual"),
    later("every read"),
    later("open %(names)s"),
    later("tell %(names)s"),
    later("critical alarm with sound"),
    later("warning alarm with sound"),
    later("info alarm with sound"),
    later("critical alarm"),
    later("warning alarm"),
    later("info alarm"),
    later("after %(span)s unseen tell %(names)s"),
    later("tag %(tag)s"),
    later("once in %(span)s for each plate or camera"),
    later("at most %(n)s an hour"),
    later("quiet %(hours)s"),
    later("on %(names)s"),
    later("plate %(names)s"),
    later("%(low)s to %(high)s %% sure"),
    later("from %(names)s"),
    later("at %(names)s"),
    later("in %(names)s"),
    later("going %(names)s"),
    later("arriving %(names)s"),
    later("seen at another camera within %(span)s"),
    later("for %(span)s"),
    later("threshold %(n)s"),
)
"""Sentences, each with its variable parts named."""
_JOINTS: Final = {"; ": "; ", ", ": ", ", " or ": later(" or "), " and ": later(" and ")}


def value_words(value: str) -> str:
    """Say a word of the domain, such as a verdict or a kind of list, as the page does."""
    return _(_VALUES[value]) if value in _VALUES else value


def in_language(said: str) -> str:
    """Say an English sentence of the product in the language of the page."""
    return said if spoken().code == "en" else _translated(spoken().code, said)


@lru_cache(4096)
def _translated(code: str, said: str) -> str:
    """Translate into the language that is spoken, whose code is part of the key alone."""
    for form, fits in _forms():
        if found := fits.fullmatch(said):
            parts = {name: _translated(code, part) for name, part in found.groupdict().items()}
            return _(form) % parts
    if said in _VALUES:
        return value_words(said).lower()
    for joint, words in _JOINTS.items():
        if joint in said:
            return _(words).join(_translated(code, part) for part in said.split(joint))
    name, colon, rest = said.partition(": ")
    # A list's name before what is said of it.
    return f"{name}: {_translated(code, rest)}" if colon else said


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((form, re.compile(_pattern(form), re.DOTALL)) for form in _FORMS)


def _pattern(form: str) -> str:
    parts = re.split(r"%\((\w+)\)s", form)
    fixed = [re.escape(part.replace("%%", "%")) for part in parts[::2]]
    named = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    return "".join(part for pair in zip(fixed, [*named, ""], strict=True) for part in pair)
