"""How long the context is to be: slider, typed value, what it would take, and where it would go."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.language import mark, tr
from app.models.contexts import typed_tokens
from app.models.metering import KINDS, Meter
from app.models.prospect import ContextRange, Prospect
from ui import words
from ui.meters.legend import Legend
from ui.meters.stacked_bar import StackedBar
from ui.models.context_track import ContextTrack
from ui.theme import SPACE, ThemeManager
from ui.throttle import Throttle

_PREVIEW_MS = 60
_FIELD_WIDTH = 110
_NO_MODEL = mark("Load a model to choose its context.")
_NO_FILE = mark("The model's file cannot be read any more, so its context stays as it is.")


class ContextPanel(QWidget):
    """Nothing changes before Apply. Setters emit nothing.

    Signals:
        previewed: a context that is being looked at, in tokens; `show_prospect` answers.
        applied: the context that was chosen.
        fit_requested: everything is to be chosen automatically again.
    """

    previewed = Signal(int)
    applied = Signal(int)
    fit_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("context_panel")
        self._current, self._shown = 0, 0
        self._chosen = False  # whether the person has moved it, and not applied
        self._preview = Throttle(_PREVIEW_MS, self)
        self._preview.due.connect(self._emit_preview)
        self._theme = theme
        self.track = ContextTrack(theme, self)
        self.field = QLineEdit(self)
        self.field.setObjectName("context_field")
        self.field.setAccessibleName(tr("Context in tokens"))
        self.field.setFixedWidth(_FIELD_WIDTH)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sentence, self.note, self.reading = (_label(self, role) for role in ("", "meta", "meta"))
        self.sentence.setObjectName("context_sentence")
        self.note.setObjectName("context_note")
        self.reading.setObjectName("context_reading")
        self.legend = Legend(theme, self)
        self.apply_button = QPushButton(tr("Apply"), self)
        self.apply_button.setObjectName("context_apply")
        self.apply_button.setProperty("primary", True)
        self.apply_button.setAutoDefault(False)
        self.fit_button = QPushButton(tr("Fit for me"), self)
        self.fit_button.setObjectName("fit_for_me")
        self.fit_button.setAutoDefault(False)
        self.fit_button.setToolTip(
            tr("Choose anew what is not set by hand below, for the memory that is free now")
        )
        self._bars: list[tuple[QLabel, StackedBar]] = []
        self._lay_out()
        self.track.tokens_changed.connect(self._on_moved)
        self.field.editingFinished.connect(self._on_typed)
        self.apply_button.clicked.connect(self._on_apply)
        self.fit_button.clicked.connect(self.fit_requested)
        self.set_range(None)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE[1])
        title = _label(self, "")
        title.setText(tr("Context"))
        title.setBuddy(self.track)
        tokens = _label(self, "meta")
        tokens.setText(tr("tokens"))
        tokens.setWordWrap(False)
        head.addWidget(title, 1)
        head.addWidget(self.field)
        head.addWidget(tokens)
        self._bar_box = QVBoxLayout()
        self._bar_box.setSpacing(SPACE[0])
        foot = QHBoxLayout()
        foot.setSpacing(SPACE[1])
        foot.addWidget(self.reading, 1)
        foot.addWidget(self.fit_button)
        foot.addWidget(self.apply_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[1])
        box.addLayout(head)
        box.addWidget(self.track)
        box.addWidget(self.note)
        box.addWidget(self.sentence)
        box.addLayout(self._bar_box)
        box.addWidget(self.legend)
        box.addLayout(foot)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object)
    def set_range(self, found: ContextRange | None) -> None:
        """The contexts that the model can have; None while there is none, or its file cannot be read."""
        for widget in (self.track, self.field, self.fit_button):
            widget.setEnabled(found is not None)
        if found is None:
            self.sentence.setText(tr(_NO_FILE) if self._current else tr(_NO_MODEL))
            self.reading.clear()
            self._show_meters(())
        else:
            self.track.set_context_range(found)
            if not self._chosen:
                self.track.set_tokens(self._current or found.least)
            self._preview.request()
        self._show_tokens()

    @Slot(int)
    def set_current(self, n_ctx: int) -> None:
        """The context that the loaded model has; 0 where none is loaded."""
        self._current, self._chosen = n_ctx, False
        self.track.set_tokens(n_ctx)
        self._show_tokens()
        self._preview.request()

    @Slot(object)
    def show_prospect(self, prospect: Prospect) -> None:
        """The answer to `previewed`; one for another context comes too late."""
        if prospect.n_ctx != self.track.tokens:
            return
        self.sentence.setText(prospect.sentence)
        self.sentence.setProperty("tone", prospect.tone)
        self.sentence.style().polish(self.sentence)
        self.reading.setText(prospect.reading)
        self._show_meters(prospect.meters)

    @property
    def waiting(self) -> int:
        """The context that was chosen and not applied, in tokens; 0 without one."""
        return self.track.tokens if self.apply_button.isEnabled() else 0

    def _show_meters(self, meters: tuple[Meter, ...]) -> None:
        while len(self._bars) < len(meters):
            label, bar = _label(self, "meta"), StackedBar(self._theme, parent=self)
            label.setWordWrap(False)
            self._bar_box.addWidget(label)
            self._bar_box.addWidget(bar)
            self._bars.append((label, bar))
        for index, (label, bar) in enumerate(self._bars):
            shown = index < len(meters)
            label.setVisible(shown)
            bar.setVisible(shown)
            if shown:
                meter = meters[index]
                label.setText(
                    tr(
                        "{title}: {used} of {total}",
                        title=meter.title,
                        used=words.size(meter.used),
                        total=words.size(meter.total),
                    )
                )
                bar.set_meter(meter)
                bar.setAccessibleName(label.text())
        kinds = [kind for kind in KINDS if any(meter.share(kind) for meter in meters)]
        self.legend.set_parts(kinds, meters)

    def _show_tokens(self) -> None:
        tokens = self.track.tokens
        if not self.field.hasFocus() or self._shown != tokens:
            self.field.setText(words.count(tokens))
        self._shown = tokens
        beyond = self.track.isEnabled() and self.track.is_beyond(tokens)
        declared = words.count(self.track.declared)
        self.note.setText(
            tr("More than the {declared} tokens that the model declares", declared=declared) if beyond else ""
        )
        self.note.setVisible(beyond)
        changed = self.track.isEnabled() and tokens != self._current
        if self.apply_button.hasFocus() and not changed:
            self.track.setFocus(Qt.FocusReason.OtherFocusReason)  # else the next setting would have it
        self.apply_button.setEnabled(changed)

    # ---- what the person does -------------------------------------------------------------

    @Slot(int)
    def _on_moved(self, _tokens: int) -> None:
        self._shown, self._chosen = 0, True
        self._show_tokens()
        self._preview.request()

    @Slot()
    def _on_typed(self) -> None:
        tokens = typed_tokens(self.field.text())
        if tokens is not None and tokens != self.track.tokens:
            self.track.set_tokens(tokens)
            self._chosen = True
            self._preview.request()
        self._shown = 0
        self._show_tokens()

    @Slot()
    def _emit_preview(self) -> None:
        if self.track.isEnabled():
            self.previewed.emit(self.track.tokens)

    @Slot()
    def _on_apply(self) -> None:
        self.applied.emit(self.track.tokens)


def _label(parent: QWidget, role: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
