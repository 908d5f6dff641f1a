"""What is exported: as what kind of file, and how much of it. Then it shows how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.export.values import SUFFIXES, Format, Options
from app.language import mark, ntr, tr
from ui.dialogs.begin_in import DOCUMENTS, begin_in
from ui.dialogs.export_offer import Offer
from ui.elided_label import ElidedLabel
from ui.theme import SPACE
from ui.words import count

_WIDTH: Final = 440
_STEPS: Final = 1000
_FORMATS: Final[tuple[tuple[Format, str, str], ...]] = (
    ("markdown", mark("Markdown"), mark("Plain text with marks, for notes and other editors")),
    ("html", mark("Web page (HTML)"), mark("One file that any browser shows, formulas included")),
    ("pdf", "PDF", mark("Pages to print or to pass on")),
    ("json", "JSON", mark("Can be imported here again without loss")),
)
_FILTERS: Final[dict[Format, str]] = {
    "markdown": mark("Markdown (*.md)"),
    "html": mark("Web page (*.html)"),
    "pdf": mark("PDF (*.pdf)"),
    "json": mark("JSON (*.json)"),
}


class ExportDialog(QDialog):
    """Not modal; Esc closes it, and what is being written goes on.

    Signals:
        write_requested: the file or folder that was chosen, and Options.
        cancel_requested: what is being written is to be broken off.
    """

    write_requested = Signal(str, object)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle(tr("Export"))
        self.setAccessibleName(tr("Export"))
        self.setModal(False)
        self._offer = Offer(0)
        self._folder = ""
        self._picker: QFileDialog | None = None
        # What was chosen, for JSON and for the others.
        self._kept = {True: (True, True, True), False: (False, False, False)}
        self.subject = ElidedLabel("", self)
        self.subject.setObjectName("export_subject")
        self.subject.setAccessibleName(tr("What is exported"))
        self.formats: dict[Format, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.whole = self._check("export_whole", tr("All branches, not only the one that is shown"))
        self.thoughts = self._check("export_thoughts", tr("The model's thoughts"))
        self.documents = self._check("export_documents", tr("The full texts of attached documents"))
        self.bar = QProgressBar(self)
        self.bar.setObjectName("export_progress")
        self.bar.setAccessibleName(tr("How much is written"))
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.state = QLabel("", self)
        self.state.setObjectName("export_state")
        self.state.setProperty("role", "muted")
        self.start = self._button("export_start", tr("Export…"))
        self.start.setProperty("primary", True)
        self.start.setDefault(True)
        self.cancel = self._button("export_cancel", tr("Cancel"))
        self.cancel.setAutoDefault(False)  # once the other was hidden, Enter would press this one
        self._lay_out()
        self.start.clicked.connect(self._on_start)
        self.cancel.clicked.connect(self._on_cancel)
        self._group.buttonToggled.connect(self._on_format)
        self.formats["markdown"].setChecked(True)
        self._busy = True
        self._show_busy(False)

    def _check(self, name: str, text: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setObjectName(name)
        return box

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE[4], SPACE[4], SPACE[4], SPACE[4])
        column.setSpacing(SPACE[1])
        column.addStrut(_WIDTH - 2 * SPACE[4])
        column.addWidget(self.subject)
        column.addSpacing(SPACE[1])
        column.addWidget(_heading(tr("As"), self))
        for kind, text, hint in _FORMATS:
            button = QRadioButton(tr(text), self)
            button.setObjectName(f"export_{kind}")
            button.setAccessibleDescription(tr(hint))
            self.formats[kind] = button
            self._group.addButton(button)
            said = QLabel(tr(hint), self)
            said.setProperty("role", "muted")
            said.setIndent(SPACE[4])
            said.setWordWrap(True)
            both = QVBoxLayout()
            both.setSpacing(0)
            both.addWidget(button)
            both.addWidget(said)
            column.addLayout(both)
        column.addSpacing(SPACE[1])
        column.addWidget(_heading(tr("With"), self))
        for box in (self.thoughts, self.documents, self.whole):
            column.addWidget(box)
        column.addSpacing(SPACE[2])
        column.addWidget(self.bar)
        column.addWidget(self.state)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.start)
        column.addStretch(1)
        column.addLayout(row)

    @property
    def options(self) -> Options:
        """What is chosen."""
        kind = next(kind for kind, button in self.formats.items() if button.isChecked())
        whole = self.whole.isChecked() and kind == "json"
        return Options(kind, whole, self.thoughts.isChecked(), self.documents.isChecked())

    @Slot(object)
    def open_for(self, offer: Offer) -> None:
        """Ask about these conversations; while some are being written it shows how far that is."""
        if not self._busy:
            self._offer = offer
            one = tr("“{title}”", title=offer.title) if offer.title else tr("This chat")
            many = ntr("{count} conversation", "{count} conversations", offer.count)
            self.subject.setText(one if offer.count == 1 else many)
        if not self.isVisible():
            self._fit()
        self.show()
        self.activateWindow()
        chosen = next(button for button in self.formats.values() if button.isChecked())
        (self.cancel if self._busy else chosen).setFocus()

    @Slot(float, int, int)
    def set_progress(self, share: float, done: int, total: int) -> None:
        """Something is being written: a share from 0 to 1, and the conversations that are done."""
        self._show_busy(True)
        self.bar.setValue(round(share * _STEPS))
        self.state.setText(
            tr("{done} of {total} written", done=count(done), total=count(total))
            if total > 1
            else tr("Writing the file")
        )

    @Slot()
    def end(self) -> None:
        """It has ended; a notice says how."""
        self._show_busy(False)
        self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._close_picker()
        super().closeEvent(event)

    def _show_busy(self, busy: bool) -> None:
        if busy == self._busy:
            return
        self._busy = busy
        for widget in (self.bar, self.state):
            widget.setVisible(busy)
        self.start.setVisible(not busy)
        self.start.setDefault(not busy)
        for one in (*self.formats.values(), self.thoughts, self.documents):
            one.setEnabled(not busy)
        self.whole.setEnabled(not busy and self.options.format == "json")
        self.cancel.setAccessibleName(tr("Cancel the export") if busy else tr("Close without exporting"))
        self._fit()

    def _fit(self) -> None:
        """As large as all of it; Qt alone would stop at two thirds of a screen."""
        self.adjustSize()
        self.resize(self.width(), self.layout().totalHeightForWidth(self.width()))

    @Slot(object, bool)
    def _on_format(self, button: object, checked: bool) -> None:
        """JSON is for keeping: all of it, where a person has not chosen otherwise."""
        if button is not self.formats["json"]:
            return
        self._kept[not checked] = self._chosen()
        for box, on in zip(self._boxes(), self._kept[checked], strict=True):
            box.setChecked(on)
        self.whole.setEnabled(checked)

    def _boxes(self) -> tuple[QCheckBox, QCheckBox, QCheckBox]:
        return self.whole, self.thoughts, self.documents

    def _chosen(self) -> tuple[bool, bool, bool]:
        return self.whole.isChecked(), self.thoughts.isChecked(), self.documents.isChecked()

    # ---- where to -------------------------------------------------------------------------

    @Slot()
    def _on_start(self) -> None:
        if self._picker is not None:
            self._picker.activateWindow()
            return
        kind = self.options.format
        several = self._offer.count > 1
        title = tr("Export into a folder") if several else tr("Export to a file")
        picker = QFileDialog(self, title, begin_in(self._folder, DOCUMENTS))
        picker.setObjectName("export_picker")
        if several:
            picker.setFileMode(QFileDialog.FileMode.Directory)
            picker.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            picker.setNameFilter(tr(_FILTERS[kind]))
            picker.setDefaultSuffix(SUFFIXES[kind].removeprefix("."))
            picker.selectFile(f"{self._offer.name}{SUFFIXES[kind]}")
        picker.fileSelected.connect(self._on_selected)
        picker.finished.connect(self._on_picked)
        self._picker = picker
        picker.open()

    @Slot(str)
    def _on_selected(self, path: str) -> None:
        self._folder = path if self._offer.count > 1 else str(Path(path).parent)
        self.write_requested.emit(path, self.options)

    @Slot()
    def _on_picked(self) -> None:
        picker, self._picker = self._picker, None
        if picker is not None:
            picker.deleteLater()

    def _close_picker(self) -> None:
        if self._picker is not None:
            self._picker.reject()

    @Slot()
    def _on_cancel(self) -> None:
        if self._busy:
            self.cancel_requested.emit()
        else:
            self.close()


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", "heading")
    label.setIndent(0)
    return label
