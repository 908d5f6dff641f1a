"""Says above the composer that the context has too little room, and offers what helps."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.language import tr
from ui import words
from ui.composer.queue_bar import ElidedButton
from ui.composer.room_offer import Choice, RoomOffer
from ui.notices import LEVELS
from ui.theme import SPACE, ThemeManager

_ICON = 18
_CLOSE = 16
_TONES = {"warning": "warning", "error": "danger"}


class RoomBar(QFrame):
    """Hidden while there is room. The buttons share a row and give way where it is narrow.

    Signals:
        chosen: id of a choice.
        dismissed: the person wants to hear no more of it.
    """

    chosen = Signal(str)
    dismissed = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("room_bar")
        self._theme = theme
        self._offer: RoomOffer | None = None
        self._icon = QLabel(self)
        self._icon.setFixedSize(_ICON, _CLOSE + SPACE[1])
        self.text = QLabel(self)
        self.text.setObjectName("room_text")
        self.text.setWordWrap(True)
        self.text.setMinimumHeight(_CLOSE + SPACE[1])  # one line stands in the middle of the icons' row
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("room_close")
        self.close_button.setAccessibleName(tr("Close this notice"))
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setIconSize(QSize(_CLOSE, _CLOSE))
        self.close_button.clicked.connect(self.dismissed)
        self._buttons: list[ElidedButton] = []
        head = QHBoxLayout()
        head.setSpacing(SPACE[1])
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.text, 1, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACE[1])
        self._row.setContentsMargins(_ICON + SPACE[1], 0, 0, 0)
        self._row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[2], SPACE[1], SPACE[1], SPACE[1])
        box.setSpacing(SPACE[1])
        box.addLayout(head)
        box.addLayout(self._row)
        theme.changed.connect(self._recolour)
        self.hide()

    @Slot(object)
    def set_offer(self, offer: RoomOffer | None) -> None:
        """Show an offer; None hides it. A button that stays keeps the focus."""
        if offer == self._offer:
            return
        before, self._offer = self._offer, offer
        if offer is None:
            self.hide()
            return
        self.text.setText(offer.text)
        self.setAccessibleName(f"{tr(LEVELS[offer.tone])}: {offer.text}")
        self.setProperty("notice", offer.tone)
        self.style().polish(self)  # first: the buttons' size depends on it
        if before is None or before.choices != offer.choices:
            self._make_buttons(offer.choices)
        self._recolour()
        self.show()

    def buttons(self) -> list[ElidedButton]:
        """The choices, the best first."""
        return list(self._buttons)

    def _make_buttons(self, choices: tuple[Choice, ...]) -> None:
        focused = next((button.objectName() for button in self._buttons if button.hasFocus()), "")
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(choice) for choice in choices]
        for at, button in enumerate(self._buttons):
            self._row.insertWidget(at, button)
            if button.objectName() == focused:
                button.setFocus(Qt.FocusReason.OtherFocusReason)
        stops = [*self._buttons, self.close_button]
        for first, second in itertools.pairwise(stops):
            QWidget.setTabOrder(first, second)

    def _button(self, choice: Choice) -> ElidedButton:
        button = ElidedButton(self)
        button.setObjectName(f"room_{choice.id}")
        button.set_plain(choice.label)
        button.ensurePolished()
        button.setMaximumWidth(button.sizeHint().width())
        button.setAccessibleName(choice.label)
        button.setAccessibleDescription(choice.hint)
        button.setToolTip(words.tip(choice.hint or choice.label))
        button.setProperty("choice", choice.id)
        button.clicked.connect(self._on_clicked)
        return button

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(str(self.sender().property("choice")))

    @Slot()
    def _recolour(self) -> None:
        tone = _TONES[self._offer.tone] if self._offer is not None else "warning"
        self._icon.setPixmap(self._theme.pixmap("warning", tone, _ICON, self.devicePixelRatioF()))
        self.close_button.setIcon(self._theme.icon("close", "muted", _CLOSE))
