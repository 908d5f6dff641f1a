from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from pytestqt.modeltest import ModelTester

from app.chat.library import Entry, Hit
from tests.ui.sidebar.conftest import HITS, NOW, ago, entry
from ui.sidebar.contents import Row, Section
from ui.sidebar.dates import Calendar
from ui.sidebar.model import MIME, RowModel, dragged

DELETED = entry("gone", deleted=ago(days=10))


@pytest.fixture
def model(qapp: object) -> RowModel:
    made = RowModel(Calendar(NOW.timestamp()))
    made.set_rows([Section("today", "Today", 2), entry("a"), entry("b", title="  two\nlines "), DELETED])
    return made


def test_qt_s_own_check_of_models(model: RowModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Section("folder:f", "Work", 3, folder="f"), "Folder Work, 3 conversations, open"),
        (Section("today", "Today", 1, folded=True), "Today, 1 conversation, closed"),
        (entry("a"), "A"),
        (entry("b", pinned=True), "B, pinned, being answered, shown"),
        (entry("c", title=""), "Untitled"),
        (DELETED, "Gone, 20 days left"),
        (HITS[0], "Cache, 14:00"),
        (HITS[1], "Rust, why a cache is read, Yesterday"),
        (Hit("x", "X", "an x", (), "m", archived=True), "X, archived, an x"),
    ],
)
def test_what_a_screen_reader_says(model: RowModel, row: Row, text: str) -> None:
    model.working, model.current = frozenset({"b"}), "b"
    model.set_rows([row])
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == text


def test_titles_are_one_line(model: RowModel) -> None:
    assert model.data(model.index(2)) == "two lines"


def test_headings_cannot_be_selected_nor_deleted_ones_dragged(model: RowModel) -> None:
    flags = [model.flags(model.index(row)) for row in range(4)]
    assert [bool(one & Qt.ItemFlag.ItemIsSelectable) for one in flags] == [False, True, True, True]
    assert [bool(one & Qt.ItemFlag.ItemIsDragEnabled) for one in flags] == [False, True, True, False]


def test_new_texts_do_not_make_the_list_anew(model: RowModel) -> None:
    rows = list(model.rows)
    rows[1] = Entry("a", "Another name", 0.0, 0.0)
    assert not model.set_rows(rows)
    assert model.data(model.index(1)) == "Another name"
    assert model.set_rows(rows[:2])
    assert [model.place(key) for key in ("s:today", "c:a", "c:b")] == [0, 1, -1]


def test_what_is_dragged(model: RowModel) -> None:
    data = model.mimeData([model.index(2), model.index(0), model.index(1)])
    assert dragged(data) == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"{}", b"3", b"[3]", b"\xff"])
def test_what_others_drag_is_nothing(content: bytes) -> None:
    data = QMimeData()
    data.setData(MIME, content)
    assert dragged(data) == []
