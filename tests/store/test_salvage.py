"""Recovery of damaged files, case by case."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.library import Snippet
from app.chat.parts import Message, TextPart
from app.errors import DiskFullError
from app.store import Store, opening, recovery, salvage
from app.store.database import NAME
from tests.store.damage import LOG, PAGE, Sample, hit, make, survives
from tests.store.support import branched, raw, told, whole


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("sample") / "data", 6, 20)


@pytest.fixture
def copy(sample: Sample, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample.folder, tmp_path / "copy"))


def root(folder: Path, table: str) -> int:
    con = raw(folder)
    number = con.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    con.close()
    return int(number) - 1


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (0, b"X"),
        (16, (8192).to_bytes(2, "big")),
        (16, b"\0\0"),
        (18, b"\3\3"),
        (18, b"\7"),
        (20, b"\xff"),
        (28, (2**31).to_bytes(4, "big")),
        (32, (5).to_bytes(4, "big")),
        (44, b"\0\0\0\x09"),
        (56, b"\0\0\0\2"),
        (60, (9).to_bytes(4, "big")),
        (60, (0).to_bytes(4, "big")),
        (68, b"\0\0\0\0"),
        (0, bytes(100)),
        (0, bytes(PAGE)),
        (100, b"\2"),
    ],
)
def test_a_damaged_header_loses_nothing(sample: Sample, copy: Path, at: int, new: bytes) -> None:
    hit(copy, at, new)
    assert survives(sample, copy, set())


def test_a_damaged_schema_loses_nothing(sample: Sample, copy: Path) -> None:
    data = (copy / NAME).read_bytes()
    hit(copy, data.index(b"created REAL"), b"creaTed RXXL")
    assert survives(sample, copy, set())


def test_everything_else_comes_back_too(copy: Path) -> None:
    store = Store.open(copy)
    folder = store.add_folder("Folder")
    store.move(["conversation0002"], folder.id)
    store.create(branched())
    store.set_thought_open("a1", True)
    store.set_state("window", [1, 2])
    store.delete(["conversation0005"])
    entries, gone = store.entries(), store.deleted()
    saved = store.load("conversation0000")
    store.close()
    hit(copy, 0, bytes(PAGE))
    store = Store.open(copy)
    assert store.report.recovered
    assert store.report.lost == ""
    assert store.report.messages == 124
    assert (store.entries(), store.deleted(), store.folders()) == (entries, gone, [folder])
    assert store.load("conversation0000") == saved
    assert saved.place is not None
    assert store.load("conversation").conversation == branched()
    assert store.load("conversation").thoughts == {"a1": True}
    assert store.draft("conversation0001") == "a draft"
    assert store.snippets() == [Snippet("s", "name", "text")]
    assert store.state("window") == [1, 2]
    assert len(store.search("title")) == 5
    store.close()
    aside = store.report.set_aside
    assert aside is not None
    assert aside.parent == copy
    assert sorted(path.name for path in copy.iterdir()) == sorted([NAME, opening.LOCK, aside.name])


def test_lost_conversations_get_another_title(sample: Sample, copy: Path) -> None:
    hit(copy, root(copy, "conversation") * PAGE, bytes(PAGE))
    store = Store.open(copy)
    assert store.report.lost == "6 conversations lost the title"
    assert [entry.title for entry in store.entries()] == [salvage.TITLE] * 6
    by_size = [len(store.load(entry.id).conversation.path()) for entry in store.entries()]
    assert by_size == [20] * 6
    store.close()
    assert whole(copy)


def test_lost_messages_leave_their_text(sample: Sample, copy: Path) -> None:
    data = (copy / NAME).read_bytes()
    pages = {at for page in sample.pages.values() for at in page}
    # Leaves of the table `message` have its tag; texts stand on other pages.
    gone = next(
        at for at in sorted(pages) if b"cd.msg" in data[at * PAGE : (at + 1) * PAGE] and data[at * PAGE] == 13
    )
    hit(copy, gone * PAGE, bytes(PAGE))
    store = Store.open(copy)
    assert "lost their place" in store.report.lost
    texts = set()
    for entry in store.entries():
        texts |= {message.text for message in store.load(entry.id).conversation.messages.values()}
    assert texts == set(sample.texts.values())
    assert store.entries()[-1].title == salvage.TITLE
    store.close()
    assert whole(copy)


def test_a_text_that_is_cut_keeps_its_beginning(folder: Path) -> None:
    store = Store.open(folder)
    text = " ".join(str(number) for number in range(20_000))
    store.create(Conversation(id="c"))
    store.add_message("c", told("m", text), None)
    store.close()
    data = (folder / NAME).read_bytes()
    hit(folder, data.index(b" 9000 ") // PAGE * PAGE, bytes(PAGE))
    hit(folder, 0, b"X")
    store = Store.open(folder)
    found = store.load("c").conversation.messages["m"].text
    assert store.report.lost == "1 text is cut short"
    assert len(found) > 40_000
    assert text.startswith(found)
    store.close()


def test_purged_conversations_stay_gone(copy: Path) -> None:
    store = Store.open(copy)
    store.delete(["conversation0001", "conversation0003"])
    assert store.purge(1e12) == 2
    store.close()
    hit(copy, 0, bytes(PAGE))
    store = Store.open(copy)
    assert store.report.messages == 80
    assert {entry.id[-1] for entry in store.entries()} == {"0", "2", "4", "5"}
    store.close()


# ---- steps --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", range(10))
def test_a_kill_between_any_two_steps_loses_nothing(
    sample: Sample, copy: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Each sync and rename of a recovery in turn is the one before which the process dies."""
    hit(copy, 0, bytes(PAGE))
    (copy / LOG).write_bytes(b"")
    steps = iter(range(100))

    class Killed(BaseException):
        pass

    def counted(real):
        def call(*arguments):
            if next(steps) == step:
                raise Killed
            return real(*arguments)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(recovery, "_sync", counted(recovery._sync))
        patch.setattr(Path, "replace", counted(Path.replace))
        try:
            Store.open(copy).close()
            done = True
        except Killed:
            done = False
    assert done == (step >= 8)
    store = Store.open(copy)
    found = {one for entry in store.entries() for one in store.load(entry.id).conversation.messages}
    assert found == set(sample.texts)
    store.close()
    asides = [path for path in copy.iterdir() if path.name.startswith("damaged-")]
    assert sum((path / NAME).exists() for path in asides) == 1
    assert whole(copy)


def test_no_room_to_recover_leaves_the_damaged_file(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hit(copy, 0, b"X")
    before = (copy / NAME).read_bytes()

    def full(con: sqlite3.Connection) -> list[tuple[int, str, str, str]]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(salvage, "_mend", full)
        with pytest.raises(DiskFullError):
            Store.open(copy)
    assert (copy / NAME).read_bytes() == before
    store = Store.open(copy)
    assert store.report.recovered
    store.close()


def test_nothing_of_ours_is_set_aside_and_begun_anew(folder: Path) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"not a database " * 1000)
    store = Store.open(folder)
    assert (store.report.recovered, store.report.messages, store.entries()) == (True, 0, [])
    assert store.report.set_aside is not None
    assert (store.report.set_aside / NAME).read_bytes() == b"not a database " * 1000
    store.create(
        Conversation(messages={"m": Message("m", "user", (TextPart("x"),))}, parents={"m": None}, leaf="m")
    )
    store.close()
