"""Damaging a database on purpose, and what must be left of it."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.chat.conversation import Conversation
from app.chat.library import Place, Snippet
from app.chat.parts import Message, ReasoningPart, TextPart
from app.store import Store
from app.store.database import NAME
from tests.store.support import whole

PAGE = 4096
LOG = f"{NAME}-wal"


@dataclass(frozen=True)
class Sample:
    """A folder with a database, and for each message the pages that it must have to be read."""

    folder: Path
    texts: dict[str, str]
    pages: dict[str, frozenset[int]]
    size: int


def make(folder: Path, conversations: int = 12, messages: int = 25) -> Sample:
    """A database of some hundred pages, closed; long texts repeat their mark on each page."""
    chance = random.Random(1)
    store = Store.open(folder)
    texts: dict[str, str] = {}
    for c in range(conversations):
        conversation = Conversation(id=f"conversation{c:04}", title=f"Title {c}")
        for m in range(messages):
            mark = f"<{c:04}.{m:04}>"
            text = f"{mark} some words " * (600 if chance.random() < 0.06 else chance.randrange(1, 12))
            texts[f"message{c:04}.{m:04}"] = text
            parts = (ReasoningPart("thought"), TextPart(text)) if m % 2 else (TextPart(text),)
            role = "assistant" if m % 2 else "user"
            message = Message(f"message{c:04}.{m:04}", role, parts, created=float(m + 1))  # type: ignore[arg-type]
            conversation.add(message, conversation.leaf)
        store.create(conversation)
    store.set_place("conversation0000", Place("message0000.0003", 5))
    store.set_draft("conversation0001", "a draft")
    store.save_snippet(Snippet("s", "name", "text"))
    store.close()
    data = (folder / NAME).read_bytes()
    pages = {one: _pages(data, one, texts[one].split()[0]) for one in texts}
    return Sample(folder, texts, pages, len(data))


def _pages(data: bytes, identity: str, mark: str) -> frozenset[int]:
    """The pages with a trace of the message: its row, its parts, their overflow (and its indexes)."""
    found = set()
    for trace in (identity.encode(), mark.encode()):
        at = data.find(trace)
        while at >= 0:
            found |= {at // PAGE, (at + len(trace) - 1) // PAGE}
            at = data.find(trace, at + 1)
    return frozenset(found)


def hit(folder: Path, at: int, new: bytes) -> None:
    with (folder / NAME).open("r+b") as file:
        file.seek(at)
        file.write(new)


def damaged(sample: Sample, target: Path, chance: random.Random) -> tuple[Path, set[int]]:
    """A copy with random damage, and the pages that were hit."""
    target.mkdir()
    data = bytearray((sample.folder / NAME).read_bytes())
    kind = chance.choice(("flip", "flips", "page", "cut", "noise", "start"))
    hit: set[int] = set()
    if kind == "cut":
        size = chance.randrange(1, len(data))
        hit = set(range(size // PAGE, len(data) // PAGE))
        del data[size:]
    elif kind == "page":
        page = chance.randrange(len(data) // PAGE)
        data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
        hit.add(page)
    else:
        count = {"flip": 1, "flips": 20, "noise": 300, "start": 3}[kind]
        start = chance.randrange(len(data))
        for _ in range(count):
            at = {"noise": start + chance.randrange(8000), "start": chance.randrange(120)}.get(
                kind, chance.randrange(len(data))
            )
            at = min(at, len(data) - 1)
            data[at] ^= 1 << chance.randrange(8) if kind != "noise" else chance.randrange(1, 256)
            hit.add(at // PAGE)
    (target / NAME).write_bytes(data)
    return target, hit


def survives(sample: Sample, folder: Path, hit: set[int]) -> bool:
    """Open what was damaged, and see that everything off the hit pages is there; whether it was recovered.

    A message may have moved to another conversation; its text may not have changed.
    """
    store = Store.open(folder)
    try:
        report = store.report
        if report.recovered:
            assert report.set_aside is not None
            assert (report.set_aside / NAME).exists()
        entries = store.entries() + store.deleted()
        found: dict[str, str] = {}
        for entry in entries:
            conversation = store.load(entry.id).conversation
            assert conversation.leaf is None or conversation.path()
            found |= {one.id: one.text for one in conversation.messages.values()}
        for identity, text in sample.texts.items():
            if not sample.pages[identity] & hit:
                # A part of a hit page may have been led to this message.
                assert text in found.get(identity, ""), identity
        if report.recovered:
            assert report.messages == len(found)
        store.create(Conversation(id="after", title="Afterwards"))
        assert [hit.conversation_id for hit in store.search("afterwards")] == ["after"]
        store.search("some words")
    finally:
        store.close()
    if report.recovered:
        assert whole(folder)
    store = Store.open(folder)
    assert not store.report.recovered
    assert len(store.entries() + store.deleted()) == len(entries) + 1
    store.close()
    return report.recovered


def damage_many(sample: Sample, seeds: range, scratch: Path) -> int:
    """How many of the cases were recovered; each survives."""
    recovered = 0
    for seed in seeds:
        target = scratch / str(seed)
        folder, hit = damaged(sample, target, random.Random(seed))
        try:
            recovered += survives(sample, folder, hit)
        except BaseException as error:
            error.add_note(f"seed {seed}, pages {sorted(hit)}")
            raise
        shutil.rmtree(target)
    return recovered
