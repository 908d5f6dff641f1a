"""The top edge: sidebar, model, title, settings, theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from app.engine.protocol import ModelInfo
from ui import words
from ui.elided_label import ElidedLabel
from ui.theme import SPACE, ThemeManager

_MODEL_CHARS = 44
_ICON = 18
#: Icon of each button by the id of its action.
_ICONS = {
    "toggle_sidebar": "sidebar",
    "open_model": "model",
    "chat_settings": "sliders",
    "new_chat": "plus",
}


class TopBar(QWidget):
    """Buttons for actions of the window, and the conversation's title between them."""

    def __init__(
        self, theme: ThemeManager, actions: dict[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("top_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._actions = theme, actions
        self.sidebar_button = self._button("toggle_sidebar", "sidebar_button")
        self.model_button = self._button("open_model", "model_button")
        self.model_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.new_button = self._button("new_chat", "top_new_button")
        self.settings_button = self._button("chat_settings", "chat_settings_button")
        self.theme_button = self._button("switch_theme", "theme_button")
        self.title = ElidedLabel("New chat", self)
        self.title.setObjectName("conversation_title")
        self.title.setAccessibleName("Title of the conversation")
        self.badge = QLabel("Temporary: not saved", self)
        self.badge.setObjectName("temporary_badge")
        self.badge.setProperty("role", "badge")
        self.badge.hide()
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _button(self, action: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setDefaultAction(self._actions[action])
        button.setAccessibleName(self._actions[action].text().rstrip("…"))
        button.setIconSize(QSize(_ICON, _ICON))
        return button

    def _lay_out(self) -> None:
        left, middle, right = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for box in (left, middle, right):
            box.setSpacing(SPACE[0])
        for button in (self.sidebar_button, self.new_button, self.model_button):
            left.addWidget(button)
        middle.addWidget(self.title)
        middle.addWidget(self.badge)
        right.addWidget(self.settings_button)
        right.addWidget(self.theme_button)
        row = QGridLayout(self)
        row.setContentsMargins(SPACE[1], SPACE[1], SPACE[2], SPACE[1])
        row.setColumnStretch(0, 1)
        row.setColumnStretch(2, 1)
        row.addLayout(left, 0, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(middle, 0, 1)
        row.addLayout(right, 0, 2, Qt.AlignmentFlag.AlignRight)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(str)
    def set_title(self, title: str) -> None:
        self.title.setText(title or "New chat")

    @Slot(bool)
    def set_temporary(self, temporary: bool) -> None:
        self.badge.setVisible(temporary)

    def set_model(self, info: ModelInfo | None) -> None:
        """Name the model on its button."""
        action = self._actions["open_model"]
        label = words.model_label(info) if info is not None else "Open a model…"
        action.setText(words.shortened(label, _MODEL_CHARS))
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        action.setToolTip(
            f"{label}: open another model ({keys})" if info is not None else f"Open a model ({keys})"
        )
        self.model_button.setAccessibleName(f"Model: {label}" if info is not None else "Open a model")

    def set_sidebar_shown(self, shown: bool) -> None:
        """With the sidebar goes its button for a new chat: another one stands here then."""
        self.new_button.setVisible(not shown)

    @Slot()
    def _on_theme(self) -> None:
        for name, icon in _ICONS.items():
            self._actions[name].setIcon(self._theme.icon(icon, "muted", _ICON))
        icon = self._theme.icon("sun" if self._theme.dark else "moon", "muted", _ICON)
        self._actions["switch_theme"].setIcon(icon)
