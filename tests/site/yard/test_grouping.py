"""Reads of one truck become one pass: tables of trucks, portals and what their cameras saw."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from alpr.domain import Kind
from alpr.iso6346 import check_digit
from alpr.site.yard.grouping import Glimpse, Portal, chain, group
from tests.drawn_reads import NOON

SPAN = timedelta(seconds=20)
PORTAL = Portal("lane", ("front", "left", "right", "rear"), SPAN, rear=("rear",))


def code(ten):
    return f"{ten}{check_digit(ten)}"


A, B, C = code("MSCU123456"), code("TCLU765432"), code("HLXU111222")


def seen(second, camera, text="", kind=None, sure=0.9, direction="", pass_id=""):
    """Make a read so many seconds after noon; eleven characters are a container."""
    kind = kind or (Kind.CONTAINER if len(text) == 11 else Kind.PLATE if text else Kind.VEHICLE)
    at = NOON + timedelta(seconds=second)
    return Glimpse(f"{second:06.1f}-{camera}-{text}", camera, at, kind, text, sure, direction, pass_id)


def told(found):
    return [(one.plate, one.trailer, one.containers) for one in found]


TRUCK = (seen(0, "front", "GXXK4821"), seen(3, "left", A), seen(3.4, "right", A), seen(6, "rear", "TR1234"))

STORIES = {
    "a truck with trailer and one container, seen from both sides": (TRUCK, [("GXXK4821", "TR1234", (A,))]),
    "a pair of twenty feet": (
        [seen(0, "front", "GXXK4821"), seen(2, "left", A), seen(4, "left", B), seen(4.2, "right", B)],
        [("GXXK4821", "", (A, B))],
    ),
    "a second truck behind, as close as its rear is still seen after the next one's front": (
        [*TRUCK[:3], seen(5, "front", "MZZ77"), TRUCK[3], seen(8, "left", B), seen(11, "rear", "TR9999")],
        [("GXXK4821", "TR1234", (A,)), ("MZZ77", "TR9999", (B,))],
    ),
    "the same camera shows another car": (
        [seen(0, "front", "AB123"), seen(7, "front", "CD456")],
        [("AB123", "", ()), ("CD456", "", ())],
    ),
    "three different containers are two trucks": (
        [seen(0, "left", A), seen(2, "left", B), seen(4, "left", C)],
        [("", "", (A, B)), ("", "", (C,))],
    ),
    "one side reads the code wrong by look-alikes: the code whose digit agrees stands": (
        [seen(0, "left", A.replace("1", "I", 1), sure=0.95), seen(1, "right", A, sure=0.6)],
        [("", "", (A,))],
    ),
    "serial numbers in a row that are both right are two containers": (
        [seen(0, "left", code("MSCU123456")), seen(1, "left", code("MSCU123457"))],
        [("", "", (code("MSCU123456"), code("MSCU123457")))],
    ),
    "the plate read twice by one camera is one": (
        [seen(0, "front", "GXXK4821", sure=0.7), seen(4, "front", "GXXK4B21", sure=0.99)],
        [("GXXK4B21", "", ())],
    ),
    "too long after": ([seen(0, "front", "AB123"), seen(21, "left", A)], [("AB123", "", ()), ("", "", (A,))]),
    "in and out do not mix": (
        [seen(0, "front", "AB123", direction="in"), seen(2, "left", A, direction="out")],
        [("AB123", "", ()), ("", "", (A,))],
    ),
    "an unread vehicle at the same camera is another one": (
        [seen(0, "front", "AB123"), seen(8, "front"), seen(9, "left", A)],
        [("AB123", "", (A,)), ("", "", ())],
    ),
    "a trailer whose truck was not read": ([seen(0, "rear", "TR1234")], [("", "TR1234", ())]),
}


@pytest.mark.parametrize("story", STORIES)
def test_what_passes_together_is_one_pass(story):
    """Whatever the order in which the reads come."""
    glimpses, passes = STORIES[story]
    for seed in range(5):
        shuffled = random.Random(seed).sample(list(glimpses), len(glimpses))
        assert told(group(shuffled, PORTAL)) == passes
    assert sorted(read for one in group(glimpses, PORTAL) for read in one.reads) == sorted(one.id for one in glimpses)


def test_a_pass_keeps_the_id_that_its_reads_know():
    """A read that comes late does not change the address of the page; two passes never share one."""
    late = [seen(0, "front", "GXXK4821"), seen(3, "left", A, pass_id="known"), seen(5, "front", "ZZ1", pass_id="known")]
    assert [one.id for one in group(late, PORTAL)] == ["known", late[2].id]


def test_a_chain_ends_where_nothing_passed_for_the_span():
    """Only what may have to do with a read is looked at anew."""
    glimpses = [seen(0, "front", "AA1"), seen(30, "front", "BB2"), seen(45, "left", A), seen(66, "front", "CC3")]
    assert [one.text for one in chain(glimpses, glimpses[2].id, SPAN)] == ["BB2", A]
