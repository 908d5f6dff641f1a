"""The most that can be chosen for what was read, in bytes."""

from __future__ import annotations

from typing import Final

from ui.words import GIGABYTE

MOST_RAM: Final = 1000 * GIGABYTE
MOST_DISK: Final = 10_000 * GIGABYTE
