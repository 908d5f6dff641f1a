"""The frame: top bar, notices, conversation, composer, status. No logic."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.engine.protocol import ModelInfo
from ui import words
from ui.chat.view import ChatView
from ui.chat.welcome import Welcome
from ui.composer.composer import Composer
from ui.dialogs.notice_bar import NoticeBar
from ui.elided_label import ElidedLabel
from ui.frame_style import frame_stylesheet
from ui.meters.status_line import StatusLine
from ui.notices import Notice
from ui.theme import COLUMN_WIDTH, SPACE, ThemeManager

_MODEL_CHARS, _TITLE_CHARS = 44, 60


class MainWindow(QMainWindow):
    """Builds the widgets and says what the person asked for."""

    model_chosen = Signal(str)
    new_requested = Signal()
    closing = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Cascade Desk")
        self.setAccessibleName("Cascade Desk")
        self.setAcceptDrops(True)
        self._theme = theme
        self._dialog: QFileDialog | None = None
        self.view = ChatView(theme)
        self.welcome = Welcome(theme)
        self.composer = Composer(theme)
        self.notices = NoticeBar(theme)
        self.status = StatusLine()
        self.pages = QStackedWidget()
        self.pages.setObjectName("pages")
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.view)
        self._make_actions()
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.resize(1040, 760)
        self.composer.edit.setFocus()

    def _make_actions(self) -> None:
        self.open_action = self._action("open_model", "Open a model…", QKeySequence.StandardKey.Open)
        self.open_action.triggered.connect(self.choose_model)
        self.new_action = self._action("new_chat", "New chat", QKeySequence.StandardKey.New)
        self.new_action.triggered.connect(self.new_requested)
        self.theme_action = self._action("switch_theme", "Switch between light and dark", None)
        self.theme_action.triggered.connect(self._on_switch_theme)

    def _action(self, name: str, text: str, key: QKeySequence.StandardKey | None) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"action_{name}")
        if key is not None:
            action.setShortcut(QKeySequence(key))
            shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text.rstrip('…')} ({shortcut})")
        self.addAction(action)
        return action

    def _button(self, action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text().rstrip("…"))
        button.setIconSize(QSize(18, 18))
        return button

    def _lay_out(self) -> None:
        self.model_button = self._button(self.open_action, "model_button")
        self.model_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.title = ElidedLabel("New chat")
        self.title.setObjectName("conversation_title")
        bar = QWidget()
        bar.setObjectName("top_bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        right = QHBoxLayout()
        right.addWidget(self._button(self.theme_action, "theme_button"))
        right.addWidget(self._button(self.new_action, "new_button"))
        row = QGridLayout(bar)
        row.setContentsMargins(SPACE[2], SPACE[1], SPACE[2], SPACE[1])
        row.setColumnStretch(0, 1)
        row.setColumnStretch(2, 1)
        row.addWidget(self.model_button, 0, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self.title, 0, 1)
        row.addLayout(right, 0, 2, Qt.AlignmentFlag.AlignRight)
        self.status.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        body = QWidget()
        body.setObjectName("body")
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(_column(self.notices, (SPACE[4], 0, SPACE[4], 0)))
        box.addWidget(self.pages, 1)
        box.addWidget(_column(self.composer, (SPACE[4], SPACE[1], SPACE[4], SPACE[2])))
        box.addWidget(self.status)
        self.setCentralWidget(body)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object)
    def set_model(self, info: ModelInfo | None) -> None:
        """Name the model on its button."""
        label = words.model_label(info) if info is not None else "Open a model…"
        self.open_action.setText(words.shortened(label, _MODEL_CHARS))
        self.open_action.setToolTip(f"{label}: open another model" if info is not None else "Open a model")
        self.welcome.show_model(info)
        self.composer.set_model(info)

    @Slot(str, str, str)
    def add_message(self, message_id: str, role: str, text: str) -> None:
        """Show a new message, and the conversation in place of the welcome."""
        self.pages.setCurrentWidget(self.view)
        if role == "user" and self.title.text() == "New chat":
            self.title.setText(_title_of(text))
        self.view.add_message(message_id, role, text)

    @Slot()
    def clear_conversation(self) -> None:
        self.view.clear()
        self.title.setText("New chat")
        self.pages.setCurrentWidget(self.welcome)
        self.composer.edit.setFocus()

    @Slot(str, str, float)
    def set_status(self, message_id: str, text: str, fraction: float) -> None:
        """A line under an answer that has no text yet; a negative fraction draws no bar."""
        self.view.set_status(message_id, text, fraction if fraction >= 0 else None)

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def choose_model(self) -> None:
        """Ask for a GGUF file without blocking the window."""
        dialog = QFileDialog(self, "Open a model", "", "GGUF models (*.gguf);;All files (*)")
        dialog.setObjectName("open_model_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.model_chosen)
        self._dialog = dialog
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        models = [path for path in paths if path.lower().endswith(".gguf")]
        event.acceptProposedAction()
        if models:
            self.model_chosen.emit(models[0])
        elif paths:
            name = Path(paths[0]).name
            text = f"{name} is not a GGUF model. Documents can be attached in the terminal for now."
            self.notices.show_notice(Notice("drop", text, "warning"))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    @Slot()
    def _on_switch_theme(self) -> None:
        self._theme.set_mode("light" if self._theme.dark else "dark")

    @Slot()
    def _on_theme(self) -> None:
        self.setStyleSheet(frame_stylesheet(self._theme.tokens))
        self.open_action.setIcon(self._theme.icon("model", "muted", 18))
        self.new_action.setIcon(self._theme.icon("plus", "muted", 18))
        self.theme_action.setIcon(self._theme.icon("sun" if self._theme.dark else "moon", "muted", 18))


def _column(widget: QWidget, margins: tuple[int, int, int, int]) -> QWidget:
    """`widget` in the middle, as wide as the reading column at most."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(*margins)
    widget.setMaximumWidth(COLUMN_WIDTH)
    row.addStretch(1)
    row.addWidget(widget, 1000)
    row.addStretch(1)
    return holder


def _title_of(question: str) -> str:
    """The first words of the first question."""
    return words.shortened(" ".join(question.split()), _TITLE_CHARS)
