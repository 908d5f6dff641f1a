"""Makes the parts of the main window; apart from it, since their imports take longer than its first frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.actions import make_actions
from ui.chat.find_bar import FindBar
from ui.chat.view import ChatView
from ui.chat.welcome import Welcome
from ui.composer.composer import Composer
from ui.composer.queue_bar import QueueBar
from ui.composer.room_bar import RoomBar
from ui.dialogs.chat_settings import ChatSettingsPanel
from ui.dialogs.document_pickers import DocumentPickers
from ui.dialogs.notice_bar import NoticeBar
from ui.dialogs.shortcuts_list import ShortcutsList
from ui.documents.drop_veil import DropVeil
from ui.dropping import WindowDrops
from ui.meters.status_line import StatusLine
from ui.sidebar.sidebar import Sidebar
from ui.text_size import TextSize
from ui.theme import SPACE, ThemeManager
from ui.top_bar import TopBar

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def make_parts(window: MainWindow, theme: ThemeManager, breathe: Callable[[], None]) -> None:
    """Give `window` its parts; `breathe` is called between them."""
    window.actions_by_id = make_actions(window)
    window.sidebar = Sidebar(theme)
    breathe()
    window.top_bar = TopBar(theme, window.actions_by_id)
    breathe()
    window.view = ChatView(theme)
    window.find = FindBar(theme, window.view)
    window.welcome = Welcome(theme)
    breathe()
    window.queue = QueueBar(theme)
    window.room = RoomBar(theme)
    window.composer = Composer(theme)
    breathe()
    window.notices = NoticeBar(theme)
    window.status = StatusLine(theme)
    window.settings = ChatSettingsPanel(theme)
    breathe()
    window.shortcuts = ShortcutsList(window)
    window.pickers = DocumentPickers(window)
    window.pages = _pages(window)
    breathe()


def make_helpers(window: MainWindow, theme: ThemeManager, whole: QWidget) -> None:
    """What watches the parts, once they have their places in `whole`."""
    window.text_size = TextSize(window)
    window.drops = WindowDrops(window, whole)
    window.veil = DropVeil(theme, window)


def _pages(window: MainWindow) -> QStackedWidget:
    pages = QStackedWidget()
    pages.setObjectName("pages")
    pages.setMinimumHeight(2 * SPACE[4])
    pages.addWidget(window.welcome)
    pages.addWidget(window.view)
    return pages
