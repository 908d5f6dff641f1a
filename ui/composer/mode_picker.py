"""How the model answers: its mode and how long it may think."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QToolTip, QWidget

from app.engine.values import ModelInfo
from app.language import mark, tr
from ui import words
from ui.elided_button import ElidedToolButton
from ui.theme import SPACE, ThemeManager

BUDGETS: tuple[int | None, ...] = (None, 512, 2048, 8192, 32_768, 131_072)
_MODES = {"thinking": mark("Thinking"), "instruct": mark("Instruct")}
_CHEVRON = 14


def _budget_words(value: int | None) -> str:
    return (
        tr("No thinking limit")
        if value is None
        else tr("Think up to {number} tokens", number=words.compact(value))
    )


class ModePicker(QWidget):
    """Two modes as one switch; a model with one mode says so in words instead."""

    mode_chosen = Signal(str)
    budget_chosen = Signal(object)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mode_picker")
        self.setAccessibleName(tr("How the model answers"))
        self._theme = theme
        self._modes: tuple[str, ...] = ()
        self._wanted: str | None = None
        self._buttons: dict[str, QToolButton] = {}
        self._group = self._make_switch()
        self.only = self._make_only()
        self.budget = self._make_budget()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        segments = QHBoxLayout()
        segments.setSpacing(0)
        for button in self._buttons.values():
            segments.addWidget(button)
        row.addLayout(segments)
        row.addWidget(self.only)
        row.addWidget(self.budget)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.set_model(None)

    def _make_switch(self) -> QButtonGroup:
        group = QButtonGroup(self)
        group.setObjectName("mode")
        group.setExclusive(True)
        for mode, text in _MODES.items():
            button = QToolButton(self)
            button.setObjectName(f"mode_{mode}")
            button.setText(tr(text))
            button.setCheckable(True)
            button.setProperty("segment", "first" if mode == "thinking" else "last")
            button.setAccessibleName(tr("{mode} mode", mode=tr(text)))
            group.addButton(button)
            self._buttons[mode] = button
        group.buttonClicked.connect(self._on_mode)
        return group

    def _make_only(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("mode_only")
        button.setAccessibleName(tr("The only mode"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(self._on_only)
        return button

    def _make_budget(self) -> QToolButton:
        button = ElidedToolButton(self)
        button.setObjectName("thinking_budget")
        button.setToolTip(tr("How many tokens the model may think before it has to answer"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setIconSize(QSize(_CHEVRON, _CHEVRON))
        menu = QMenu(button)
        menu.setObjectName("thinking_budget_menu")
        self._budgets = QActionGroup(menu)
        for value in BUDGETS:
            action = QAction(_budget_words(value), self._budgets)
            action.setObjectName(f"budget_{value or 'off'}")
            action.setData(value)
            action.setCheckable(True)
            menu.addAction(action)
        self._budgets.triggered.connect(self._on_budget)
        button.setMenu(menu)
        self.budget = button
        self._show_chosen(None)
        return button

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [*self._buttons.values(), self.only, self.budget]

    # ---- what may be chosen ---------------------------------------------------------------

    def set_model(self, info: ModelInfo | None) -> None:
        """Offer the modes that the model has; say why where one is missing."""
        self._modes = info.modes if info is not None else ()
        one = len(self._modes) == 1
        for button in self._buttons.values():
            button.setVisible(not one)
            button.setEnabled(len(self._modes) > 1)
            button.setToolTip(info.mode_reason if info is not None else tr("Open a model first"))
        self.only.setVisible(one)
        if one and info is not None:
            reason = info.mode_reason or tr(
                "This model has one mode: {mode}.", mode=tr(words.MODES[self._modes[0]])
            )
            self.only.setText(tr(_MODES[self._modes[0]]))
            self.only.setToolTip(reason)
            self.only.setAccessibleName(tr("{mode} mode, the only one", mode=tr(_MODES[self._modes[0]])))
            self.only.setAccessibleDescription(reason)
        self._show_wanted()

    def set_choice(self, mode: str | None, budget: int | None) -> None:
        """Show what a conversation has chosen, without a signal; no mode is the model's first."""
        self._wanted = mode
        self._show_chosen(budget)
        self._show_wanted()

    def _show_wanted(self) -> None:
        """The chosen mode where the model has it, else the model's first."""
        shown = self._wanted if self._wanted in self._modes else next(iter(self._modes), self._wanted)
        if shown in self._buttons:
            self._buttons[shown].setChecked(True)
        self._show_budget()

    def _current(self) -> str:
        checked = self._group.checkedButton()
        return next((mode for mode, button in self._buttons.items() if button is checked), "")

    def _show_chosen(self, budget: int | None) -> None:
        self.budget.setText(_budget_words(budget))
        self.budget.setAccessibleName(tr("Thinking budget: {budget}", budget=_budget_words(budget)))
        for action in self._budgets.actions():
            action.setChecked(action.data() == budget)

    def _show_budget(self) -> None:
        self.budget.setVisible(self._current() == "thinking" and "thinking" in self._modes)

    # ---- what the person does -------------------------------------------------------------

    @Slot(object)
    def _on_mode(self, clicked: QToolButton) -> None:
        self._show_budget()
        self._wanted = next(mode for mode, button in self._buttons.items() if button is clicked)
        self.mode_chosen.emit(self._wanted)

    @Slot(object)
    def _on_budget(self, action: QAction) -> None:
        self._show_chosen(action.data())
        self.budget_chosen.emit(action.data())

    @Slot()
    def _on_only(self) -> None:
        QToolTip.showText(self.only.mapToGlobal(QPoint(0, 0)), self.only.toolTip(), self.only)

    @Slot()
    def _on_theme(self) -> None:
        self.budget.setIcon(self._theme.icon("chevron-down", "muted", _CHEVRON))
