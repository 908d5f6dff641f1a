"""The settings: pages by a list, and a search over all of them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import mark, tr
from app.models.catalogue import DEFAULT_ENDPOINT
from app.paths import Paths
from app.settings.model import Settings
from ui.settings.about_page import AboutPage
from ui.settings.appearance_page import AppearancePage
from ui.settings.engine_page import EnginePage
from ui.settings.mode_page import ModePage
from ui.settings.network_page import NetworkPage
from ui.settings.page import SettingsPage
from ui.settings.storage_page import StoragePage
from ui.settings.tab_order import order
from ui.theme import SPACE, ThemeManager

_SIZE: Final = (860, 640)
_LEAST: Final = (720, 420)
_LIST_WIDTH: Final = 168
_NONE: Final = mark("No setting has these words.")


class ModelPage(SettingsPage):
    """Another's widget is all that it shows."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("model", tr("Model"), theme)
        self.foot.hide()

    def show_settings(self, settings: Settings) -> None:
        """Nothing of the settings is on it."""

    def values(self) -> dict[str, dict[str, object]]:
        return {}


class SettingsDialog(QDialog):
    """Stays beside the work: it is not modal. Esc closes it. Setters emit nothing.

    Signals:
        change_wanted: group, and its values by name; holds at once.
        opened: it is shown; what it says of disk and engine is to be brought up to date.
    """

    change_wanted = Signal(str, object)
    opened = Signal()

    def __init__(self, theme: ThemeManager, paths: Paths, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self.setWindowTitle(tr("Settings"))
        self.setAccessibleName(tr("Settings"))
        self.setModal(False)
        self.model = ModelPage(theme)
        self.mode = ModePage(theme)
        self.engine = EnginePage(theme)
        self.appearance = AppearancePage(theme)
        self.storage = StoragePage(theme, paths.data, paths.models)
        self.network = NetworkPage(theme, DEFAULT_ENDPOINT)
        self.about = AboutPage(theme)
        self.all: tuple[SettingsPage, ...] = (
            *(self.model, self.mode, self.engine),
            *(self.appearance, self.storage, self.network, self.about),
        )
        self._build_search()
        self._build_pages()
        self._lay_out()
        order(self.search, self.list, *self.all)
        self.setMinimumSize(*_LEAST)
        self.resize(*_SIZE)
        self._show_hits()

    def _build_search(self) -> None:
        self.search = QLineEdit(self)
        self.search.setObjectName("settings_search")
        self.search.setAccessibleName(tr("Search in all settings"))
        self.search.setPlaceholderText(tr("Search in all settings"))
        self.search.setClearButtonEnabled(True)
        for button in self.search.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear the search"))
        self.search.textChanged.connect(self._show_hits)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setObjectName("settings_find")
        find.activated.connect(self._on_find)
        self.none = QLabel(tr(_NONE), self)
        self.none.setObjectName("settings_none")
        self.none.setProperty("role", "muted")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _build_pages(self) -> None:
        self.list = QListWidget(self)
        self.list.setObjectName("settings_pages")
        self.list.setAccessibleName(tr("Pages of the settings"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("settings_stack")
        for page in self.all:
            item = QListWidgetItem(page.title, self.list)
            item.setSizeHint(QSize(0, 2 * SPACE[3]))
            self.stack.addWidget(page)
            page.change_wanted.connect(self.change_wanted)
        self.stack.addWidget(self.none)
        self.list.currentRowChanged.connect(self._on_row)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(SPACE[3], 0, 0, SPACE[3])
        left.addWidget(self.list)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addLayout(left)
        below.addWidget(self.stack, 1)
        top = QHBoxLayout()
        top.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[2])
        top.addWidget(self.search)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addLayout(below, 1)

    # ---- what is shown --------------------------------------------------------------------

    @Slot()
    def open_dialog(self) -> None:
        """Show it where it was, ready to search; one that is open comes to the front."""
        self.search.clear()
        self._open()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_page(self, page_id: str) -> None:
        """Show it at one page, ready to change its first setting."""
        self.search.clear()
        page = self.page(page_id)
        self.list.setCurrentRow(self.all.index(page))
        self._open()
        self._focus_first(page)

    def _open(self) -> None:
        self.show()
        self.activateWindow()
        self.opened.emit()

    def _focus_first(self, page: SettingsPage) -> None:
        first = next((row for row in page.rows if row.label.buddy() is not None), None)
        target = first.label.buddy() if first is not None else self.list
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def page(self, page_id: str) -> SettingsPage:
        return next(page for page in self.all if page.id == page_id)

    def set_page_widget(self, page_id: str, widget: QWidget) -> None:
        """Put a widget at the top of a page. Its accessible name and description are what a search finds."""
        self.page(page_id).set_widget(widget)
        order(self.search, self.list, *self.all)
        if self.isHidden():
            self.list.setCurrentRow(-1)  # it opens at the first page that is filled by then
        self._show_hits()

    @Slot(object)
    def set_settings(self, settings: Settings) -> None:
        """Show the settings that hold."""
        for page in self.all:
            page.show_settings(settings)

    @Slot(str, str, str)
    def show_refused(self, group: str, field: str, words: str) -> None:
        """A value that the person gave cannot be: say why below it."""
        for page in self.all:
            page.refuse(group, field, words)

    # ---- searching ------------------------------------------------------------------------

    @Slot()
    def _show_hits(self) -> None:
        """Leave the pages that have hits, and show one of them."""
        asked = self.search.text().casefold().split()
        found = [page.filled and bool(page.find(asked)) for page in self.all]
        for index, hit in enumerate(found):
            self.list.item(index).setHidden(not hit)
        row = self.list.currentRow()
        if row < 0 or not found[row]:
            row = next((index for index, hit in enumerate(found) if hit), -1)
            self.list.setCurrentRow(row)
        self._on_row(row)

    @Slot(int)
    def _on_row(self, row: int) -> None:
        self.stack.setCurrentWidget(self.all[row] if row >= 0 else self.none)

    @Slot()
    def _on_find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # ---- what the person does -------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a field has taken it; no button is meant
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.flush()

    @Slot()
    def flush(self) -> None:
        """Say what was changed and is still waited for."""
        for page in self.all:
            page.flush()
            page.forget_undo()
