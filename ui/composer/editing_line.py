"""The slim line over the text that says which message is being edited."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWidget

from app.language import mark, tr
from ui.elided_label import ElidedLabel
from ui.theme import SPACE, ThemeManager

QUESTION = mark("Editing your question — sending it makes a new branch")
ANSWER = mark("Editing the answer — saving keeps the old one as a version")
WAITING = mark("Editing — documents that you add now wait for your next question")
_ICON = 14


class EditingLine(QFrame):
    """Hidden until something is edited."""

    closed = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editing_line")
        self._theme = theme
        self._icon = QLabel(self)
        self._icon.setFixedSize(_ICON, _ICON)
        self.label = ElidedLabel("", self)
        self.label.setObjectName("editing_text")
        self.label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.label.setProperty("role", "meta")
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("editing_close")
        self.close_button.setAccessibleName(tr("Cancel editing"))
        self.close_button.setToolTip(tr("Cancel editing (Esc)"))
        self.close_button.setIconSize(QSize(_ICON, _ICON))
        self.close_button.clicked.connect(self.closed)
        self.cost = ElidedLabel("", self)
        self.cost.setObjectName("editing_cost")
        self.cost.setProperty("role", "meta")
        self.cost.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE[0], 0, 0, 0)
        grid.setHorizontalSpacing(SPACE[1])
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._icon, 0, 0)
        grid.addWidget(self.label, 0, 1)
        grid.addWidget(self.close_button, 0, 2)
        grid.addWidget(self.cost, 1, 1)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def show_for(self, answer: bool) -> None:
        """Say what is edited."""
        self.label.setText(tr(ANSWER) if answer else tr(QUESTION))
        self.setAccessibleName(self.label.text())
        self.set_cost("")
        self.show()

    @Slot(object)
    def on_documents_added(self, _paths: list[str]) -> None:
        """Their chips can't be seen now, and they don't go with what is edited."""
        self.label.setText(tr(WAITING))
        self.setAccessibleName(tr(WAITING))

    @Slot(str)
    def set_cost(self, text: str) -> None:
        """Say what sending it will read; nothing for an empty text."""
        self.cost.setText(text)
        self.cost.setVisible(bool(text))
        self.setAccessibleDescription(text)

    @Slot()
    def _on_theme(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("edit", "muted", _ICON, self.devicePixelRatioF()))
        self.close_button.setIcon(self._theme.icon("close", "muted", _ICON))
