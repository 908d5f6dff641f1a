"""Where everything stands in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ui.theme import COLUMN_WIDTH, SPACE

if TYPE_CHECKING:
    from ui.main_window import MainWindow

SIDEBAR_WIDTH: Final = 260
#: The conversation keeps so much: in a narrower window the sidebar gives way, and settings lie over it.
LEAST: Final = 460
_LOWEST: Final = 480


def lay_out(window: MainWindow) -> tuple[QSplitter, QHBoxLayout]:
    """Put the window's parts in their places; returns what divides it, and the row that the settings join."""
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
    window.setCentralWidget(whole)
    window.top_bar.set_sidebar_shown(True)
    return splitter, row


def _middle(window: MainWindow) -> QWidget:
    """The conversation with all that is above and below it."""
    middle = QWidget()
    middle.setObjectName("body")
    middle.setMinimumWidth(LEAST)
    box = QVBoxLayout(middle)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(window.top_bar)
    box.addWidget(_column(window.notices, (SPACE[4], 0, SPACE[4], 0)))
    box.addWidget(window.pages, 1)
    box.addWidget(_column(window.queue, (SPACE[4], 0, SPACE[4], 0)))
    box.addWidget(_column(window.room, (SPACE[4], 0, SPACE[4], 0)))
    box.addWidget(_column(window.composer, (SPACE[4], SPACE[1], SPACE[4], SPACE[2])))
    box.addWidget(window.status)
    window.status.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return middle


def _column(widget: QWidget, margins: tuple[int, int, int, int]) -> QWidget:
    """`widget` in the middle, as wide as the reading column at most."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(*margins)
    widget.setMaximumWidth(COLUMN_WIDTH)
    row.addStretch(1)
    row.addWidget(widget, 100_000)
    row.addStretch(1)
    return holder
