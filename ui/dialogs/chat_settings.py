"""The panel beside the chat: persona, system prompt and sampling of one conversation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.chat.conversation import ChatSettings, Persona
from app.engine.values import Sampling
from app.language import mark, tr
from ui.dialogs.name_line import NameLine
from ui.dialogs.own_spin import Number, NumberRow
from ui.theme import SPACE, ThemeManager
from ui.throttle import Throttle
from ui.window_sizes import PANEL_WIDTH

_GATHER_MS = 150
_SYSTEM_LINES = 7
_ICON = 16
_NO_PERSONA = mark("No persona")
_NO_SYSTEM = mark("None: the model gets no system prompt")

NUMBERS: Final = (
    Number("temperature", mark("Temperature"), 0, 5, 0.1, 2, 1.0,
           mark("Higher is freer; 0 always takes the likeliest.")),
    Number("top_p", mark("Top P"), 0, 1, 0.05, 2, 0.95,
           mark("Keeps the likeliest tokens up to this share; 1 is off.")),
    Number("top_k", mark("Top K"), 0, 1000, 1, 0, 40,
           mark("Keeps this many of the likeliest tokens; 0 is off.")),
    Number("min_p", mark("Min P"), 0, 1, 0.01, 2, 0.05,
           mark("Drops what is less likely than this share; 0 is off.")),
    Number("repeat_penalty", mark("Repeat penalty"), 0.5, 2, 0.05, 2, 1.1,
           mark("Above 1 avoids repetition; 1 is off.")),
    Number("seed", mark("Seed"), 0, 2**31 - 1, 1, 0, 0,
           mark("The same seed gives the same answer again."), mark("New each time")),
)  # fmt: skip


class ChatSettingsPanel(QFrame):
    """No setter emits. Call `flush` before another conversation's settings are shown."""

    settings_changed = Signal(object)
    persona_chosen = Signal(str)
    persona_saved = Signal(str, object)
    persona_updated = Signal(str, object)
    persona_removed = Signal(str)
    all_settings_requested = Signal()
    closed = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chat_settings")
        self.setAccessibleName(tr("Settings of this chat"))
        self.setFixedWidth(PANEL_WIDTH)
        self._theme = theme
        self._settings = ChatSettings()
        self._personas: list[Persona] = []
        self._persona = ""
        self._setting = False
        self._gather = Throttle(_GATHER_MS, self)
        self._gather.due.connect(self._on_due)
        self._build()
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._show_personas()

    def _build(self) -> None:
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("chat_settings_close")
        self.close_button.setAccessibleName(tr("Close the settings of this chat"))
        self.close_button.setToolTip(tr("Close (Esc)"))
        self.close_button.setIconSize(QSize(_ICON, _ICON))
        self.close_button.clicked.connect(self._on_close)
        self.persona = QComboBox(self)
        self.persona.setObjectName("persona")
        self.persona.setAccessibleName(tr("Persona"))
        self.persona.view().setObjectName("persona_list")
        self.persona.view().setAccessibleName(tr("Personas"))
        self.persona.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.persona.activated.connect(self._on_persona)
        self.save = self._push("persona_save", tr("Save as persona…"), self._on_save)
        self.update_button = self._push("persona_update", tr("Update persona"), self._on_update)
        self.remove = self._push("persona_remove", tr("Remove persona"), self._on_remove)
        self.name = NameLine("persona", tr("Name of the persona"), self._theme, self)
        self.name.named.connect(self._on_named)
        self.name.cancelled.connect(self._on_name_left)
        self.system = QPlainTextEdit(self)
        self.system.setObjectName("system_prompt")
        self.system.setAccessibleName(tr("System prompt"))
        self.system.setTabChangesFocus(True)
        self.system.setPlaceholderText(tr(_NO_SYSTEM))
        self.system.setFixedHeight(_SYSTEM_LINES * self.system.fontMetrics().lineSpacing() + 2 * SPACE[2])
        self.system.textChanged.connect(self._on_edited)
        self.all_settings = self._push("all_settings", tr("All settings…"), self._on_all_settings)
        self.rows = {number.field: NumberRow(number, self._theme, self) for number in NUMBERS}
        for row in self.rows.values():
            row.changed.connect(self._on_edited)

    def _push(self, name: str, text: str, slot) -> QPushButton:  # type: ignore[no-untyped-def]
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("small", True)
        button.clicked.connect(slot)
        return button

    def _heading(self, text: str, buddy: QWidget | None = None) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "heading")
        label.setIndent(0)
        if buddy is not None:
            label.setBuddy(buddy)
        return label

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setObjectName("chat_settings_inner")
        column = QVBoxLayout(inner)
        column.setContentsMargins(SPACE[3], 0, SPACE[3], SPACE[3])
        column.setSpacing(SPACE[1])
        column.addWidget(self._heading(tr("Persona"), self.persona))
        column.addWidget(self.persona)
        column.addWidget(self.save)
        column.addWidget(self.name)
        with_it = QHBoxLayout()
        with_it.setSpacing(SPACE[1])
        with_it.addWidget(self.update_button, 1)
        with_it.addWidget(self.remove, 1)
        column.addLayout(with_it)
        column.addWidget(self._heading(tr("System prompt"), self.system))
        column.addWidget(self.system)
        column.addWidget(self._heading(tr("Sampling")))
        for row in self.rows.values():
            column.addWidget(row)
        column.addWidget(self._heading(tr("All chats")))
        column.addWidget(self.all_settings)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("chat_settings_area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._top())
        box.addWidget(area, 1)

    def _top(self) -> QHBoxLayout:
        top = QHBoxLayout()
        top.setContentsMargins(SPACE[3], SPACE[1], SPACE[1], SPACE[1])
        title = QLabel(tr("Settings of this chat"), self)
        title.setObjectName("chat_settings_title")
        top.addWidget(title, 1)
        top.addWidget(self.close_button)
        return top

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object, str)
    def set_settings(self, settings: ChatSettings, persona_id: str) -> None:
        """Show a conversation's settings; a change that is still pending is forgotten."""
        self._gather.cancel()
        self._settings, self._persona = settings, persona_id
        self._setting = True
        if self.system.toPlainText() != (settings.system or ""):
            self.system.setPlainText(settings.system or "")
        for field, row in self.rows.items():
            if row.spin.number() != getattr(settings, field):
                row.spin.set_number(getattr(settings, field))
        self._setting = False
        self._show_personas()

    @Slot(object)
    def set_personas(self, personas: list[Persona]) -> None:
        """The personas to choose from."""
        self._personas = list(personas)
        self._show_personas()

    @Slot(object, str)
    def set_defaults(self, sampling: Sampling | None, system: str, by_settings: Collection[str] = ()) -> None:
        """What applies where nothing is set, None where it is not known.

        `by_settings` are the names of what the settings say; the rest is the model's own.
        """
        self._setting = True
        for field, row in self.rows.items():
            whose = tr("Settings") if field in by_settings else tr("Model's")
            row.spin.set_own(getattr(sampling, field, None), whose)
        self.system.setPlaceholderText(system or tr(_NO_SYSTEM))
        self._setting = False

    @Slot()
    def flush(self) -> None:
        """Emit a pending settings_changed now."""
        self._gather.flush()

    def settings(self) -> ChatSettings:
        """What the panel says now; what it does not show stays as it was set."""
        numbers = {field: row.spin.number() for field, row in self.rows.items()}
        return replace(self._settings, system=self.system.toPlainText() or None, **numbers)

    def _show_personas(self) -> None:
        self.persona.clear()
        self.persona.addItem(tr(_NO_PERSONA), "")
        for persona in self._personas:
            self.persona.addItem(persona.name, persona.id)
        self.persona.setCurrentIndex(max(0, self.persona.findData(self._persona)))
        self._show_buttons()

    def _show_buttons(self) -> None:
        chosen = next((one for one in self._personas if one.id == self._persona), None)
        for button in (self.update_button, self.remove):
            button.setVisible(chosen is not None)
        changed = chosen is not None and chosen.settings != self.settings()
        self.update_button.setEnabled(changed)
        self.update_button.setToolTip("" if changed else tr("The persona has these settings already"))

    # ---- what the person does -------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_close()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_close(self) -> None:
        self.flush()
        self.closed.emit()

    @Slot()
    def _on_edited(self) -> None:
        if not self._setting:
            self._gather.request()

    @Slot()
    def _on_due(self) -> None:
        changed = self.settings()
        self._show_buttons()
        if changed != self._settings:
            self._settings = changed
            self.settings_changed.emit(changed)

    @Slot(int)
    def _on_persona(self, index: int) -> None:
        chosen = self.persona.itemData(index)
        if chosen != self._persona:
            self.flush()
            self._persona = chosen
            self._show_buttons()
            self.persona_chosen.emit(chosen)

    @Slot()
    def _on_save(self) -> None:
        self.save.hide()
        self.name.ask()

    @Slot(str)
    def _on_named(self, name: str) -> None:
        self._on_name_left()
        self.flush()
        self.persona_saved.emit(name, self.settings())

    @Slot()
    def _on_name_left(self) -> None:
        self.save.show()
        self.save.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_update(self) -> None:
        self.flush()
        self.persona_updated.emit(self._persona, self.settings())

    @Slot()
    def _on_remove(self) -> None:
        self.persona_removed.emit(self._persona)

    @Slot()
    def _on_all_settings(self) -> None:
        self.all_settings_requested.emit()

    @Slot()
    def _on_theme(self) -> None:
        self.close_button.setIcon(self._theme.icon("close", "muted", _ICON))
