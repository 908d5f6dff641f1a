"""Reading rows from raw pages, hostile ones too."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.pages import Pages, record, varint


def rows(path: Path, size: int = 4096) -> list[tuple[int, tuple[object, ...]]]:
    with Pages(path, size) as pages:
        return [(row.number, row.values) for sure in (True, False) for row in pages.rows(b"cd.", sure)]


@pytest.mark.parametrize("size", [512, 4096, 65536])
def test_the_rows_are_those_that_sqlite_reads(tmp_path: Path, size: int) -> None:
    chance = random.Random(size)
    path = tmp_path / "some.db"
    con = sqlite3.connect(path, isolation_level=None)
    con.execute(f"PRAGMA page_size = {size}")
    con.execute("CREATE TABLE t (number INTEGER PRIMARY KEY, tag, a, b, c)")
    values = [
        None,
        0,
        1,
        -1,
        127,
        -32768,
        2**23,
        -(2**31),
        2**47 - 1,
        -(2**63),
        0.5,
        -1e300,
        "é" * 9,
        b"\0\xff",
    ]
    con.execute("BEGIN")
    for number in range(400):
        text = "漢x" * chance.choice((0, 1, 30, 300, 3000))
        row = (chance.choice(values), chance.choice(values), text)
        con.execute("INSERT INTO t VALUES (?, 'cd.t', ?, ?, ?)", (number * number + 1, *row))
    con.execute("COMMIT")
    expected = [(one[0], (None, *one[1:])) for one in con.execute("SELECT * FROM t")]
    con.close()
    with Pages(path, size) as pages:
        assert sorted((row.number, row.values) for row in pages.rows(b"cd.", sure=True)) == expected


@given(st.integers(0, 2**64 - 1))
def test_varints(value: int) -> None:
    data = bytearray()
    if value >= 2**56:
        data.append(value & 0xFF)
        rest, groups = value >> 8, 8
        data += bytes((rest >> 7 * place & 0x7F) | 0x80 for place in range(groups))
    else:
        data.append(value & 0x7F)
        value_left = value >> 7
        while value_left:
            data.append(value_left & 0x7F | 0x80)
            value_left >>= 7
    encoded = bytes(reversed(data))
    assert varint(encoded, 0) == (value, len(encoded))
    assert varint(b"", 0)[0] == 0


@given(st.binary(max_size=60), st.integers(0, 2**63))
def test_any_bytes_are_a_record_or_none(data: bytes, length: int) -> None:
    for one in (length, len(data)):
        found = record(data, one)
        assert found is None or 2 < len(found) <= 64


@given(st.integers(0), st.data())
def test_any_page_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, seed: int, data: st.DataObject
) -> None:
    chance = random.Random(seed)
    page = bytearray(chance.randbytes(512) for _ in range(0)) + bytearray(chance.randbytes(2048))
    page[0] = 13
    page[3:5] = chance.randrange(0, 300).to_bytes(2, "big")
    for _ in range(chance.randrange(20)):
        at = chance.randrange(2040)
        page[at : at + 3] = b"cd."
    path = tmp_path_factory.mktemp("pages") / "page"
    path.write_bytes(page)
    for size in (512, 1024):
        rows(path, size)


def test_loops_and_huge_claims_cost_little(tmp_path: Path) -> None:
    """Each cell claims a gigabyte in a chain that leads back to itself."""
    page = bytearray(4096)
    page[0] = 13
    cell = bytes([0x84, 0x80, 0x80, 0x80, 0x10])  # a length of 2**30 + 16
    head = bytes([7, 0, 13 + 2 * 4, 0x88, 0x80, 0x80, 0x0D]) + b"cd.t"
    starts = []
    for number in range(60):
        body = cell + bytes([number + 1]) + head
        start = 200 + number * 40
        page[start : start + len(body)] = body
        starts.append(start)
    page[3:5] = len(starts).to_bytes(2, "big")
    page[8 : 8 + 2 * len(starts)] = b"".join(one.to_bytes(2, "big") for one in starts)
    path = tmp_path / "page"
    path.write_bytes((bytes(page) + b"\0\0\0\3" + bytes(4092) + b"\0\0\0\2" + bytes(4092)) * 50)
    start = time.perf_counter()
    rows(path)
    assert time.perf_counter() - start < 5
