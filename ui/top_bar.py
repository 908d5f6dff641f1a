"""The top edge: sidebar, model, title, settings, theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.engine.values import ModelInfo
from app.language import mark, tr
from ui import words
from ui.elided_button import ElidedToolButton
from ui.elided_label import ElidedLabel
from ui.theme import SPACE, ThemeManager

_MODEL_CHARS = 44
_ICON = 18
#: The title has so many px before the model's name gets any, and this share of what both want.
_TITLE_LEAST = 120
_TITLE_SHARE = 0.6
#: Icon of each button by the id of its action.
_ICONS = {
    "toggle_sidebar": "sidebar",
    "models": "model",
    "chat_settings": "sliders",
    "settings": "settings",
    "new_chat": "plus",
}
#: Of each mode of the theme: its icon, what it is called, and the one that follows.
_MODES = {
    "auto": ("contrast", mark("Colours as the system has them"), mark("light")),
    "light": ("sun", mark("Light"), mark("dark")),
    "dark": ("moon", mark("Dark"), mark("high contrast")),
    "contrast": ("contrast", mark("High contrast"), mark("the system's")),
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
        self.model_button = self._button("models", "model_button", ElidedToolButton(self))
        self.model_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.new_button = self._button("new_chat", "top_new_button")
        self.settings_button = self._button("chat_settings", "chat_settings_button")
        self.all_settings_button = self._button("settings", "settings_button")
        self.theme_button = self._button("switch_theme", "theme_button")
        self.title = ElidedLabel(tr("New chat"), self)
        self.title.setObjectName("conversation_title")
        self.title.setAccessibleName(tr("Title of the conversation"))
        self.badge = QLabel(tr("Temporary: not saved"), self)
        self.badge.setObjectName("temporary_badge")
        self.badge.setProperty("role", "badge")
        self.badge.hide()
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _button(self, action: str, name: str, button: QToolButton | None = None) -> QToolButton:
        button = button or QToolButton(self)
        button.setObjectName(name)
        button.setDefaultAction(self._actions[action])
        button.setAccessibleName(self._actions[action].text().rstrip("…"))
        button.setIconSize(QSize(_ICON, _ICON))
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[1], SPACE[1], SPACE[2], SPACE[1])
        row.setSpacing(SPACE[0])
        for button in (self.sidebar_button, self.new_button, self.model_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.title)
        row.addWidget(self.badge)
        row.addStretch(1)
        row.addWidget(self.settings_button)
        row.addWidget(self.all_settings_button)
        row.addWidget(self.theme_button)
        self.title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Where it is narrow, the model's name gives way first, then the title."""
        others = (self.sidebar_button, self.new_button, self.badge, self.settings_button, self.theme_button)
        others += (self.all_settings_button,)
        shown = [widget.sizeHint().width() for widget in others if not widget.isHidden()]
        margins = self.layout().contentsMargins()
        gaps = (len(shown) + 4) * self.layout().spacing()
        room = self.width() - sum(shown) - margins.left() - margins.right() - gaps
        title, model = self.title.sizeHint().width(), self.model_button.sizeHint().width()
        least = self.model_button.minimumSizeHint().width()
        claimed = min(title, max(_TITLE_LEAST, int(_TITLE_SHARE * room)))
        model = max(least, min(model, room - claimed))
        self.model_button.setFixedWidth(model)
        self.title.setFixedWidth(max(0, min(title, room - model)))

    # ---- what is shown --------------------------------------------------------------------

    @Slot(str)
    def set_title(self, title: str) -> None:
        self.title.setText(words.shown_title(title) or tr("New chat"))
        self._share_room()

    @Slot(bool)
    def set_temporary(self, temporary: bool) -> None:
        self.badge.setVisible(temporary)
        self._share_room()

    def set_model(self, info: ModelInfo | None) -> None:
        """Name the model on its button."""
        action = self._actions["models"]
        label = words.shown_title(words.model_label(info)) if info is not None else tr("Choose a model…")
        action.setText(words.shortened(label, _MODEL_CHARS).replace("&", "&&"))
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        action.setToolTip(
            words.tip(tr("{label}: choose another model ({keys})", label=label, keys=keys))
            if info is not None
            else tr("Choose a model ({keys})", keys=keys)
        )
        self.model_button.setAccessibleName(
            tr("Model: {label}", label=label) if info is not None else tr("Choose a model")
        )
        self._share_room()

    def set_sidebar_shown(self, shown: bool) -> None:
        """With the sidebar goes its button for a new chat: another one stands here then."""
        self.new_button.setVisible(not shown)
        self._share_room()

    @Slot()
    def _on_theme(self) -> None:
        for name, icon in _ICONS.items():
            self._actions[name].setIcon(self._theme.icon(icon, "muted", _ICON))
        icon, *names = _MODES[self._theme.mode]
        now, then = (tr(name) for name in names)
        action = self._actions["switch_theme"]
        action.setIcon(self._theme.icon(icon, "muted", _ICON))
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        action.setToolTip(tr("{now}; a click switches to {then} ({keys})", now=now, then=then, keys=keys))
        self.theme_button.setAccessibleDescription(
            tr("{now}; a press switches to {then}", now=now, then=then)
        )
