"""The box that questions are written in: text, mode, thinking budget, context gauge, send or stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.engine.protocol import ModelInfo
from ui import words
from ui.theme import RADIUS_CARD, SPACE, ThemeManager

BUDGETS: tuple[int | None, ...] = (None, 512, 2048, 8192, 32_768, 131_072)
_LINES_AT_MOST = 10
_BUTTON = 32


class QuestionEdit(QPlainTextEdit):
    """Grows with its text. Enter sends, Shift+Enter breaks the line, Esc stops."""

    submitted = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setAccessibleName("Your message")
        self.setPlaceholderText("Ask anything")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        # A plain text edit's document measures its height in lines, wrapped ones counted.
        lines = max(1, min(_LINES_AT_MOST, int(self.document().size().height())))
        margins = 2 * int(self.document().documentMargin())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margins + SPACE[0])


class Composer(QFrame):
    """Emits what the person wants; what may be done is told by its setters."""

    send_requested = Signal(str)
    stop_requested = Signal()
    mode_chosen = Signal(str)
    budget_chosen = Signal(object)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self.setAccessibleName("Composer")
        self._theme = theme
        self._busy = self._usable = self._thinks = False
        self.edit = QuestionEdit(self)
        self.edit.submitted.connect(self._on_submit)
        self.edit.escaped.connect(self.stop_requested)
        self.edit.textChanged.connect(self._update_button)
        self._modes = self._make_modes()
        self.budget = self._make_budget()
        self._name_budget("No thinking limit")
        self.gauge = QLabel(self)
        self.gauge.setObjectName("context_gauge")
        self.gauge.setAccessibleName("Context used")
        self.gauge.setProperty("role", "meta")
        self.button = QToolButton(self)
        self.button.setObjectName("send")
        self.button.setFixedSize(_BUTTON, _BUTTON)
        self.button.setIconSize(QSize(18, 18))
        self.button.clicked.connect(self._on_button)
        self._lay_out()
        theme.changed.connect(self._update_button)
        self.set_model(None)
        self._update_button()

    def _make_modes(self) -> QButtonGroup:
        group = QButtonGroup(self)
        group.setObjectName("mode")
        group.setExclusive(True)
        self._mode_buttons = {}
        for mode, text in (("thinking", "Thinking"), ("instruct", "Instruct")):
            button = QToolButton(self)
            button.setObjectName(f"mode_{mode}")
            button.setText(text)
            button.setCheckable(True)
            button.setProperty("segment", "first" if mode == "thinking" else "last")
            button.setAccessibleName(f"{text} mode")
            group.addButton(button)
            self._mode_buttons[mode] = button
        group.buttonClicked.connect(self._on_mode)
        return group

    def _make_budget(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("thinking_budget")
        button.setToolTip("How many tokens the model may think before it has to answer")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setIconSize(QSize(14, 14))
        menu = QMenu(button)
        menu.setObjectName("thinking_budget_menu")
        group = QActionGroup(menu)
        for value in BUDGETS:
            text = "No thinking limit" if value is None else f"Think up to {words.compact(value)} tokens"
            action = QAction(text, group)
            action.setObjectName(f"budget_{value or 'off'}")
            action.setData(value)
            action.setCheckable(True)
            menu.addAction(action)
        group.triggered.connect(self._on_budget)
        button.setMenu(menu)
        group.actions()[0].setChecked(True)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        segments = QHBoxLayout()
        segments.setSpacing(0)
        for button in self._mode_buttons.values():
            segments.addWidget(button)
        row.addLayout(segments)
        row.addWidget(self.budget)
        row.addStretch(1)
        row.addWidget(self.gauge)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(RADIUS_CARD, RADIUS_CARD, RADIUS_CARD, RADIUS_CARD)
        box.setSpacing(SPACE[1])
        box.addWidget(self.edit)
        box.addLayout(row)
        for first, second in (
            (self.edit, self._mode_buttons["thinking"]),
            (self._mode_buttons["thinking"], self._mode_buttons["instruct"]),
            (self._mode_buttons["instruct"], self.budget),
            (self.budget, self.button),
        ):
            QWidget.setTabOrder(first, second)

    # ---- what may be done -----------------------------------------------------------------

    @Slot(object)
    def set_model(self, info: ModelInfo | None) -> None:
        """Offer the modes that the model has; say why where one is missing."""
        modes = info.modes if info is not None else ()
        self._thinks = "thinking" in modes
        for mode, button in self._mode_buttons.items():
            button.setEnabled(mode in modes and len(modes) > 1)
            button.setToolTip(info.mode_reason if info is not None else "")
        checked = self._modes.checkedButton()
        current = next((mode for mode, button in self._mode_buttons.items() if button is checked), "")
        if modes and current not in modes:
            self._mode_buttons[modes[0]].setChecked(True)
            self.mode_chosen.emit(modes[0])
        self._show_budget()

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:
        """Whether an answer is under way: the button stops it then."""
        self._busy = busy
        self._update_button()

    @Slot(bool)
    def set_usable(self, usable: bool) -> None:
        """Whether there is a model, or one on its way, that a question can go to."""
        self._usable = usable
        self._update_button()

    @Slot(int, int)
    def set_context(self, used: int, size: int) -> None:
        """Tokens that the conversation takes of the context."""
        self.gauge.setText(f"{words.compact(used)} of {words.compact(size)}" if size else "")
        self.gauge.setToolTip(f"{used:,} of {size:,} tokens of the context are used" if size else "")
        nearly_full = size > 0 and used >= 0.9 * size
        self.gauge.setProperty("tone", "warning" if nearly_full else "")
        self.gauge.style().polish(self.gauge)

    @Slot(str)
    def give_back(self, text: str) -> None:
        """Put a refused question back, unless something else has been written meanwhile."""
        if not self.edit.toPlainText():
            self.edit.setPlainText(text)
            self.edit.moveCursor(QTextCursor.MoveOperation.End)

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def _on_submit(self) -> None:
        text = self.edit.toPlainText()
        if text.strip() and self._usable and not self._busy:
            self.edit.clear()
            self.send_requested.emit(text.strip("\n"))

    @Slot()
    def _on_button(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            self._on_submit()

    @Slot(object)
    def _on_mode(self, clicked: QToolButton) -> None:
        mode = next(name for name, button in self._mode_buttons.items() if button is clicked)
        self._show_budget()
        self.mode_chosen.emit(mode)

    @Slot(object)
    def _on_budget(self, action: QAction) -> None:
        self._name_budget(action.text())
        self.budget_chosen.emit(action.data())

    def _name_budget(self, text: str) -> None:
        self.budget.setText(text)
        self.budget.setAccessibleName(f"Thinking budget: {text}")

    def _show_budget(self) -> None:
        button = self._mode_buttons["thinking"]
        self.budget.setVisible(button.isChecked() and self._thinks)

    @Slot()
    def _update_button(self) -> None:
        name, label = ("stop", "Stop") if self._busy else ("send", "Send")
        ready = self._busy or (self._usable and bool(self.edit.toPlainText().strip()))
        self.budget.setIcon(self._theme.icon("chevron-down", "muted", 14))
        self.button.setIcon(self._theme.icon(name, "on_accent" if ready else "muted", 18))
        self.button.setAccessibleName(label)
        hint = "Stop (Esc)" if self._busy else "Send (Enter)"
        self.button.setToolTip(hint if self._busy or self._usable else "Open a model first")
        self.button.setEnabled(ready)
