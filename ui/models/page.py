"""Getting and choosing a model: the list, the card beside it, the downloads below."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.language import tr
from ui.dialogs.begin_in import DOWNLOADS, begin_in
from ui.dialogs.notice_bar import NoticeBar
from ui.models.card import CardView
from ui.models.downloads import DownloadsView
from ui.models.find_bar import FindBar
from ui.models.licence import LicencePage
from ui.models.tree import ModelsTree
from ui.models.values import Action, Card, LicenceAsk
from ui.theme import SPACE, ThemeManager

#: Notices take at most so many px here.
_NOTICES = 160


class ModelsPage(QWidget):
    """Builds the widgets and says what the person asked for. Can stand in any dialog.

    Signals:
        opened: it is seen, and wants to be filled.
        acted: a button of the card, or what stands for it: the row's key, the action's id.
        model_chosen: the path of a GGUF file to be loaded.
        folder_chosen: a folder in which models are looked for from now on.
    """

    opened = Signal()
    acted = Signal(str, str)
    model_chosen = Signal(str)
    folder_chosen = Signal(str)
    file_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("models_page")
        self.setAccessibleName(tr("Models"))
        self.setAcceptDrops(True)
        self._dialog: QFileDialog | None = None
        self.find_bar = FindBar(theme, self)
        self.notices = NoticeBar(theme, self)
        self.notices.set_room(_NOTICES)
        self.tree = ModelsTree(theme, self)
        self.card = CardView(theme, self)
        self.downloads = DownloadsView(self)
        self.licence = LicencePage(theme, self)
        self.pages = QStackedWidget(self)
        self.pages.setObjectName("models_pages")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(SPACE[3])
        middle.addWidget(self.tree, 1)
        middle.addWidget(self.card)
        models = QWidget(self)
        models.setObjectName("models_list_page")
        box = QVBoxLayout(models)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[2])
        box.addWidget(self.find_bar)
        box.addLayout(middle, 1)
        self.pages.addWidget(models)
        self.pages.addWidget(self.licence)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[3])
        whole.setSpacing(SPACE[2])
        whole.addWidget(self.notices)
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.downloads)

    def _connect(self) -> None:
        self.find_bar.open_requested.connect(self.file_requested)
        self.find_bar.folder_requested.connect(self.choose_folder)
        self.card.acted.connect(self.acted)
        self.tree.row_activated.connect(self._on_activated)
        self.tree.remove_requested.connect(self._on_remove)

    # ---- what is shown --------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit()

    @Slot(object)
    def set_licence(self, ask: LicenceAsk | None) -> None:
        """Ask for a licence in place of the list, or go back to it."""
        if ask is not None:
            self.pages.setCurrentWidget(self.licence)
            self.licence.set_ask(ask)
        elif self.pages.currentWidget() is self.licence:
            self.licence.ask = None
            self.pages.setCurrentIndex(0)
            self.tree.setFocus()

    @Slot(object)
    def set_card(self, card: Card | None) -> None:
        """Everything about the row that is chosen; None where there is none."""
        self.card.set_card(card)

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def _on_activated(self, key: str) -> None:
        """Enter or a double click does what the first button does."""
        card = self.card.card
        if card is not None and card.key == key and card.primary is not None and card.primary.enabled:
            self.acted.emit(key, card.primary.id)

    @Slot(str)
    def _on_remove(self, key: str) -> None:
        card = self.card.card
        actions: tuple[Action, ...] = card.others if card is not None and card.key == key else ()
        for action in actions:
            if action.id in ("remove", "forget") and action.enabled:
                self.acted.emit(key, action.id)

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder of models without blocking the window."""
        dialog = QFileDialog(self, tr("A folder with models"), begin_in("", DOWNLOADS))
        dialog.setObjectName("models_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder_chosen)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A GGUF file is loaded; anything else may be a folder of models."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        models = [path for path in paths if path.lower().endswith(".gguf")]
        if models:
            self.model_chosen.emit(models[0])
        for path in paths:
            if path not in models:
                self.folder_chosen.emit(path)
