"""The window in the pseudo language: what it says that is not translated, and what has no room.

    CASCADE_LANGUAGE=pseudo QT_QPA_PLATFORM=offscreen python -m tests.e2e.pseudo_walk MODEL FOLDER

Prints one JSON object: `untranslated` and `clipped` (lists of str), and `seen`, how many texts there were.
A process of its own, since nothing of a window may be built before its language is chosen.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from app.chat.library import Entry
from app.chat.parts import Message
from app.paths import Paths
from ui.application import Application
from ui.chat.menu import build_menu
from ui.chat.message import FOOTER, Ref
from ui.composer.attached import Attached
from ui.documents.viewer import DocumentViewer
from ui.elided_button import ElidedToolButton
from ui.elided_label import ElidedLabel
from ui.notices import Notice
from ui.palette.overlay import PaletteOverlay
from ui.sidebar.contents import Section
from ui.sidebar.menus import conversation_menu, folder_menu
from ui.speaking import names_of_languages

WAIT_S = 60.0
QUESTION = "Ω Ψ Φ"
#: Letters that the pseudo language accents: a word that has one of them as it is was not translated.
PLAIN = set("AEIOUYaeiouycnszCNSZ")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: What no language translates: names of the program, of models and formats, of tests and of keys.
NAMES = {
    *("Cascade", "Desk", "Nemotron", "NVIDIA", "nvidia", "bartowski", "SmolLM", "Instruct", "XS", "IQ", "BF"),
    *("GGUF", "AIME", "ArenaHard", "GPQA", "Diamond", "HMMT", "Feb", "IFBench", "IOI", "LiveCodeBench"),
    *("MMLU", "Pro", "SWE", "bench", "Verified", "Open", "Model", "License", "Python", "Apache"),
    *("Ctrl", "Shift", "Alt", "Esc", "Del", "PgUp", "PgDown", "Up", "Down", "Tab", "Space"),
    *("owner", "https", "http", "huggingface", "co", "proxy", "example", "hf", "English", "RAM", "VRAM"),
}
#: px beside the text of a spin box or a combo box.
_FRAME = 24
PANELS = ("settings", "models", "shortcuts", "reading_memory", "export_chat")
Text = QAccessible.Text


class Walk:
    """Looks at windows, and keeps what is wrong with them."""

    def __init__(self, own: str) -> None:
        """`own`: what is the test's, as the names of its files."""
        self.untranslated: list[str] = []
        self.clipped: list[str] = []
        # a language is called by its own name everywhere
        languages = " ".join(name for _code, name in names_of_languages())
        self.known = NAMES | set(WORD.findall(f"{own} {languages}"))
        self.seen = 0

    def said(self, text: str, where: str) -> None:
        """A text that a person reads."""
        self.seen += bool(text.strip())
        left = [word for word in WORD.findall(re.sub(r"<[^<>]*>|[&\u200b]", "", text)) if PLAIN & set(word)]
        if any(word not in self.known for word in left if len(word) > 1):
            self.untranslated.append(f"{text!r} in {where}")

    def menu(self, menu: QMenu) -> None:
        self.said(menu.accessibleName(), menu.objectName())
        for action in menu.actions():
            self.said(action.text(), menu.objectName())
            if menu.toolTipsVisible():
                self.said(action.toolTip(), menu.objectName())
            if action.menu() is not None and action.menu() is not menu:
                self.menu(action.menu())

    def window(self, top: QWidget, room: QWidget | None = None) -> None:
        """Everything that is visible in a window; what is in `room`, if not all, has to have room."""
        for _pass in range(3):  # a layout may ask for another one
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # a number may have grown
        self.said(top.windowTitle(), top.objectName())
        for widget in (top, *top.findChildren(QWidget)):
            if widget.isVisible() and widget.window() is top:
                self._widget(widget)
                inside = room is None or room.isAncestorOf(widget)
                if inside and _is_clipped(widget):
                    self.clipped.append(f"{_where(widget)}: {widget.width()}, {_needed(widget)} needed")
        for node in _nodes(QAccessible.queryAccessibleInterface(top)):
            # A paragraph is the model's or the person's.
            if not node.state().invisible and node.role() is not QAccessible.Role.Paragraph:
                for kind in (Text.Name, Text.Description):
                    self.said(node.text(kind), f"{node.role().name} of {top.objectName()}")

    def _widget(self, widget: QWidget) -> None:
        where = _where(widget)
        self.said(widget.toolTip(), f"tool tip of {where}")
        if isinstance(widget, QLabel | QAbstractButton):
            self.said(widget.text(), where)
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            self.said(widget.placeholderText(), f"placeholder of {where}")
        if isinstance(widget, QComboBox):
            for row in range(widget.count()):
                self.said(widget.itemText(row), f"list of {where}")
        if isinstance(widget, QAbstractItemView):
            model = widget.model()
            for row in range(model.rowCount()):
                self.said(str(model.index(row, 0).data() or ""), f"row of {where}")


def _is_clipped(widget: QWidget) -> bool:
    if isinstance(widget, ElidedLabel | ElidedToolButton) or widget.visibleRegion().isEmpty():
        return False
    if _is_cut_off(widget):
        return True
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + 1
    if isinstance(widget, QLabel):
        return bool(widget.text()) and widget.sizeHint().width() > widget.width() + 1
    if isinstance(widget, QAbstractButton):
        return bool(widget.text()) and _needed(widget) > widget.width() + 1
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        return _needed(widget) > widget.width()
    if isinstance(widget, QLineEdit):
        return bool(widget.placeholderText()) and not widget.text() and _needed(widget) > widget.width()
    return False


def _is_cut_off(widget: QWidget) -> bool:
    """Whether it goes over the edge of an area that does not scroll to the side."""
    area = widget.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    if area is None or area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
        return False
    right = widget.mapTo(area, QPoint(widget.width(), 0)).x()
    return area.widget() is not widget and right > area.width() + 1


def _needed(widget: QWidget) -> int:
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        return QFontMetrics(widget.font()).horizontalAdvance(text) + _FRAME
    if isinstance(widget, QLineEdit):
        return QFontMetrics(widget.font()).horizontalAdvance(widget.placeholderText())
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width())
    return widget.sizeHint().width()


def _where(widget: QWidget | None) -> str:
    found = []
    while widget is not None and len(found) < 4:
        found.append(widget.objectName() or type(widget).__name__)
        widget = widget.parentWidget()
    return " < ".join(found)


def _nodes(node: QAccessibleInterface | None) -> Iterator[QAccessibleInterface]:
    if node is None:
        return
    yield node
    for number in range(node.childCount()):
        yield from _nodes(node.child(number))


def until(condition: Callable[[], bool]) -> None:
    """Run the event loop until it holds."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(condition)
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def look(application: Application, walk: Walk, folder: Path) -> None:
    """Go through the window, its panels, dialogs and menus."""
    window = application.window
    until(window.isVisible)
    walk.window(window)  # while the model is loaded
    until(lambda: application.models.info is not None)
    walk.window(window)
    attach(application, folder)
    walk.window(window)
    ask(application, walk)
    notice = Notice("one", "Ω.", "error", "retry_model", "Ω", "Ω")
    window.notices.show_notice(notice)
    window.actions_by_id["find"].trigger()
    window.actions_by_id["chat_settings"].trigger()
    until(window.settings.isVisible)
    walk.window(window, window.settings)  # beside it the composer is narrower than usual
    window.settings._on_close()
    window.actions_by_id["palette"].trigger()
    walk.window(window)
    window.findChild(PaletteOverlay).hide()
    menus(application, walk)
    dialogs(application, walk)
    sidebar(application, walk)


def attach(application: Application, folder: Path) -> None:
    """A document, and the window that shows its text."""
    kept: list[Attached] = []
    application.attachments.changed.connect(lambda chips: kept.__setitem__(slice(None), chips))
    path = folder / "Ω.txt"
    path.write_text("Ω " * 50, encoding="utf-8")
    application.attachments.add_paths([str(path)])
    until(lambda: [chip.state for chip in kept] == ["ready"])
    application.attachments.open(kept[0].id)
    until(lambda: application.window.findChild(DocumentViewer) is not None)
    application.window.findChild(DocumentViewer).open_find()


def ask(application: Application, walk: Walk) -> None:
    """A question with its answer, whose words are the model's own."""
    ended: list[Message] = []
    application.turns.finished.connect(lambda exchange: ended.append(exchange.answer))
    shown: list[object] = []
    application.messages.message_added.connect(shown.append)
    application.window.composer.edit.setPlainText(QUESTION)
    application.window.composer.button.click()
    until(lambda: len(shown) == 2)
    until(lambda: application.window.view.message_text(shown[-1].id, "reasoning") != "")
    application.window.composer.edit.setPlainText(QUESTION)
    application.window.composer.button.click()  # waits until the first is answered
    until(lambda: bool(application.turns.waiting()) and application.window.queue.isVisible())
    application.window.queue.line.setChecked(True)
    walk.window(application.window)
    answer = application.window.view.model.messages[1]
    until(lambda: _all_stopped(application) and bool(answer.sections[FOOTER].rows))
    for message in ended:
        walk.known |= set(WORD.findall(f"{message.text} {message.reasoning}"))
    for entry in application.library.entries:
        walk.known |= set(WORD.findall(entry.title))


def _all_stopped(application: Application) -> bool:
    """Stops what is under way, one answer after the other."""
    if application.turns.waiting():
        application.messages.stop()
    return not application.turns.waiting()


def menus(application: Application, walk: Walk) -> None:
    window = application.window
    for menu in window.findChildren(QMenu):
        walk.menu(menu)
    until(lambda: bool(application.library.entries))
    entry: Entry = application.library.entries[0]
    for made in (
        conversation_menu(window.sidebar, [entry]),
        conversation_menu(window.sidebar, [entry, entry]),
        folder_menu(window.sidebar, Section("one", "Ω", 1, False, "one")),
        build_menu(window.view, Ref(1, FOOTER, 0), None, "Ω"),
        window.composer.chips.make_menu(Attached("one", "Ω", "pdf", state="ready", pages=3)),
    ):
        walk.menu(made)
        made.deleteLater()


def sidebar(application: Application, walk: Walk) -> None:
    """Its other views, a search without hits, and a chat that is not saved."""
    window = application.window
    for name in ("view_archive", "view_deleted"):
        window.sidebar.findChild(QAbstractButton, name).click()
        walk.window(window)
    window.sidebar.search.setText("Ω Ω Ω")
    note = window.sidebar.findChild(QLabel, "sidebar_note")
    until(note.isVisible)
    walk.window(window)
    window.sidebar.search.clear()
    window.actions_by_id["new_temporary"].trigger()
    until(window.top_bar.badge.isVisible)
    walk.window(window)


def dialogs(application: Application, walk: Walk) -> None:
    window = application.window
    for name in PANELS:
        window.actions_by_id[name].trigger()
    settings = application.settings_dialog
    for top in QApplication.topLevelWidgets():
        if not top.isVisible() or top is window:
            continue
        for page in range(settings.list.count() if top is settings else 1):
            if top is settings:
                settings.list.setCurrentRow(page)
            walk.window(top)


def main(model: str, folder: str) -> int:
    qt = QApplication(sys.argv[:1])
    application = Application(qt, Paths.default(Path(folder) / "data"))
    application.start(model)
    walk = Walk(f"{model} {folder} data models")
    try:
        look(application, walk, Path(folder))
    finally:
        application.window.close()
        application.close()
    untranslated, clipped = sorted(set(walk.untranslated)), sorted(set(walk.clipped))
    sys.stdout.write(json.dumps({"untranslated": untranslated, "clipped": clipped, "seen": walk.seen}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
