"""Every key of the app in one table: the window makes its actions from it, the list shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from app.language import mark, tr

CHATS: Final = mark("Chats")
ANSWERS: Final = mark("Answers")
WRITING: Final = mark("Writing")
LISTS: Final = mark("Lists")
WINDOW: Final = mark("Window")
GROUPS: Final = (CHATS, ANSWERS, WRITING, LISTS, WINDOW)


@dataclass(frozen=True)
class Shortcut:
    """One line of the table.

    Attributes:
        id: stable name of the action.
        words: what it does, marked for translation; `spoken` is the action's text.
        keys: portable key sequence; Ctrl is Cmd on macOS.
        told: a widget handles the key itself, it is only listed.
        everywhere: it works in the dialogs, too.
        also: other keys for the same, which are not listed.
    """

    id: str
    words: str
    keys: str
    group: str
    told: bool = False
    everywhere: bool = False
    also: tuple[str, ...] = ()

    @property
    def object_name(self) -> str:
        """The object name of the action."""
        return f"action_{self.id}"

    @property
    def spoken(self) -> str:
        """What it does, in the language of the window."""
        return tr(self.words)

    @property
    def sequence(self) -> QKeySequence:
        return _sequence(self.keys)

    @property
    def sequences(self) -> list[QKeySequence]:
        """All keys that do it, the listed ones first."""
        return [_sequence(keys) for keys in (self.keys, *self.also)]

    @property
    def text(self) -> str:
        """The keys as this system writes them."""
        return self.sequence.toString(QKeySequence.SequenceFormat.NativeText)


def _sequence(keys: str) -> QKeySequence:
    return QKeySequence.fromString(keys, QKeySequence.SequenceFormat.PortableText)


SHORTCUTS: Final = (
    Shortcut("new_chat", mark("New chat"), "Ctrl+N", CHATS),
    Shortcut("new_temporary", mark("New temporary chat"), "Ctrl+Shift+N", CHATS),
    Shortcut("search", mark("Search in all chats"), "Ctrl+Shift+F", CHATS),
    Shortcut("find", mark("Find in this chat"), "Ctrl+F", CHATS),
    Shortcut("find_next", mark("Next match"), "F3", CHATS, also=("Ctrl+G",)),
    Shortcut("find_previous", mark("Previous match"), "Shift+F3", CHATS, also=("Ctrl+Shift+G",)),
    Shortcut("previous_chat", mark("Previous chat"), "Ctrl+PgUp", CHATS),
    Shortcut("next_chat", mark("Next chat"), "Ctrl+PgDown", CHATS),
    Shortcut("rename_chat", mark("Rename this chat"), "F2", CHATS),
    Shortcut("archive_chat", mark("Archive this chat"), "Ctrl+Shift+E", CHATS),
    Shortcut("export_chat", mark("Export this chat…"), "Ctrl+E", CHATS),
    Shortcut("import_chats", mark("Import chats from a file…"), "Ctrl+Shift+I", CHATS),
    Shortcut("delete_chat", mark("Delete this chat"), "Ctrl+Shift+Del", CHATS),
    Shortcut("undo_delete", mark("Undo the last deletion"), "Ctrl+Shift+Y", CHATS),
    Shortcut("chat_settings", mark("Settings of this chat"), "Ctrl+Shift+P", CHATS),
    Shortcut("regenerate", mark("Answer again"), "Ctrl+R", ANSWERS),
    Shortcut("continue_answer", mark("Continue the answer"), "Ctrl+Shift+R", ANSWERS),
    Shortcut("copy_answer", mark("Copy the last answer"), "Ctrl+Shift+C", ANSWERS),
    Shortcut("copy_code", mark("Copy the last code block"), "Ctrl+Shift+K", ANSWERS),
    Shortcut("copy_conversation", mark("Copy the whole chat"), "Ctrl+Shift+A", ANSWERS),
    Shortcut(
        "read_rows", mark("Go on paragraph by paragraph, in the conversation"), "Alt+Down", ANSWERS, told=True
    ),
    Shortcut(
        "read_messages",
        mark("Go on message by message, in the conversation"),
        "Alt+PgDown",
        ANSWERS,
        told=True,
    ),
    Shortcut("copy_plain", mark("Copy the selection as plain text"), "Ctrl+Alt+C", ANSWERS, told=True),
    Shortcut("send", mark("Send"), "Return", WRITING, told=True),
    Shortcut("break_line", mark("New line"), "Shift+Return", WRITING, told=True),
    Shortcut("stop", mark("Stop the answer, or cancel editing"), "Esc", WRITING, told=True),
    Shortcut("edit_last", mark("Edit your last question, in an empty field"), "Up", WRITING, told=True),
    Shortcut("attach_files", mark("Attach files…"), "Ctrl+U", WRITING),
    Shortcut("attach_folder", mark("Attach a folder…"), "Ctrl+Shift+U", WRITING),
    Shortcut("snippets", mark("Put in a snippet, at the start of the text"), "/", WRITING, told=True),
    Shortcut("next_field", mark("Go to the next control"), "Tab", WRITING, told=True),
    Shortcut("remove_entry", mark("Remove the chosen entry"), "Del", LISTS, told=True),
    Shortcut("rename_entry", mark("Rename the chosen entry"), "F2", LISTS, told=True),
    Shortcut("focus_composer", mark("Go to the text field"), "Ctrl+L", WINDOW),
    Shortcut("focus_chat", mark("Go to the conversation"), "Ctrl+J", WINDOW),
    Shortcut("focus_sidebar", mark("Go to the list of chats"), "Ctrl+Shift+L", WINDOW),
    Shortcut("toggle_sidebar", mark("Show or hide the sidebar"), "Ctrl+B", WINDOW),
    Shortcut("models", mark("Models: choose one, or get one"), "Ctrl+Shift+O", WINDOW),
    Shortcut("open_model", mark("Open a model file…"), "Ctrl+O", WINDOW),
    Shortcut("settings", mark("Settings"), "Ctrl+,", WINDOW),
    Shortcut(
        "reading_memory", mark("Reading memory: RAM and disk for what was read"), "Ctrl+Shift+M", WINDOW
    ),
    Shortcut(
        "switch_theme",
        mark("Switch colours: the system's, light, dark, high contrast"),
        "Ctrl+Shift+D",
        WINDOW,
        everywhere=True,
    ),
    Shortcut("zoom_in", mark("Larger text"), "Ctrl++", WINDOW, also=("Ctrl+=",), everywhere=True),
    Shortcut("zoom_out", mark("Smaller text"), "Ctrl+-", WINDOW, everywhere=True),
    Shortcut("zoom_reset", mark("Text in its normal size"), "Ctrl+0", WINDOW, everywhere=True),
    Shortcut("palette", mark("Find a command or a chat"), "Ctrl+K", WINDOW),
    Shortcut("shortcuts", mark("Keyboard shortcuts"), "Ctrl+/", WINDOW),
    Shortcut("quit", mark("Quit"), "Ctrl+Q", WINDOW),
)
BY_ID: Final = {shortcut.id: shortcut for shortcut in SHORTCUTS}
#: What the window makes actions of.
ACTIONS: Final = tuple(shortcut for shortcut in SHORTCUTS if not shortcut.told)

_MODIFIERS: Final = (
    (Qt.KeyboardModifier.MetaModifier, Qt.Modifier.META),
    (Qt.KeyboardModifier.ControlModifier, Qt.Modifier.CTRL),
    (Qt.KeyboardModifier.AltModifier, Qt.Modifier.ALT),
    (Qt.KeyboardModifier.ShiftModifier, Qt.Modifier.SHIFT),
)


def key_caps(sequence: QKeySequence) -> list[str]:
    """The keys of a sequence one by one, as this system names them: ["Ctrl", "Shift", "N"]."""
    caps = []
    for number in range(sequence.count()):
        combination = sequence[number]
        held = combination.keyboardModifiers()
        caps += [_modifier_name(modifier) for flag, modifier in _MODIFIERS if held & flag]
        name = QKeySequence(combination.key()).toString(QKeySequence.SequenceFormat.NativeText)
        caps.append(tr("Enter") if name == "Return" else name)
    return caps


def _modifier_name(modifier: Qt.Modifier) -> str:
    # Qt names a modifier only together with a key: "Ctrl+A" here, "⌘A" on macOS.
    both = QKeySequence(int(modifier.value) | int(Qt.Key.Key_A))
    return both.toString(QKeySequence.SequenceFormat.NativeText).removesuffix("A").removesuffix("+")
