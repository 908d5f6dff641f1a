"""Which quantization is loaded, which are here and which can be had: the table, without the buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.engine.values import ModelInfo
from app.language import tr
from ui import words
from ui.models.tree import ModelsTree
from ui.theme import SPACE, ThemeManager

_HEIGHT = 380  # px


class QuantizationOverview(QWidget):
    """A row that is activated, or the button, leads to the Models window. Setters emit nothing.

    Signals:
        opened: it is seen, and wants to be up to date.
        chosen: the key of a row that was activated.
    """

    opened = Signal()
    chosen = Signal(str)
    models_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quantization_overview")
        self.setAccessibleName(tr("Model and quantization"))
        self.setAccessibleDescription(tr("Installed models, downloads, what fits"))
        self.title, self.why = QLabel(self), QLabel(self)
        for label, role in ((self.title, ""), (self.why, "meta")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setProperty("role", role)
        self.tree = ModelsTree(theme, self)
        self.tree.setAccessibleName(tr("Quantizations"))
        self.tree.setMinimumHeight(_HEIGHT)
        self.button = QPushButton(tr("Choose or get a model…"), self)
        self.button.setObjectName("open_models")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.models_requested)
        self.tree.row_activated.connect(self.chosen)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[1])
        for widget in (self.title, self.why, self.tree):
            box.addWidget(widget)
        box.addLayout(foot)
        self.set_model(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit()

    @Slot(object)
    def set_model(self, info: ModelInfo | None) -> None:
        """The model that is loaded, or None."""
        self.title.setText(words.shown_title(words.model_label(info)) if info else tr("No model is loaded"))
        if info is None:
            self.set_why("")

    @Slot(str)
    def set_why(self, why: str) -> None:
        """How it fits, in a sentence."""
        self.why.setText(why)
        self.why.setVisible(bool(why))
