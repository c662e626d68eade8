"""Memory of pictures that are gone goes back to the system."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
import ctypes, threading, psutil
from alpr.ops.memory import return_freed_pictures
if not return_freed_pictures():
    raise SystemExit("no glibc")
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def work():
    held = [c.malloc(3 << 20) for _ in range(40)]
    for block in held:
        ctypes.memset(block, 1, 3 << 20)
    small = [c.malloc(1000) for _ in range(100)]
    for block in held:
        c.free(block)
before = psutil.Process().memory_info().rss
for thread in [threading.Thread(target=work) for _ in range(2)]:
    thread.start()
    thread.join()
work()
print((psutil.Process().memory_info().rss - before) >> 20)
"""


def test_freed_pictures_are_given_back():
    """Of 360 MB taken and freed in pieces of a frame's size, next to nothing stays with the process."""
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=False)
    if done.stderr != "no glibc\n":
        assert int(done.stdout) < 10, done.stderr
