"""Damage to a GGUF's header: flipped bits, extreme counters, cuts."""

from __future__ import annotations

import random
import struct

EXTREMES = (0, 1, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**31, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
KINDS = 6


def damage(data: bytearray, at: int, kind: int, chance: random.Random) -> bool:
    """Damage `data` at the offset `at` in one of `KINDS` ways; whether the rest was cut off."""
    if kind == 0:
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at] = chance.randrange(256)
    elif kind == 2:
        # The counters of the file stand at 8 and 16; lengths and types are anywhere.
        place = chance.choice((8, 16, at))
        data[place : place + 8] = struct.pack("<Q", chance.choice(EXTREMES))
    elif kind == 3:
        data[at : at + 4] = struct.pack("<I", chance.choice(EXTREMES) & 0xFFFFFFFF)
    elif kind == 4:
        del data[at : at + chance.randrange(1, 64)]
    else:
        del data[max(at, 25) :]
        return True
    return False
