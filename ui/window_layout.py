"""Where everything stands in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ui.theme import SPACE, ThemeManager
from ui.window_sizes import LEAST, SIDEBAR_WIDTH

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_LOWEST: Final = 480
#: px, more than any screen has.
_ANY_WIDTH: Final = 1 << 20


def lay_out(window: MainWindow) -> tuple[QSplitter, QHBoxLayout, QWidget]:
    """Put the window's parts in their places.

    Returns what divides it, the row that the settings join, and the whole, which belongs to no window yet.
    """
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setObjectName("splitter")
    splitter.setHandleWidth(1)
    splitter.addWidget(window.sidebar)
    splitter.addWidget(_middle(window))
    splitter.setStretchFactor(1, 1)
    splitter.setCollapsible(0, False)
    splitter.setCollapsible(1, False)
    window.sidebar.setMinimumWidth(SIDEBAR_WIDTH * 3 // 4)
    window.sidebar.setMaximumWidth(SIDEBAR_WIDTH * 2)
    splitter.setSizes([SIDEBAR_WIDTH, 4 * SIDEBAR_WIDTH])
    whole = QWidget()
    whole.setObjectName("whole")
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(splitter, 1)
    row.addWidget(window.settings)
    window.settings.hide()
    # Less than the parts want together: it is how the sidebar learns that it has to make room.
    whole.setMinimumSize(LEAST, _LOWEST)
    window.top_bar.set_sidebar_shown(True)
    return splitter, row, whole


def _middle(window: MainWindow) -> QWidget:
    """The conversation with all that is above and below it."""
    middle = QWidget()
    middle.setObjectName("body")
    middle.setMinimumWidth(LEAST)
    box = QVBoxLayout(middle)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(window.top_bar)
    theme = window.view.theme
    box.addWidget(_Column(window.notices, theme))
    box.addWidget(window.pages, 1)
    box.addWidget(_Column(window.queue, theme))
    box.addWidget(_Column(window.room, theme))
    box.addWidget(_Column(window.composer, theme, SPACE[1], SPACE[2]))
    box.addWidget(window.status)
    window.status.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return middle


class _Column(QWidget):
    """A widget in the middle, as wide as the reading column at most."""

    def __init__(self, widget: QWidget, theme: ThemeManager, above: int = 0, below: int = 0) -> None:
        super().__init__()
        self._widget, self._theme = widget, theme
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[4], above, SPACE[4], below)
        row.addStretch(1)
        row.addWidget(widget, 100_000)
        row.addStretch(1)
        theme.reading_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self._widget.setMaximumWidth(self._theme.reading.column(_ANY_WIDTH))
