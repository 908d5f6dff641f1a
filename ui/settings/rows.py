"""The lines of the settings pages: what is set, the control, and what it means."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import tr
from ui.dialogs.own_spin import Number, NumberRow
from ui.settings.marking import mark
from ui.theme import SPACE, ThemeManager

_ICON = 14
#: A number counts after so many ms without a change.
_CALM_MS = 600
_LONGEST = 2000  # characters
#: Not in the sheet: a least width there counts in place of the hint, px.
_COMBO_WIDTH = 282


class SettingRow(QWidget):
    """A line that a search can find. No setter emits.

    Attributes:
        field: its name in its group.
        sought: what a search looks through, casefolded.
    """

    changed = Signal()

    def __init__(
        self, field: str, words: str, hint: str, theme: ThemeManager, *, label: QLabel | None = None
    ) -> None:
        super().__init__()
        self.setObjectName(f"row_{field}")
        self.field, self.words, self.hint = field, words, hint
        self.sought = f"{words} {hint}".casefold()
        self._theme = theme
        self._marked: list[str] = []
        self._resets: list[QToolButton] = []
        self.label = label or QLabel(words, self)
        self.label.setWordWrap(True)
        self.hint_label = _meta(hint, self)
        self.note = _meta("", self)
        self.note.setObjectName(f"note_{field}")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, SPACE[1], 0, SPACE[1])
        self.box.setSpacing(SPACE[0])
        theme.changed.connect(self._on_theme)

    def take(self, button: QPushButton) -> None:
        """A row for a button."""
        self._lay_out(button, self._reset_button(tr("Back")))

    def _lay_out(self, *controls: QWidget) -> None:
        """Label and controls side by side, what it means below."""
        head = QHBoxLayout()
        head.setSpacing(SPACE[0])
        head.addWidget(self.label, 1)
        for control in controls:
            head.addWidget(control)
        self.box.addLayout(head)
        self._lay_out_notes()

    def _lay_out_notes(self) -> None:
        for label in (self.hint_label, self.note):
            self.box.addWidget(label)

    def set_note(self, text: str, *, warning: bool = False) -> None:
        """A line below: what it costs, or what is wrong; none for an empty text."""
        self.note.setProperty("tone", "warning" if warning else "")
        self.note.style().polish(self.note)
        self.note.setText(text)
        self.note.setVisible(bool(text))
        control = self.label.buddy()
        if control is not None:
            control.setAccessibleDescription(f"{self.hint} {text}".strip())

    def mark(self, words: list[str]) -> None:
        """Show where the words of a search are."""
        self._marked = words
        self._show_marks()

    def _show_marks(self) -> None:
        for label, text in ((self.label, self.words), (self.hint_label, self.hint)):
            mark(label, text, self._marked, self._theme.tokens)

    @Slot()
    def _on_theme(self) -> None:
        self._show_marks()
        for button in self._resets:
            button.setIcon(self._theme.icon("refresh", "muted", _ICON))

    def _reset_button(self, back: str) -> QToolButton:
        """A way back; its room is kept where it is not needed."""
        button = QToolButton(self)
        button.setObjectName(f"reset_{self.field}")
        button.setAccessibleName(f"{self.words}: {back[0].lower()}{back[1:]}")
        button.setToolTip(back)
        button.setIconSize(QSize(_ICON, _ICON))
        button.setIcon(self._theme.icon("refresh", "muted", _ICON))
        self._resets.append(button)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.hide()
        return button


class NumberSetting(SettingRow):
    """A number, or what stands for none."""

    def __init__(self, number: Number, theme: ThemeManager) -> None:
        row = NumberRow(number, theme)
        super().__init__(number.field, row.number.label, row.number.hint, theme, label=row.label)
        self._row = row
        self._row.setObjectName(f"number_{number.field}")
        self.spin, self.reset = self._row.spin, self._row.reset
        self.spin.setKeyboardTracking(False)  # 1 is not meant on the way to 16
        self._setting = False
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self.changed)
        self._row.changed.connect(self._on_number)
        self.box.addWidget(self._row)
        self._lay_out_notes()

    def value(self) -> float | int | None:
        return self.spin.number()

    def set_value(self, value: float | None) -> None:
        self._setting = True
        self._calm.stop()
        if self.spin.number() != value:
            self.spin.set_number(value)
        self._setting = False

    def refresh(self, value: float | None) -> None:
        """Show what holds, unless the person has just changed it."""
        if not self._calm.isActive():
            self.set_value(value)

    def set_own(self, value: float | None) -> None:
        """What stands for none, where it is known."""
        self._setting = True
        self.spin.set_own(value)
        self._setting = False

    def flush(self) -> None:
        """Emit a change that is still waited for."""
        if self._calm.isActive():
            self._calm.stop()
            self.changed.emit()

    @Slot()
    def _on_number(self) -> None:
        if not self._setting:
            self._calm.start()


def spoken(choices: Sequence[tuple[object, str]]) -> list[tuple[object, str]]:
    """Choices whose words are marked, in the language of the window."""
    return [(value, tr(text)) for value, text in choices]


class CalmCombo(QComboBox):
    """Does not change while a page scrolls under the pointer; the words beside it give way."""

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_COMBO_WIDTH, 0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceSetting(SettingRow):
    """One of a few values; the first is what holds by itself."""

    def __init__(
        self,
        field: str,
        words: str,
        hint: str,
        choices: Sequence[tuple[object, str]],
        theme: ThemeManager,
        *,
        back: str = "",
    ) -> None:
        super().__init__(field, words, hint, theme)
        self.sought += " " + " ".join(text for _, text in choices).casefold()
        self.combo = CalmCombo(self)
        self.combo.setObjectName(f"setting_{field}")
        self.combo.setAccessibleName(words)
        self.combo.setAccessibleDescription(hint)
        self.combo.view().setObjectName(f"list_{field}")
        self.combo.view().setAccessibleName(words)
        self.combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._values: list[object] = []
        self._own = choices[0][0]
        for value, text in choices:
            self._add(value, text)
        self.label.setBuddy(self.combo)
        self.reset = self._reset_button(back or tr("Back to automatic"))
        self.reset.clicked.connect(self._on_reset)
        self.combo.currentIndexChanged.connect(self._show_reset)
        self.combo.activated.connect(self.changed)
        self._lay_out(self.combo, self.reset)

    def _add(self, value: object, text: str) -> None:
        self._values.append(value)
        self.combo.addItem(text)

    def in_order(self, values: Sequence[object]) -> None:
        """List the choices in this order; what holds by itself stays what it was."""
        texts = {value: self.combo.itemText(row) for row, value in enumerate(self._values)}
        self.combo.clear()
        self._values = []
        for value in values:
            self._add(value, texts[value])
        self.combo.setCurrentIndex(self._values.index(self._own))

    def value(self) -> object:
        return self._values[self.combo.currentIndex()]

    def set_value(self, value: object, words: str = "") -> None:
        """Show a value; one that is not on the list is put there with its words."""
        if value not in self._values:
            self._add(value, words or str(value))
        self.combo.setCurrentIndex(self._values.index(value))

    @Slot()
    def _show_reset(self) -> None:
        row = self.combo.currentIndex()
        self.reset.setVisible(row >= 0 and self._values[row] != self._own)

    @Slot()
    def _on_reset(self) -> None:
        self.combo.setFocus(Qt.FocusReason.OtherFocusReason)
        self.combo.setCurrentIndex(self._values.index(self._own))
        self.changed.emit()


class _ClickedLabel(QLabel):
    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


class SwitchSetting(SettingRow):
    """On or off."""

    def __init__(self, field: str, words: str, hint: str, theme: ThemeManager) -> None:
        clicked = _ClickedLabel(words)
        super().__init__(field, words, hint, theme, label=clicked)
        self.switch = QCheckBox(self)
        self.switch.setObjectName(f"setting_{field}")
        self.switch.setAccessibleName(words)
        self.switch.setAccessibleDescription(hint)
        self.label.setBuddy(self.switch)
        clicked.clicked.connect(self.switch.click)
        self.switch.clicked.connect(self.changed)
        self._lay_out(self.switch, self._reset_button(tr("Back")))

    def value(self) -> bool:
        return self.switch.isChecked()

    def set_value(self, value: bool) -> None:
        self.switch.setChecked(value)


class TextSetting(SettingRow):
    """A line of text, taken when it is left or Enter is pressed; a secret only when it is asked for."""

    def __init__(
        self,
        field: str,
        words: str,
        hint: str,
        theme: ThemeManager,
        *,
        placeholder: str = "",
        secret: bool = False,
    ) -> None:
        super().__init__(field, words, hint, theme)
        self.edit = QLineEdit(self)
        self.edit.setObjectName(f"setting_{field}")
        self.edit.setAccessibleName(words)
        self.edit.setAccessibleDescription(hint)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setMaxLength(_LONGEST)
        self.label.setBuddy(self.edit)
        self._value = ""
        self._secret = secret
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        else:
            self.edit.editingFinished.connect(self.finish)
        self.edit.textEdited.connect(self._on_edited)
        self.box.addWidget(self.label)
        self.box.addWidget(self.edit)
        self._lay_out_notes()

    def value(self) -> str:
        return self.edit.text()

    def set_value(self, value: str) -> None:
        self._value = value
        if self.edit.text() != value:
            self.edit.setText(value)
        self.set_note("")

    def refresh(self, value: str) -> None:
        """Show what holds, unless the person is writing something else."""
        if self.edit.text() == self._value:
            self.set_value(value)

    def flush(self) -> None:
        if not self._secret:
            self.finish()

    @Slot()
    def _on_edited(self) -> None:
        self.set_note("")

    @Slot()
    def finish(self) -> None:
        """Say that the text is another one."""
        if self.edit.text() != self._value:
            self._value = self.edit.text()
            self.changed.emit()


def _meta(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "meta")
    label.setWordWrap(True)
    label.setVisible(bool(text))
    return label
