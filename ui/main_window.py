"""The frame: sidebar, top bar, notices, conversation, composer, settings, status. No logic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QMoveEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow

from ui.theme import SPACE, ThemeManager
from ui.window_sizes import LEAST, PANEL_WIDTH, SIDEBAR_WIDTH

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog

    from app.chat.library import Place
    from app.engine.values import ModelInfo
    from ui.chat.shown import Shown
    from ui.first_picture import FirstPicture

_SIZE = (1180, 800)
#: An input method in the middle of a word is not disturbed.
_COMPOSING_MS = 50
#: Notices take at most this share of the window's height.
_NOTICES_SHARE = 0.4
#: What stays for all that is neither question nor notices, in px.
_REST = 270


class MainWindow(QMainWindow):
    """Builds the widgets and says what the person asked for."""

    model_chosen = Signal(str)
    closing = Signal()
    place_changed = Signal()
    sidebar_changed = Signal(bool, int)
    stop_requested = Signal()
    revealed = Signal()

    def __init__(self, theme: ThemeManager, *, parts: bool = True) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Cascade Desk")
        self.setAccessibleName("Cascade Desk")
        self._theme = theme
        self._dialog: QFileDialog | None = None
        self._built = False
        #: What is shown until the parts are; whether its place on the screen was known from the start.
        self.picture: FirstPicture | None = None
        self.placed = False
        self._sidebar_wanted, self._sidebar_width = True, SIDEBAR_WIDTH
        self.resize(*_SIZE)
        if parts:
            self.build()

    def show_picture(self, picture: FirstPicture) -> None:
        """Show this in place of the parts, until `reveal`."""
        self.picture = picture
        self.setCentralWidget(picture)
        picture.setFocus()

    def build(self, breathe: Callable[[], None] = lambda: None) -> None:
        """Make the parts; `breathe` is called between them, so that a picture takes keys meanwhile."""
        from ui.window_layout import lay_out
        from ui.window_parts import make_helpers, make_parts

        make_parts(self, self._theme, breathe)
        self.splitter, self._row, self._whole = lay_out(self)
        breathe()
        self.splitter.splitterMoved.connect(self._tell_sidebar)
        make_helpers(self, self._theme, self._whole)
        self._connect_actions()
        self._theme.changed.connect(self._on_theme)
        self._built = True
        self._on_theme()
        if self.picture is None:
            self.setCentralWidget(self._whole)
        self._share_height()
        self.composer.edit.setFocus()

    @Slot()
    def reveal(self) -> None:
        """The parts in place of the picture; what was typed there goes on in the composer."""
        picture = self.picture
        if picture is None:
            return
        if picture.composing:
            QTimer.singleShot(_COMPOSING_MS, self, self.reveal)
            return
        self.picture = None
        typed = picture.take()
        self.setCentralWidget(self._whole)
        self._whole.show()  # Qt would do it a turn later, with nothing there meanwhile
        self._size_sidebar()
        self._fit_sidebar()
        self._place_settings()
        self._share_height()
        self.composer.edit.setFocus()
        typed.put_into(self.composer.edit)
        self.revealed.emit()

    def _connect_actions(self) -> None:
        """The actions that concern nothing but the window."""
        slots = {
            "toggle_sidebar": self.toggle_sidebar,
            "chat_settings": self.toggle_settings,
            "open_model": self.choose_model,
            "switch_theme": self.switch_theme,
            "shortcuts": self.shortcuts.open_list,
            "focus_composer": self.composer.edit.setFocus,
            "focus_chat": self.view.setFocus,
            "attach_files": self.pickers.choose_files,
            "attach_folder": self.pickers.choose_folder,
            "find": self.find.open,
            "find_next": self.find.step_forward,
            "find_previous": self.find.step_back,
            "quit": self.close,
        }
        for name, slot in slots.items():
            self.actions_by_id[name].triggered.connect(slot)
        self.drops.model_dropped.connect(self.model_chosen)
        self.drops.text_dropped.connect(self.composer.take_text)
        self.drops.entered.connect(self._on_drag_entered)
        self.drops.left.connect(self.veil.hide)
        self.settings.closed.connect(self.toggle_settings)
        self.sidebar.left.connect(self._on_sidebar_left)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object)
    def set_model(self, info: ModelInfo | None) -> None:
        """Name the model on its button."""
        self.top_bar.set_model(info)
        self.welcome.show_model(info)
        self.composer.set_model(info)

    @Slot(object, object)
    def show_conversation(self, messages: list[Shown], place: Place | None) -> None:
        """Another conversation; the welcome where it has no messages."""
        self.view.show_messages(messages, place)
        self._choose_page(bool(messages))
        self.composer.edit.setFocus()

    @Slot(object)
    def change_messages(self, messages: list[Shown]) -> None:
        """Other messages of the same conversation."""
        self.view.replace_messages(messages)
        self._choose_page(bool(messages))

    @Slot(object)
    def add_message(self, shown: Shown) -> None:
        """A message behind the others, and the conversation in place of the welcome."""
        self._choose_page(True)
        self.view.add_message(
            shown.id,
            shown.role,
            shown.text,
            actions=shown.actions,
            version=shown.version,
            versions=shown.versions,
            attachments=shown.attachments,
        )
        if shown.role == "user":
            self.view.flush()  # what was typed stands there at once, not a frame later

    @Slot(object)
    def update_message(self, shown: Shown) -> None:
        """An answer has ended: its footer, its mark and what can be done with it."""
        self.view.finish_message(shown.id, shown.footer)
        self.view.update_message(shown)

    @Slot(str, str, float)
    def set_status(self, message_id: str, text: str, fraction: float) -> None:
        """A line under an answer that has no text yet; a negative fraction draws no bar."""
        self.view.set_status(message_id, text, fraction if fraction >= 0 else None)

    @Slot()
    def end_editing(self) -> None:
        """No message is edited any more."""
        self.view.set_editing("")

    def _choose_page(self, conversation: bool) -> None:
        self.pages.setCurrentWidget(self.view if conversation else self.welcome)

    @Slot(object)
    def on_store_opened(self, outcome: object) -> None:
        """Say where the list of conversations stays empty because they cannot be read."""
        from app.errors import UserError
        from app.language import tr

        failed = isinstance(outcome, UserError)
        self.sidebar.set_trouble(tr("Your saved conversations cannot be opened.") if failed else "")

    # ---- sidebar and settings -------------------------------------------------------------

    @Slot()
    def toggle_sidebar(self) -> None:
        self.show_sidebar(self.sidebar.isHidden())

    def show_sidebar(self, shown: bool, width: int = 0) -> None:
        """Show or hide the sidebar; `width` in px, 0 leaves it as it was."""
        self._sidebar_wanted = shown
        if shown and not self._has_room():
            self.resize(self.width() + SIDEBAR_WIDTH, self.height())
        self._place_sidebar(shown)
        if width:
            self._sidebar_width = width
            self._size_sidebar()
        self.sidebar_changed.emit(shown, 0)
        if not shown:
            self.composer.edit.setFocus()

    def _place_sidebar(self, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self.top_bar.set_sidebar_shown(shown)

    def _has_room(self) -> bool:
        """Whether the sidebar fits beside the conversation."""
        panel = PANEL_WIDTH if self._is_beside() and not self.settings.isHidden() else 0
        return self.width() - panel - self.sidebar.minimumWidth() >= LEAST

    def _is_beside(self) -> bool:
        """Whether the settings fit beside the conversation."""
        return self.width() - PANEL_WIDTH >= LEAST

    def _place_settings(self) -> None:
        """Beside the conversation, or over its right side where that would leave it too little."""
        beside = self._is_beside()
        if beside and self._row.indexOf(self.settings) < 0:
            self._row.addWidget(self.settings)
        elif not beside:
            self._row.removeWidget(self.settings)
            whole = self._whole.size()
            self.settings.setGeometry(whole.width() - PANEL_WIDTH, 0, PANEL_WIDTH, whole.height())
            self.settings.raise_()

    def _share_height(self) -> None:
        """A long question and many notices leave the conversation its place, at any height."""
        most = min(round(self.height() * _NOTICES_SHARE), self.height() - _REST - 3 * SPACE[4])
        self.notices.set_room(most)
        self.composer.edit.set_room(self.height() - most - _REST)

    def _fit_sidebar(self) -> None:
        """In a narrow window the sidebar makes room; it comes back with the width."""
        shown = self._sidebar_wanted and self._has_room()
        if shown == self.sidebar.isHidden():
            self._place_sidebar(shown)

    @Slot()
    def _tell_sidebar(self) -> None:
        self._sidebar_width = self.splitter.sizes()[0]
        self.sidebar_changed.emit(self._sidebar_wanted, self._sidebar_width)

    def _size_sidebar(self) -> None:
        width = self._sidebar_width
        self.splitter.setSizes([width, max(1, self.splitter.width() - width)])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._built:
            self._size_sidebar()  # before, the splitter had no width to share out

    @Slot()
    def toggle_settings(self) -> None:
        """Show the settings of the conversation beside it, or put them away."""
        shown = self.settings.isHidden()
        self.settings.setVisible(shown)
        self._fit_sidebar()
        self._place_settings()
        if shown:
            self.settings.setFocus()
        else:
            self.composer.edit.setFocus()

    @Slot()
    def focus_question(self) -> None:
        """Whatever had the keyboard goes away: the person writes on."""
        self.composer.edit.setFocus()

    @Slot()
    def _on_sidebar_left(self) -> None:
        """Esc in a sidebar that had nothing to close."""
        self.composer.edit.setFocus()
        self.stop_requested.emit()

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def _on_drag_entered(self, kind: str) -> None:
        if kind in ("documents", "model"):
            self.veil.show_for(kind)

    @Slot()
    def choose_model(self) -> None:
        """Ask for a GGUF file without blocking the window."""
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QFileDialog

        from app.language import tr
        from ui.dialogs.begin_in import DOWNLOADS, begin_in

        files = tr("GGUF models (*.gguf);;All files (*)")
        dialog = QFileDialog(self, tr("Open a model"), begin_in("", DOWNLOADS), files)
        dialog.setObjectName("open_model_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.model_chosen)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def switch_theme(self) -> None:
        self._theme.next_mode()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """It comes here where nothing that has the focus had a use for it."""
        if self.picture is None and self._is_escape(event):
            self.stop_requested.emit()
        else:
            super().keyPressEvent(event)

    def _is_escape(self, event: QKeyEvent) -> bool:
        from PySide6.QtCore import Qt  # late: the first key would wait for it

        return event.key() == Qt.Key.Key_Escape and not event.modifiers()

    # ---- the window's place ---------------------------------------------------------------

    def place(self) -> str:
        """Where the window is, as text for `restore_place`."""
        return bytes(self.saveGeometry().toBase64()).decode("ascii")

    def restore_place(self, place: str) -> None:
        """Put the window where it was; what is not a place is ignored."""
        self.restoreGeometry(QByteArray.fromBase64(place.encode("ascii", "replace")))

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.place_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._built:
            self._fit_sidebar()
            self._place_settings()
            self._share_height()
        self.place_changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    @Slot()
    def _on_theme(self) -> None:
        from ui.frame_style import frame_stylesheet

        self.setStyleSheet(frame_stylesheet(self._theme.tokens))
