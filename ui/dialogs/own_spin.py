"""A number that can also be left to the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.language import mark, spoken, tr
from ui.theme import SPACE, ThemeManager

_ICON = 14
#: Numbers below each other look alike, px. Not in the sheet: a least width there counts in place of the hint.
_WIDTH = 200
#: What the sheet's hint has beside the text and the buttons, px.
_SPARE = 10


@dataclass(frozen=True)
class Number:
    """What a setting is called and may be; its words are marked for translation.

    Attributes:
        field: its name, in ChatSettings or wherever it belongs.
        decimals: 0 for whole numbers.
        own: the words for a setting that is left alone.
        back: what leaving it alone again is called.
        unit: what stands behind the number, with its space.
    """

    field: str
    label: str
    low: float
    high: float
    step: float
    decimals: int
    start: float
    hint: str
    own: str = mark("Model's own")
    back: str = mark("Back to the model's own")
    unit: str = ""

    def spoken(self) -> Number:
        """The same with its words in the language of the window."""
        label, hint, own = tr(self.label), tr(self.hint), tr(self.own)
        return replace(self, label=label, hint=hint, own=own, back=tr(self.back), unit=tr(self.unit))


class OwnSpin(QDoubleSpinBox):
    """A spin box whose lowest step, and whose empty text, stand for the model's own value."""

    def __init__(self, number: Number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._start = number.start
        self._speak()
        self.lineEdit().setTextMargins(SPACE[0], 0, 0, 0)
        self.setDecimals(number.decimals)
        self.setSingleStep(number.step)
        self.setRange(number.low - number.step, number.high)
        self.setSuffix(number.unit)
        self.setSpecialValueText(number.own)
        self.setValue(self.minimum())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setProperty("own", True)
        self.valueChanged.connect(self._on_value)

    def _speak(self) -> None:
        """Write numbers as the texts do; the window may be older than the choice of a language."""
        locale = QLocale(spoken())
        locale.setNumberOptions(
            QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator
        )
        self.setLocale(locale)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_WIDTH, 0))

    def minimumSizeHint(self) -> QSize:
        return super().sizeHint() - QSize(_SPARE, 0)

    def number(self) -> float | int | None:
        """The number, or None for the model's own."""
        if self.value() < self._number.low - self._number.step / 2:
            return None
        return round(self.value()) if not self._number.decimals else round(self.value(), 6)

    def set_number(self, value: float | None) -> None:
        self.setValue(self.minimum() if value is None else value)

    def set_own(self, value: float | None, whose: str = "") -> None:
        """Say what holds where nothing is set, and whose it is, where that is known; steps begin there."""
        self._start = self._number.start if value is None else value
        whose = whose or tr("Model's")
        own = self._number.own if value is None else f"{whose}: {self.textFromValue(value)}"
        self.setSpecialValueText(own)
        self.updateGeometry()

    @Slot()
    def _on_value(self) -> None:
        own = self.number() is None
        if self.property("own") != own:
            self.setProperty("own", own)
            self.style().polish(self)

    def stepBy(self, steps: int) -> None:
        if self.number() is None:
            self.setValue(max(self._number.low, self._start + steps * self._number.step))
            self.selectAll()
        else:
            super().stepBy(steps)

    def stepEnabled(self) -> QDoubleSpinBox.StepEnabledFlag:
        if self.number() is None:
            return (
                QDoubleSpinBox.StepEnabledFlag.StepUpEnabled | QDoubleSpinBox.StepEnabledFlag.StepDownEnabled
            )
        return super().stepEnabled()

    def validate(self, text: str, place: int) -> object:
        if self._is_blank(text):
            return QValidator.State.Acceptable, text, place
        return super().validate(self._with_its_point(text), place)

    def valueFromText(self, text: str) -> float:
        return self.minimum() if self._is_blank(text) else super().valueFromText(self._with_its_point(text))

    def _with_its_point(self, text: str) -> str:
        """A point is a decimal one everywhere: many keypads and most papers have no other."""
        if text == self.specialValueText():
            return text
        return text.replace(".", self.locale().decimalPoint())

    def _is_blank(self, text: str) -> bool:
        return not text.replace(self._number.unit.strip(), "").strip()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.number() is None:
            self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The panel scrolls under the pointer: a number must not change on the way.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberRow(QWidget):
    """Label, number and a way back to the model's own."""

    changed = Signal()

    def __init__(self, number: Number, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.number = number = number.spoken()
        self.setObjectName(f"row_{number.field}")
        self.spin = OwnSpin(number, self)
        self.spin.setObjectName(f"setting_{number.field}")
        self.spin.setAccessibleName(number.label)
        self.spin.setAccessibleDescription(number.hint)
        self.spin.lineEdit().setAccessibleName(number.label)
        self.spin.lineEdit().setAccessibleDescription(number.hint)
        self.spin.setToolTip(number.hint)
        self.label = label = QLabel(number.label, self)
        label.setWordWrap(True)
        label.setBuddy(self.spin)
        label.setToolTip(number.hint)
        self.reset = QToolButton(self)
        self.reset.setObjectName(f"reset_{number.field}")
        self.reset.setAccessibleName(f"{number.label}: {number.back[0].lower()}{number.back[1:]}")
        self.reset.setToolTip(number.back)
        self.reset.setIconSize(QSize(_ICON, _ICON))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.clicked.connect(self._on_reset)
        self.spin.valueChanged.connect(self._on_value)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[0])
        row.addWidget(label, 1)
        row.addWidget(self.spin)
        row.addWidget(self.reset)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._on_value()

    @Slot()
    def _on_reset(self) -> None:
        self.spin.setFocus(Qt.FocusReason.OtherFocusReason)
        self.spin.set_number(None)
        self.spin.selectAll()

    @Slot()
    def _on_value(self) -> None:
        self.reset.setVisible(self.spin.number() is not None)
        self.changed.emit()

    @Slot()
    def _on_theme(self) -> None:
        self.reset.setIcon(self._theme.icon("refresh", "muted", _ICON))
