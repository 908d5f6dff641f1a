"""Damages state files in every way that was thought of, and sees that none is believed."""

from __future__ import annotations

import json
import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xxhash

from app.engine import seqstate
from app.engine.identity import Identity
from app.engine.statefile import Mark, branch_key, decode_header, encode_header, hasher, token_array
from app.engine.vault import Vault
from tests.engine.states import BUDGET, KINDS, ROOM, State, model_of, tokens_of

_START = 24
_STRANGE: tuple[Any, ...] = (
    0, -1, 1, 2, 3, 255, 2**31 - 1, 2**31, 2**32, 2**40, 2**63, 2**64, 10**30,
    True, None, 1.5, 1e308, "", "x", [], {},
)  # fmt: skip


@dataclass(frozen=True)
class Good:
    """A file that is believed, and what it was made of."""

    kind: str
    conversation: str
    identity: Identity
    path: Path
    data: bytes
    tokens: tuple[int, ...]

    @property
    def header_end(self) -> int:
        return _START + struct.unpack_from("<I", self.data, 12)[0]

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data[_START : self.header_end])
        return found


def with_header(text: bytes, body: bytes, version: int = 1, length: int | None = None) -> bytes:
    """A file with any text for a header, and a checksum that agrees with it."""
    length = len(text) if length is None else length
    summed = xxhash.xxh3_64_intdigest(struct.pack("<II", version, length) + text)
    return struct.pack("<8sIIQ", b"CDSTATE\n", version, length, summed) + text + body


def sum_of(place: str, data: bytes) -> str:
    found = hasher(place)
    found.update(data)
    return found.hexdigest()


Mutation = Callable[[Good, list[Good], random.Random], tuple[str, bytes]]


def truncate(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    end = rng.choice([rng.randrange(len(good.data)), rng.randrange(good.header_end), len(good.data) - 1])
    return good.path.name, good.data[:end]


def append(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    return good.path.name, good.data + rng.randbytes(rng.choice([1, 4, 4096]))


def flip(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    data = bytearray(good.data)
    end = rng.choice([_START, good.header_end, len(data)])
    data[rng.randrange(end)] ^= 1 << rng.randrange(8)
    return good.path.name, bytes(data)


def overwrite(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    start = rng.randrange(len(good.data))
    size = min(rng.choice([2, 512, 4096]), len(good.data) - start)
    filling = rng.choice([bytes(size), b"\xff" * size, rng.randbytes(size)])
    return good.path.name, good.data[:start] + filling + good.data[start + size :]


def swap_files(good: Good, others: list[Good], rng: random.Random) -> tuple[str, bytes]:
    """Another conversation's or model's file under this one's name."""
    return good.path.name, rng.choice([other for other in others if other is not good]).data


def swap_states(good: Good, others: list[Good], rng: random.Random) -> tuple[str, bytes]:
    """This one's header and tokens, the rest of another."""
    other = rng.choice([other for other in others if other is not good])
    end, start = (item.header_end + 4 * len(item.tokens) for item in (good, other))
    return good.path.name, good.data[:end] + other.data[start:]


def swap_tokens(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    """Two tokens in each other's place; sometimes header and name agree with them."""
    tokens = list(good.tokens)
    left = rng.randrange(len(tokens))
    right = rng.choice([index for index, token in enumerate(tokens) if token != tokens[left]])
    tokens[left], tokens[right] = tokens[right], tokens[left]
    packed = struct.pack(f"<{len(tokens)}i", *tokens)
    body = packed + good.data[good.header_end + len(packed) :]
    if rng.random() < 0.5:
        return good.path.name, good.data[: good.header_end] + body
    fields = good.fields
    fields["branch"] = branch_key(good.identity, token_array(tokens))
    return f"{fields['conversation']}-{fields['branch']}.state", with_header(
        json.dumps(fields).encode(), body
    )


def version(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    text = good.data[_START : good.header_end]
    number = rng.choice([0, 2, 3, 2**31, 2**32 - 1])
    return good.path.name, with_header(text, good.data[good.header_end :], number)


def header_length(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    text, body = good.data[_START : good.header_end], good.data[good.header_end :]
    wrong = rng.choice([0, 1, len(text) - 1, len(text) + 1, 2**20, 2**20 + 1, 2**31, 2**32 - 1])
    return good.path.name, with_header(text, body, length=wrong)


def no_header(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    texts = (
        b"[" * 100_000,
        b'{"identity":' * 20_000,
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"9" * 5000,
        b'{"n_tokens":1e999}',
        json.dumps({**good.fields, "checkpoints": [[1, "a", 1, "00000000"]] * 20_000}).encode(),
        json.dumps({**good.fields, "checkpoints": [[]]}).encode(),
    )
    return good.path.name, with_header(rng.choice(texts), good.data[good.header_end :])


def field(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    """One field says something else; the header's own checksum agrees."""
    fields = good.fields
    holder: Any = rng.choice([fields, fields["identity"], *fields["checkpoints"]])
    key = rng.choice(range(4) if isinstance(holder, list) else sorted(holder))
    old = holder[key]
    choices = [*_STRANGE]
    if type(old) is int:
        choices += [old + step for step in (-4, -1, 1, 4)]
    holder[key] = rng.choice([item for item in choices if type(item) is not type(old) or item != old])
    if rng.random() < 0.1 and isinstance(holder, dict):
        del holder[key]
    return good.path.name, with_header(json.dumps(fields).encode(), good.data[good.header_end :])


def agreeing_lie(good: Good, _all: list[Good], rng: random.Random) -> tuple[str, bytes]:
    """The borders between tokens, checkpoints and state moved, and every checksum and the name agree.

    This gets past all checks of the file: what llama.cpp makes of it has to show it.
    """
    header = decode_header(good.data[_START : good.header_end], len(good.data))
    body = good.data[good.header_end :]
    step = 4 * rng.choice([1, 2, 5, 16]) * rng.choice([1, -1])
    sizes = [mark.n_bytes for mark in header.marks]
    n_tokens, state_bytes = header.n_tokens, header.state_bytes
    if rng.random() < 0.5:
        n_tokens += step // 4
        sizes[0] -= step
    else:
        sizes[-1] += step
        state_bytes -= step
    tokens = token_array(struct.unpack(f"<{n_tokens}i", body[: 4 * n_tokens]))
    branch = branch_key(header.identity, tokens)
    marks, at = [], 4 * n_tokens
    for mark, size in zip(header.marks, sizes, strict=True):
        summed = sum_of(mark.place, body[at : at + size])
        marks.append(Mark(mark.position, mark.kind, size, summed))
        at += size
    lie = replace(header, branch=branch, n_tokens=n_tokens, marks=tuple(marks), state_bytes=state_bytes)
    lie = replace(lie, state_checksum=sum_of(lie.place, body[at:]))
    return f"{lie.conversation}-{lie.branch}.state", encode_header(lie) + body


MUTATIONS: tuple[Mutation, ...] = (
    truncate, append, flip, flip, overwrite, swap_files, swap_states, swap_tokens, version, header_length,
    no_header, field, field, field, agreeing_lie,
)  # fmt: skip


def make_files(vault: Vault, state: State, kind: str) -> list[Good]:
    """Two conversations of one model."""
    files = []
    for number in range(2):
        seqstate._empty(state.context)
        state.tokens, state.checkpoints = [], []
        for part in range(3):
            state.read(tokens_of(40, seed=10 * number + part))
            if part:
                state.take()
        state.checkpoints.pop()
        state.read(tokens_of(5))
        state.take("answer")
        state.read(tokens_of(15))
        path = state.save(vault, f"{kind} {number}")
        files.append(
            Good(kind, f"{kind} {number}", state.identity, path, path.read_bytes(), tuple(state.tokens))
        )
    return files


def run_mutations(count: int, seed: int, folder: Path) -> Counter[str]:
    """`count` damaged files, each offered to the model it was made for; how many of each kind.

    Raises AssertionError for one that is believed. A crash ends the process.
    """
    lines: list[str] = []
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    vault = Vault(folder, BUDGET, lines.append)
    for part, kind in enumerate(KINDS):
        with model_of(kind) as model, model.state(256) as state:
            files = make_files(vault, state, kind)
            foreign = foreign_files(Vault(folder / "other", BUDGET, print), kind)
            for _ in range(count * (part + 1) // len(KINDS) - count * part // len(KINDS)):
                good, mutation = rng.choice(files), rng.choice(MUTATIONS)
                while (mutant := mutation(good, files + foreign, rng)) == (good.path.name, good.data):
                    continue
                path = good.path.with_name(mutant[0])
                offer(vault, state, good, path, mutant[1], lines=lines)
                done[mutation.__name__] += 1
            for good in files:
                good.path.write_bytes(good.data)
                restored = seqstate.restore(state.context, vault, good.path, good.identity, room=ROOM)
                assert restored is not None, lines[-1]
    return done


def foreign_files(vault: Vault, kind: str) -> list[Good]:
    """One conversation of another model."""
    other = KINDS[KINDS.index(kind) - 1]
    with model_of(other) as model, model.state(256) as state:
        return make_files(vault, state, other)[:1]


def offer(vault: Vault, state: State, good: Good, path: Path, data: bytes, *, lines: list[str]) -> None:
    """One damaged file has to be refused, in the log, and the context left empty."""
    good.path.unlink(missing_ok=True)
    path.write_bytes(data)
    lines.clear()
    vault.find([*good.tokens, 1], good.identity, cuts=False, conversation_id=good.conversation)
    if not path.exists():
        assert len(lines) == 1
        path.write_bytes(data)
        lines.clear()
    assert seqstate.restore(state.context, vault, path, good.identity, room=ROOM) is None, lines
    assert state.positions() == (-1, -1)
    assert [line for line in lines if "not used" in line]
    path.unlink(missing_ok=True)
