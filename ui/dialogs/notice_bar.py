"""Notices above the conversation: what happened, what is safe, what to do. Never modal."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.notices import Notice
from ui.theme import SPACE, ThemeManager

_TONES = {"info": "muted", "warning": "warning", "error": "danger"}
_MOST = 3


class NoticeCard(QFrame):
    """One notice, with its action, its details and a way to close it."""

    acted = Signal(str)
    closed = Signal(str)

    def __init__(self, notice: Notice, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice, self._theme = notice, theme
        self.setObjectName(f"notice_{notice.key}")
        self.setAccessibleName(f"{notice.level}: {notice.text}")
        self.setProperty("notice", notice.level)
        self._icon = QLabel(self)
        self._icon.setAccessibleName(notice.level)
        text = QLabel(notice.text, self)
        text.setObjectName("notice_text")
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self._add_buttons(row)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[2], SPACE[1], SPACE[1], SPACE[1])
        box.setSpacing(SPACE[1])
        box.addLayout(row)
        self._details = QLabel(notice.details, self)
        self._details.setObjectName("notice_details")
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details.setWordWrap(True)
        self._details.setFont(theme.font("code"))
        self._details.hide()
        box.addWidget(self._details)
        self.recolour()

    def _add_buttons(self, row: QHBoxLayout) -> None:
        if self.notice.details:
            self._more = QPushButton("Details", self)
            self._more.setObjectName("notice_more")
            self._more.setCheckable(True)
            self._more.toggled.connect(self._on_details)
            row.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
            copy = QPushButton("Copy", self)
            copy.setObjectName("notice_copy")
            copy.clicked.connect(self._on_copy)
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        if self.notice.action:
            act = QPushButton(self.notice.action_label, self)
            act.setObjectName("notice_action")
            act.setAccessibleDescription(self.notice.text)
            act.clicked.connect(self._on_act)
            row.addWidget(act, 0, Qt.AlignmentFlag.AlignTop)
        self._close = QToolButton(self)
        self._close.setObjectName("notice_close")
        self._close.setAccessibleName("Close this notice")
        self._close.setToolTip("Close")
        self._close.setIconSize(QSize(16, 16))
        self._close.clicked.connect(self._on_close)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def stops(self) -> list[QWidget]:
        """Its buttons, from left to right."""
        return [*self.findChildren(QPushButton), self._close]

    def recolour(self) -> None:
        """Take the icons from the theme again."""
        name = "info" if self.notice.level == "info" else "warning"
        icon = self._theme.icon(name, _TONES[self.notice.level], 18)
        self._icon.setPixmap(icon.pixmap(QSize(18, 18), self.devicePixelRatioF()))
        self._close.setIcon(self._theme.icon("close", "muted", 16))

    @Slot(bool)
    def _on_details(self, shown: bool) -> None:
        self._details.setVisible(shown)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.notice.text}\n\n{self.notice.details}")

    @Slot()
    def _on_act(self) -> None:
        self.acted.emit(self.notice.action)
        self.closed.emit(self.notice.key)

    @Slot()
    def _on_close(self) -> None:
        self.closed.emit(self.notice.key)


class NoticeBar(QWidget):
    """The notices that are up, the newest first."""

    acted = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self.setAccessibleName("Notices")
        self._theme = theme
        self._cards: dict[str, NoticeCard] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, SPACE[1], 0, SPACE[1])
        self._box.setSpacing(SPACE[1])
        theme.changed.connect(self._on_theme)
        self.hide()

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Put a notice up, in place of an older one with its key."""
        self.remove(notice.key)
        card = NoticeCard(notice, self._theme, self)
        card.acted.connect(self.acted)
        card.closed.connect(self.remove)
        self._cards[notice.key] = card
        self._box.insertWidget(0, card)
        self._order()
        for key in list(self._cards)[:-_MOST]:
            self.remove(key)
        self.show()
        card.show()

    def _order(self) -> None:
        """Let the Tab key go down the notices as they are seen, from the newest."""
        stops = [stop for card in reversed(self._cards.values()) for stop in card.stops()]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    @Slot(str)
    def remove(self, key: str) -> None:
        """Take a notice down, if it is up."""
        card = self._cards.pop(key, None)
        if card is not None:
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.setVisible(bool(self._cards))

    @Slot()
    def _on_theme(self) -> None:
        for card in self._cards.values():
            card.recolour()
