from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from ui.shortcuts import ACTIONS, BY_ID, GROUPS, SHORTCUTS, Shortcut, key_caps

WANTED = {
    *("new_chat", "new_temporary", "open_model", "models", "search", "toggle_sidebar", "chat_settings"),
    *("focus_composer", "focus_chat", "focus_sidebar", "previous_chat", "next_chat", "rename_chat"),
    *("delete_chat", "archive_chat", "regenerate", "continue_answer", "copy_answer", "copy_code"),
    *("copy_conversation", "undo_delete", "shortcuts", "switch_theme", "reading_memory", "settings"),
    *("find", "find_next", "find_previous"),
    *("attach_files", "attach_folder", "quit", "export_chat", "import_chats"),
    *("zoom_in", "zoom_out", "zoom_reset", "palette"),
}
_TEXT_KEYS = [
    *("Copy", "Cut", "Paste", "Undo", "Redo", "SelectAll", "Delete", "DeleteStartOfWord"),
    *("DeleteEndOfWord", "DeleteEndOfLine", "DeleteCompleteLine", "MoveToNextWord", "MoveToPreviousWord"),
    *("MoveToStartOfDocument", "MoveToEndOfDocument", "MoveToStartOfLine", "MoveToEndOfLine"),
]


def test_the_table_has_every_action_once() -> None:
    assert {shortcut.id for shortcut in ACTIONS} == WANTED
    assert len(BY_ID) == len(SHORTCUTS)
    assert {shortcut.group for shortcut in SHORTCUTS} == set(GROUPS)


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda one: one.id)
def test_every_key_can_be_read(shortcut: Shortcut) -> None:
    assert shortcut.sequence.count() == 1
    assert shortcut.sequence[0].key() != Qt.Key.Key_unknown
    assert shortcut.text
    assert shortcut.words == shortcut.words.strip() != ""


def test_no_two_actions_share_a_key() -> None:
    counted = Counter(one.toString() for shortcut in ACTIONS for one in shortcut.sequences)
    assert [keys for keys, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("name", _TEXT_KEYS)
def test_no_action_takes_a_key_from_a_text_field(name: str) -> None:
    bound = QKeySequence.keyBindings(QKeySequence.StandardKey[name])
    taken = {sequence.toString() for sequence in bound}
    assert taken.isdisjoint(one.toString() for shortcut in ACTIONS for one in shortcut.sequences)


def test_keys_are_named_one_by_one() -> None:
    assert key_caps(BY_ID["new_temporary"].sequence) == ["Ctrl", "Shift", "N"]
    assert key_caps(BY_ID["shortcuts"].sequence) == ["Ctrl", "/"]
    assert key_caps(BY_ID["send"].sequence) == ["Enter"]
    assert key_caps(QKeySequence("Ctrl++")) == ["Ctrl", "+"]
    assert BY_ID["quit"].object_name == "action_quit"
