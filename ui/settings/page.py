"""A page of the settings: its rows below a title, and a way back to how it was at first."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.language import mark, tr
from app.settings.model import GROUPS, Settings
from ui.settings.rows import SettingRow
from ui.theme import SPACE, ThemeManager

_DONE: Final = mark("The page is as at first.")


class SettingsPage(QWidget):
    """Shows what it is told and says what the person wants; holds no settings of its own.

    Signals:
        change_wanted: group, and its values by name.
    """

    change_wanted = Signal(str, object)

    def __init__(self, page_id: str, title: str, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName(f"settings_{page_id}")
        self.setAccessibleName(title)
        self.id, self.title, self.theme = page_id, title, theme
        self.rows: list[SettingRow] = []
        self._sections: list[tuple[QLabel | None, list[SettingRow]]] = [(None, [])]
        self._slot: QWidget | None = None
        self._before: dict[str, dict[str, object]] = {}
        self._build()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Qt scrolls to what has the keyboard only where that came from another control of the area."""
        inner = self.area.widget()
        if (
            now is not None
            and inner is not None
            and inner.isAncestorOf(now)
            and now.visibleRegion().isEmpty()
        ):
            self.area.ensureWidgetVisible(now, 0, SPACE[3])

    def _build(self) -> None:
        heading = QLabel(self.title, self)
        heading.setObjectName("settings_title")
        heading.setIndent(0)
        inner = QWidget()
        inner.setObjectName("settings_inner")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(SPACE[4], 0, SPACE[4], SPACE[3])
        self.column.setSpacing(0)
        self.column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setObjectName("settings_area")
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidgetResizable(True)
        self.area.setWidget(inner)
        self.foot = QFrame(self)
        self.foot.setObjectName("settings_foot")
        self.foot_row = QHBoxLayout(self.foot)
        self.foot_row.setContentsMargins(SPACE[4], SPACE[2], SPACE[4], SPACE[2])
        self.foot_row.setSpacing(SPACE[1])
        self.reset = self.push("settings_reset", tr("Reset this page"), self._on_reset)
        self.undo = self.push("settings_undo", tr("Undo"), self._on_undo)
        self.done = QLabel(tr(_DONE), self.foot)
        self.done.setProperty("role", "meta")
        for widget in (self.reset, self.done, self.undo):
            self.foot_row.addWidget(widget)
        self.foot_row.addStretch(1)
        self._show_undo(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(heading)
        box.addWidget(self.area, 1)
        box.addWidget(self.foot)

    # ---- what a page is made of -----------------------------------------------------------

    def push(self, name: str, text: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("small", True)
        button.setAutoDefault(False)  # Enter in a field must not press it
        button.clicked.connect(slot)
        return button

    def heading(self, text: str) -> None:
        """Rows below belong to it."""
        label = QLabel(text, self)
        label.setProperty("role", "heading")
        label.setIndent(0)
        self.put(label)
        self._sections.append((label, []))

    def add(self, row: SettingRow) -> None:
        heading, rows = self._sections[-1]
        row.sought += f" {self.title} {heading.text() if heading is not None else ''}".casefold()
        rows.append(row)
        self.rows.append(row)
        self.put(row)

    def put(self, widget: QWidget) -> None:
        """Something that no search finds."""
        self.column.insertWidget(self.column.count() - 1, widget)

    def set_widget(self, widget: QWidget) -> None:
        """Another's widget at the top; a search finds it by its accessible name and description."""
        self._slot = widget
        self.column.insertWidget(0, widget)

    @property
    def filled(self) -> bool:
        """Whether there is anything on the page."""
        return bool(self.rows) or self._slot is not None

    # ---- searching ------------------------------------------------------------------------

    def find(self, words: list[str]) -> int:
        """Leave the rows that have all words (casefolded), with these marked; how many there are."""
        hits = 0
        for heading, rows in self._sections:
            left = 0
            for row in rows:
                hit = all(word in row.sought for word in words)
                row.setVisible(hit)
                row.mark(words if hit else [])
                left += hit
            if heading is not None:
                heading.setVisible(bool(left))
            hits += left
        if self._slot is not None:
            said = f"{self.title} {self._slot.accessibleName()} {self._slot.accessibleDescription()}"
            hit = all(word in said.casefold() for word in words)
            self._slot.setVisible(hit)
            hits += hit
        return hits

    # ---- what is shown --------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        """Show what holds."""
        raise NotImplementedError

    def refuse(self, group: str, field: str, words: str) -> bool:
        """Say why a value cannot be; whether it was one of this page's."""
        for row in self.rows:
            if row.field == field and group in self.values():
                row.set_note(words, warning=True)
                return True
        return False

    def flush(self) -> None:
        """Say what is still waited for."""
        for row in self.rows:
            flush = getattr(row, "flush", None)
            if flush is not None:
                flush()

    # ---- back to how it was at first ------------------------------------------------------

    def values(self) -> dict[str, dict[str, object]]:
        """What the page shows, by group and name: all that its reset concerns."""
        raise NotImplementedError

    def want(self, group: str, **values: object) -> None:
        """The person changed something."""
        self._show_undo(False)
        self.change_wanted.emit(group, values)

    @Slot()
    def _on_reset(self) -> None:
        self.flush()
        before = self.values()
        for group, values in before.items():
            defaults = {one.name: one.default for one in fields(GROUPS[group]) if one.name in values}
            self.put_back(group, defaults)
        self._before = before
        self._show_undo(True)
        self.undo.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_undo(self) -> None:
        for group, values in self._before.items():
            self.put_back(group, values)
        self._show_undo(False)
        self.reset.setFocus(Qt.FocusReason.OtherFocusReason)

    def put_back(self, group: str, values: dict[str, object]) -> None:
        """Have other values, at once."""
        self.change_wanted.emit(group, values)

    def forget_undo(self) -> None:
        """The page was left: what was reset stays so."""
        self._show_undo(False)

    def _show_undo(self, shown: bool) -> None:
        self.undo.setVisible(shown)
        self.done.setVisible(shown)
