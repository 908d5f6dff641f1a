"""The slim bar at the top right of the conversation in which words are looked for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget

from app.language import tr
from app.render.search import Wanted
from ui.chat.view import ChatView
from ui.find_line import FindLine
from ui.theme import SPACE, ThemeManager

WIDTH: Final = 440  # px
_SELECTED: Final = 200  # characters of a selection that are taken as what to look for


class FindBar(QFrame):
    """Stands above the conversation; hidden until `open`. Esc gives the keyboard back to where it was."""

    def __init__(self, theme: ThemeManager, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_find")
        self.setAccessibleName(tr("Find in this chat"))
        self._view, self._finder = view, view.finder
        self._before: QWidget | None = None
        self.line = FindLine(theme, self, tr("Find in this chat"), options=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[1], SPACE[0], SPACE[0], SPACE[0])
        row.addWidget(self.line)
        self.line.show()
        self.line.changed.connect(self._on_changed)
        self.line.stepped.connect(self._finder.step)
        self.line.closed.connect(self.close_bar)
        self._finder.counted.connect(self._on_counted)
        self._finder.left.connect(self.close_bar)
        view.installEventFilter(self)
        self.hide()

    @Slot()
    def open(self) -> None:
        """Open it, ready to be typed into; a short selection is what to look for."""
        if not self._view.model.messages:
            return
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused):
            self._before = focused
        selected = self._view.doings.selected_line(_SELECTED)
        if selected:
            self.line.field.setText(selected)
        self._make_room(self.sizeHint().height() + 2 * SPACE[0])
        self._place()
        self.show()
        self.raise_()
        self.line.open()
        self._search()

    @Slot()
    def close_bar(self) -> None:
        """Nothing is looked for any more; the place in the conversation stays."""
        if self.isHidden():
            return
        had = self.isAncestorOf(QApplication.focusWidget()) if QApplication.focusWidget() else False
        self.hide()
        self._make_room(0)
        self._finder.search(Wanted(""))
        before, self._before = self._before, None
        if had:
            there = before is not None and before.isVisible() and before.isEnabled()
            (before if there and before is not None else self._view).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def step_forward(self) -> None:
        self._step(True)

    @Slot()
    def step_back(self) -> None:
        self._step(False)

    def _step(self, forward: bool) -> None:
        if self.isHidden():
            self.open()
        else:
            self._finder.step(forward)

    def _search(self) -> None:
        line = self.line
        self._finder.search(Wanted(line.field.text(), line.case.isChecked(), line.words.isChecked()))
        self._on_counted()

    @Slot(str)
    def _on_changed(self, _text: str) -> None:
        if not self.isHidden():
            self._search()

    @Slot()
    def _on_counted(self) -> None:
        self.line.show_count(self._finder.total, self._finder.whole, self._finder.full)
        self.line.show_number(self._finder.number)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _make_room(self, height: int) -> None:
        """So many px above the conversation, which stays where it is on the screen: the first question can be
        scrolled out from below the bar."""
        view = self._view
        change = height - view.viewportMargins().top()
        follows = view.placer.follow
        view.setViewportMargins(0, height, 0, 0)
        view.arrange()
        if change and not follows:
            view.placer.scroll_to(view.placer.value + change)
            view.arrange()

    def _place(self) -> None:
        """At the top right, beside the scroll bar."""
        bar = self._view.verticalScrollBar().sizeHint().width()
        room = self._view.width() - bar - 2 * SPACE[1]
        width = min(WIDTH, room)
        self.setGeometry(
            self._view.width() - bar - SPACE[1] - width, SPACE[0], width, self.sizeHint().height()
        )
