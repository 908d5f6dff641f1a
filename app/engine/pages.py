"""The pages of a mapped file, brought in all at once. Any thread; no other one is kept from running."""

from __future__ import annotations

import ctypes
import mmap
import sys

#: madvise(2): MADV_POPULATE_READ and MADV_POPULATE_WRITE of linux/mman.h, since Linux 5.14.
POPULATE_READ, POPULATE_WRITE = 22, 23


def populate(mapped: mmap.mmap, how: int) -> None:
    """Map all pages at once, where the system can: a fault for each page takes twice as long as the copy.

    Not by `mmap.madvise`: that keeps all threads from running for the seconds that a slow disk takes.
    """
    if sys.platform == "linux":
        first = ctypes.c_char.from_buffer(mapped)
        try:
            ctypes.CDLL(None).madvise(
                ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(mapped)), how
            )
        finally:
            del first
