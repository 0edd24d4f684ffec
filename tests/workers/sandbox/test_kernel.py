"""System calls and calls of the C library that Python has no words for."""

import subprocess
import sys

import pytest

from workers.sandbox import kernel
from workers.sandbox.parent import PROJECT

needs_count = pytest.mark.skipif(
    not hasattr(kernel._libc, "mallinfo2"), reason="needs glibc from 2.33"
)
# A small piece free between any two that are held, of several sizes; then what is free, by place.
HOLES = """
import sys
sys.path.append(sys.argv[1])
from workers.sandbox import kernel

def free_in_holes():
    return count().fordblks - count().keepcost

count, malloc, free = (getattr(kernel._libc, n) for n in ("mallinfo2", "malloc", "free"))
malloc.restype = kernel.ctypes.c_void_p
count.restype = kernel._Mallinfo
kernel.tune_malloc(arenas=2, keep_bytes=32 << 20)
sizes = [24, 100, 520, 2000, 70_000, 300_000] * 200
held = [(malloc(size), malloc(24)) for size in sizes]
for piece, _ in held:
    free(kernel.ctypes.c_void_p(piece))
before = free_in_holes()
kernel.plug()
after = free_in_holes()
print(before, after, min(map(malloc, sizes)) > max(fence for _, fence in held))
"""
# Another malloc, whose memory is never at glibc's top.
OTHERS = """
import sys
sys.path.append(sys.argv[1])
from workers.sandbox import kernel

class Other:
    mallinfo2, taken = kernel._libc.mallinfo2, []
    def malloc(self, size):
        self.taken.append(size.value)
        return 1

kernel._libc = Other()
kernel.plug()
print(sum(Other.taken))
"""


@needs_count
def test_after_the_plug_all_memory_is_new() -> None:
    command = [sys.executable, "-c", HOLES, str(PROJECT)]

    before, after, is_new = subprocess.check_output(command, text=True).split()

    assert int(before) > 10 * 1024 * 1024
    assert (after, is_new) == ("0", "True")


@needs_count
def test_the_plug_of_another_malloc_takes_little() -> None:
    command = [sys.executable, "-c", OTHERS, str(PROJECT)]

    assert int(subprocess.check_output(command, text=True)) < 8 * 1024 * 1024
