"""Notices above the conversation: what happened, what is safe, what to do. Never modal."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import tr
from ui import words
from ui.announce import announce
from ui.notices import LEVELS, Notice
from ui.theme import SPACE, ThemeManager

_TONES = {"info": "muted", "warning": "warning", "error": "danger"}
#: So many notices of a kind stay up. Errors are counted by themselves: nothing else pushes them out.
_MOST = 3
_MOST_ERRORS = 6
_LONGEST = 1000  # characters of a text; more is no notice
#: Beside its buttons a text has at least so many px, or they stand below it.
_TEXT_LEAST = 320
_CLOSE = 16


class NoticeCard(QFrame):
    """One notice, with its action, its details and a way to close it."""

    acted = Signal(str)
    closed = Signal(str)
    resized = Signal()  # its details were opened or folded

    def __init__(self, notice: Notice, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice, self._theme = notice, theme
        self.setObjectName(f"notice_{notice.key}")
        self.setAccessibleName(f"{tr(LEVELS[notice.level])}: {words.shown_line(notice.text, _LONGEST)}")
        self.setProperty("notice", notice.level)
        self._icon = QLabel(self)
        self._icon.setAccessibleName(tr(LEVELS[notice.level]))
        text = QLabel(words.breakable(words.shown_line(notice.text, _LONGEST)), self)
        text.setObjectName("notice_text")
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self._buttons = self._make_buttons()
        row.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._box = box = QVBoxLayout(self)
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

    def _make_buttons(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        if self.notice.details:
            more = self._push(row, "notice_more", tr("Details"))
            more.setCheckable(True)
            more.toggled.connect(self._on_details)
            self._push(row, "notice_copy", tr("Copy")).clicked.connect(self._on_copy)
        if self.notice.action:
            act = self._push(row, "notice_action", self.notice.action_label)
            act.setAccessibleDescription(self.notice.text)
            act.clicked.connect(self._on_act)
        holder.setVisible(bool(row.count()))
        self._close = QToolButton(self)
        self._close.setObjectName("notice_close")
        self._close.setAccessibleName(tr("Close this notice"))
        self._close.setToolTip(tr("Close"))
        self._close.setIconSize(QSize(_CLOSE, _CLOSE))
        self._close.clicked.connect(self._on_close)
        return holder

    def _push(self, row: QHBoxLayout, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        row.addWidget(button)
        return button

    def height_in(self, width: int) -> int:
        """Its height in px at that width, after the buttons went to where they have room."""
        buttons = self._buttons.sizeHint().width() if not self._buttons.isHidden() else 0
        narrow = bool(buttons) and width - buttons < _TEXT_LEAST
        if narrow and self._box.indexOf(self._buttons) < 0:
            self._row.removeWidget(self._buttons)
            self._box.insertWidget(1, self._buttons, 0, Qt.AlignmentFlag.AlignRight)
        elif not narrow and self._row.indexOf(self._buttons) < 0:
            self._box.removeWidget(self._buttons)
            self._row.insertWidget(2, self._buttons, 0, Qt.AlignmentFlag.AlignTop)
        self._box.invalidate()
        return self.heightForWidth(width)

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
        self.resized.emit()

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
    """The notices that are up, the newest first; it scrolls where they are higher than their room."""

    acted = Signal(str)
    dismissed = Signal(str)  # the key of one that the person closed, or whose button was used

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self.setAccessibleName(tr("Notices"))
        self._theme = theme
        self._cards: dict[str, NoticeCard] = {}
        self._room = 0
        inner = QWidget()
        inner.setObjectName("notices_inner")
        self._box = QVBoxLayout(inner)
        self._box.setContentsMargins(0, SPACE[1], 0, SPACE[1])
        self._box.setSpacing(SPACE[1])
        self._area = QScrollArea(self)
        self._area.setObjectName("notices_area")
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidgetResizable(True)
        self._area.setWidget(inner)
        theme.changed.connect(self._on_theme)
        self.hide()

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Put a notice up, in place of an older one with its key."""
        before = self._cards.get(notice.key)
        self.remove(notice.key)
        if before is None or before.notice.text != notice.text:
            announce(self, words.shown_line(notice.text, _LONGEST), urgent=notice.level != "info")
        card = NoticeCard(notice, self._theme, self)
        card.acted.connect(self.acted)
        card.closed.connect(self._on_closed)
        card.resized.connect(self._fit)
        self._cards[notice.key] = card
        self._box.insertWidget(0, card)
        self._order()
        errors = [key for key, one in self._cards.items() if one.notice.level == "error"]
        others = [key for key in self._cards if key not in errors]
        for key in errors[:-_MOST_ERRORS] + others[:-_MOST]:
            self.remove(key)
        self.show()
        card.show()
        self._fit()
        self._area.verticalScrollBar().setValue(0)

    def set_room(self, height: int) -> None:
        """Take no more than `height` px; 0 for as many as it needs."""
        self._room = height
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """As high as the notices are at this width, within the room."""
        height = self._height_in(self.width())
        scrolls = bool(self._room) and height > self._room
        if scrolls:
            self._height_in(self.width() - self._area.verticalScrollBar().sizeHint().width())
            height = self._room
        policy = Qt.ScrollBarPolicy
        # Left to itself the bar would stay once it is there: it makes the notices higher.
        self._area.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff
        )
        self.setFixedHeight(height)
        # No layout: while the bar is hidden it would not follow, nor would a resize event come.
        self._area.setGeometry(0, 0, self.width(), height)

    def _height_in(self, width: int) -> int:
        heights = [card.height_in(width) for card in self._cards.values()]
        return sum(heights) + SPACE[1] * (len(heights) + 1)

    def _order(self) -> None:
        """Let the Tab key go down the notices as they are seen, from the newest."""
        stops = [stop for card in reversed(self._cards.values()) for stop in card.stops()]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    @Slot(str)
    def _on_closed(self, key: str) -> None:
        self.remove(key)
        self.dismissed.emit(key)

    @Slot(str)
    def remove(self, key: str) -> None:
        """Take a notice down, if it is up."""
        card = self._cards.pop(key, None)
        if card is not None:
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
            self._fit()
        self.setVisible(bool(self._cards))

    @Slot()
    def _on_theme(self) -> None:
        for card in self._cards.values():
            card.recolour()
