"""How the C library keeps memory: what a large picture took goes back to the system when the picture goes."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE = 256 << 10
_SLACK = 8 << 20
_ARENAS = 2


def return_freed_pictures() -> bool:
    """Tell glibc to map whatever is large by itself; return whether there is a glibc to tell.

    Left alone, it raises that limit to 32 MB with the first pictures freed, and then keeps what they
    took in an arena for each thread: four full-HD cameras cost 200 MB more than they use.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl gives large blocks back by itself
        return False
    wanted = ((_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _SLACK), (_M_ARENA_MAX, _ARENAS))
    return all(mallopt(name, value) for name, value in wanted)
