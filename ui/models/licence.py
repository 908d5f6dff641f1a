"""The licence of a model, to be read and accepted before its first download."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.language import mark, tr
from ui.elided_label import ElidedLabel
from ui.models.values import LicenceAsk
from ui.theme import SPACE, ThemeManager
from ui.words import breakable

_ONCE = mark("You are asked once for each licence.")
_NO_TEXT = mark("The repository holds no text of it. You can read it at the address below.")


class LicencePage(QWidget):
    """Stands in place of the list while a licence is asked for. Esc is "Not now".

    Signals:
        link_requested: the address that is shown, to be opened in a browser.
    """

    accepted = Signal()
    declined = Signal()
    again_requested = Signal()
    link_requested = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("licence_page")
        self.setAccessibleName(tr("Licence"))
        self.ask: LicenceAsk | None = None
        self.title = self._label("licence_title")
        self.title.setFont(theme.font("title"))
        self.about = self._label("licence_about", "muted")
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("licence_text")
        self.text.setAccessibleName(tr("Text of the licence"))
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.link = ElidedLabel("", self)
        self.link.setObjectName("licence_link")
        self.link.setProperty("role", "muted")
        self.link_button = self._button("licence_open", tr("Open in the browser"))
        self.again_button = self._button("licence_again", tr("Try again"))
        self.later_button = self._button("licence_later", tr("Not now"))
        self.accept_button = self._button("licence_accept", tr("Accept and download"))
        self.accept_button.setProperty("primary", True)
        self.link_button.clicked.connect(self._on_link)
        self.again_button.clicked.connect(self.again_requested)
        self.later_button.clicked.connect(self.declined)
        self.accept_button.clicked.connect(self.accepted)
        self._lay_out()

    def _label(self, name: str, role: str = "") -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        at_link = QHBoxLayout()
        at_link.setSpacing(SPACE[1])
        at_link.addWidget(self.link, 1)
        at_link.addWidget(self.link_button)
        below = QHBoxLayout()
        below.setSpacing(SPACE[1])
        below.addWidget(self.again_button)
        below.addStretch(1)
        below.addWidget(self.later_button)
        below.addWidget(self.accept_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[2])
        box.addWidget(self.title)
        box.addWidget(self.about)
        box.addWidget(self.text, 1)
        box.addLayout(at_link)
        box.addLayout(below)

    def set_ask(self, ask: LicenceAsk) -> None:
        """Show what is to be accepted; the first time the keyboard goes to the text."""
        before, self.ask = self.ask, ask
        reading = ask.state == "reading"
        self.title.setText(
            breakable(tr("Licence: {name}", name=ask.name) if ask.name else tr("A licence of its own"))
        )
        what = tr("{model} is published under this licence by {repo}.", model=ask.model, repo=ask.repo)
        self.about.setText(f"{breakable(what)} {tr(_ONCE)}")
        text = (
            tr("Reading the text…") if reading else ask.text or (ask.state if ask.problem else tr(_NO_TEXT))
        )
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)
        self.link.setText(ask.link)
        self.link.setVisible(bool(ask.link))
        self.link_button.setVisible(bool(ask.link))
        self.again_button.setVisible(ask.problem == "text")
        self.accept_button.setEnabled(not reading)
        if before is None or before.model != ask.model:
            self.text.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.declined.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_link(self) -> None:
        if self.ask is not None:
            self.link_requested.emit(self.ask.link)
