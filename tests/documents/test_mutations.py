"""Damaged documents of each kind end in text or in a message, and never in anything else."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.values import Limits
from app.errors import FileReadError
from tests.documents import corpus

COUNT = 200
_EXTREMES = (
    b"\0",
    b"\xff\xff\xff\xff",
    b"99999999999999999999",
    b"-1",
    b"<",
    b'"',
    b"&x;",
    b"</",
    b"[",
    b"{",
    b"(",
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to eight small damages."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(found) + 1)
        kind = chance.randrange(6)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            found[at : at + 4] = chance.choice(_EXTREMES)
        elif kind == 2:
            del found[at : at + chance.randint(1, 200)]
        elif kind == 3:
            found[at:at] = found[at : at + chance.randint(1, 200)] * chance.randint(1, 20)
        elif kind == 4:
            found[at:at] = chance.randbytes(8)
        elif chance.random() < 0.2:
            del found[at:]
    return bytes(found)


def mutated_inside(data: bytes, chance: random.Random) -> bytes:
    """A ZIP whose checksums are right and one of whose entries is damaged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(entries))
    return corpus.zipped({**entries, name: mutated(bytes(entries[name]), chance)})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", corpus.MAKERS)
def test_mutations(name: str, tmp_path: Path) -> None:
    survive(name, COUNT, tmp_path)


def survive(name: str, count: int, folder: Path) -> None:
    """Read `count` damaged documents of the kind of `name`, then the sound one."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    known = corpus.content(8)
    data = corpus.MAKERS[name](known)
    path, good = folder / name, folder / f"good-{name}"
    good.write_bytes(data)
    read = refused = 0
    with DocumentReader(limits=Limits(stall_s=20, memory_bytes=2**31)) as reader:
        for number in range(count):
            inside = data.startswith(b"PK") and number % 2
            path.write_bytes(mutated_inside(data, chance) if inside else mutated(data, chance))
            try:
                found = reader.extract(path)
            except FileReadError as error:
                assert error.message.startswith(f"{name}: ")  # noqa: PT017
                refused += 1
            else:
                found.text.encode()
                read += 1
        assert corpus.words_in(reader.extract(good).text) == known.words
    assert read + refused == count
    print(read, "read", refused, "refused")
