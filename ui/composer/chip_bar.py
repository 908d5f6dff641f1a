"""The documents that go with the question, as chips above its text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from app.language import tr
from ui.composer.attached import Attached
from ui.composer.chip_flow import ChipFlow
from ui.composer.pages_line import PagesLine
from ui.composer.password_line import PasswordLine
from ui.theme import SPACE, ThemeManager

_ROWS: Final = 2.5  # the half row shows that there is more


class _Area(QScrollArea):
    """As high as its chips, up to a limit."""

    def sizeHint(self) -> QSize:
        return QSize(0, self.maximumHeight())


class ChipBar(QFrame):
    """Hidden while there is nothing to show. All the chips are one tab stop."""

    remove_requested = Signal(str)
    open_requested = Signal(str)
    retry_requested = Signal(str)
    password_given = Signal(str, str)
    pages_chosen = Signal(str, str)  # "" for all of them

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip_bar")
        self.setAccessibleName(tr("Documents that go with the question"))
        self._theme = theme
        self._items: dict[str, Attached] = {}
        self._aside = False
        self._tried = ""  # whose password was given last
        self._newest = ""  # of those that came last, until it can be seen
        self.flow = ChipFlow(theme)
        self.password = PasswordLine(self)
        self.pages = PagesLine(theme, self)
        self._area = _Area(self)
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        area = self._area
        area.setObjectName("chip_area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(self.flow)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[1])
        for widget in (area, self.password, self.pages):
            box.addWidget(widget)

    def _connect(self) -> None:
        self.flow.activated.connect(self._on_activated)
        self.flow.removed.connect(self.remove_requested)
        self.flow.retried.connect(self.retry_requested)
        self.flow.menu_wanted.connect(self._on_menu_wanted)
        self.flow.focused.connect(self._on_focused)
        self.flow.arranged.connect(self._fit)
        self._area.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.password.given.connect(self._on_password_given)
        self.password.left_out.connect(self.remove_requested)
        self.pages.used.connect(self.pages_chosen)
        self.pages.closed.connect(self._on_pages_closed)

    def stops(self) -> list[QWidget]:
        """What the keyboard goes through, for whoever sets the order; the chips come first."""
        return [self.flow, *self.password.stops(), *self.pages.stops()]

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object)
    def set_attachments(self, items: list[Attached]) -> None:
        """Show these documents instead of those that are shown."""
        self._follow([item.id for item in items])
        self._items = {item.id: item for item in items}
        self.flow.set_items(items)
        locked = [item for item in items if item.state == "password"]
        asked = next((item for item in locked if item.id == self.password.asks_for), None)
        self.password.ask(asked or next(iter(locked), None))
        self._ask_again()
        if self.pages.asks_for and self.pages.asks_for not in self._items:
            self.pages.forget()
        self._show()

    def _follow(self, ids: list[str]) -> None:
        """What comes to those that are here has to be seen, and what becomes of it."""
        came = [one for one in ids if one not in self._items]
        if not self._items.keys() <= set(ids):
            self._newest = ""
        elif came:
            self._newest = came[-1] if self._items else ""

    @Slot()
    def _on_range(self) -> None:
        item, chip = self._items.get(self._newest), self.flow.chip(self._newest)
        if item is None or chip is None:
            return
        self._area.ensureWidgetVisible(chip, 0, SPACE[1])
        if item.state != "reading":
            self._newest = ""

    def set_aside(self, aside: bool) -> None:
        """Keep them out of sight: what is written at the moment goes without them."""
        self._aside = aside
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._items) and not self._aside)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        row = self.flow.row_height()
        whole = self.flow.heightForWidth(max(1, self._area.viewport().width()))
        most = min(whole, round(_ROWS * row) + 2 * SPACE[1])
        if (self._area.minimumHeight(), self._area.maximumHeight()) != (min(row, most), most):
            self._area.setMinimumHeight(min(row, most))
            self._area.setMaximumHeight(most)
            self._area.updateGeometry()

    # ---- passwords ------------------------------------------------------------------------

    @Slot(str, str)
    def _on_password_given(self, attachment_id: str, password: str) -> None:
        self._tried = attachment_id
        self._focus_chip(attachment_id)
        self.password_given.emit(attachment_id, password)

    def _ask_again(self) -> None:
        """A password was wrong: whoever still waits for it may type another one at once."""
        item, chip = self._items.get(self._tried), self.flow.chip(self._tried)
        if item is None or chip is None or item.state != "password" or not chip.hasFocus():
            return
        self._tried = ""
        self.password.ask(item)
        self.password.focus()

    def _focus_chip(self, attachment_id: str) -> None:
        chip = self.flow.chip(attachment_id)
        if chip is not None:
            chip.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- pages ----------------------------------------------------------------------------

    @Slot(str)
    def focus_pages(self, attachment_id: str) -> None:
        """Open the line in which pages of this document are chosen."""
        item = self._items.get(attachment_id)
        if item is not None and item.pages > 1:
            self.pages.ask(item)

    @Slot(str, str)
    def set_page_error(self, attachment_id: str, text: str) -> None:
        """Say what is wrong with the pages that were typed."""
        if attachment_id in self._items:
            self.pages.show_error(attachment_id, text)

    @Slot(str)
    def _on_pages_closed(self, attachment_id: str) -> None:
        self._focus_chip(attachment_id)

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def _on_activated(self, attachment_id: str) -> None:
        item = self._items.get(attachment_id)
        if item is None:
            return
        if item.state == "password":
            self.password.ask(item)
            self.password.focus()
        elif item.state == "failed":
            self.retry_requested.emit(attachment_id)
        elif item.state == "ready":
            self.open_requested.emit(attachment_id)

    @Slot(object)
    def _on_focused(self, chip: QWidget) -> None:
        self._area.ensureWidgetVisible(chip, 0, SPACE[1])

    @Slot(str, object)
    def _on_menu_wanted(self, attachment_id: str, at: QPoint) -> None:
        if attachment_id in self._items:
            self.make_menu(self._items[attachment_id]).popup(at)

    def make_menu(self, item: Attached) -> QMenu:
        """What can be done with a document. The menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setObjectName("chip_menu")
        menu.setAccessibleName(tr("Document menu"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if item.state == "ready":
            menu.addAction(tr("View text"), lambda: self.open_requested.emit(item.id))
            if item.pages > 1:
                menu.addAction(tr("Choose pages…"), lambda: self.focus_pages(item.id))
        if item.state == "failed":
            menu.addAction(tr("Try again"), lambda: self.retry_requested.emit(item.id))
        menu.addAction(tr("Remove"), lambda: self.remove_requested.emit(item.id))
        return menu
