"""What stands where the conversation will be: welcome, loading, no model."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.chat.presets import is_starter
from app.engine.values import ModelInfo
from app.language import mark, tr
from ui import words
from ui.theme import SPACE, ThemeManager

_TEXT_WIDTH = 420
#: Why the model that this app is made for is worth its gigabytes.
_REAL = mark(
    "Nemotron-Cascade-2, which this app is made for, is far better: it is fetched once and runs here."
)


class Welcome(QWidget):
    """One title, one sentence, and what can be done now."""

    open_requested = Signal()
    cancel_requested = Signal()
    real_model_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAccessibleName(tr("Welcome"))
        self.title = QLabel(self)
        self.title.setObjectName("welcome_title")
        self.title.setFont(theme.font("title"))
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)  # in large letters, and in a long language
        self.title.setFixedWidth(_TEXT_WIDTH)
        self.text = QLabel(self)
        self.text.setObjectName("welcome_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.text.setFixedWidth(_TEXT_WIDTH)
        self.progress = QProgressBar(self)
        self.progress.setObjectName("load_progress")
        self.progress.setAccessibleName(tr("Loading the model"))
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(_TEXT_WIDTH // 2)
        self.open_button = QPushButton(tr("Open a model…"), self)
        self.open_button.setObjectName("welcome_open")
        self.open_button.clicked.connect(self.open_requested)
        self.cancel_button = QPushButton(tr("Stop loading"), self)
        self.cancel_button.setObjectName("stop_loading")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.real_button = QPushButton(tr("Get Nemotron-Cascade-2"), self)
        self.real_button.setObjectName("get_real_model")
        self.real_button.setProperty("primary", True)
        self.real_button.setToolTip(tr("Shows its files and sizes; nothing is fetched yet"))
        self.real_button.clicked.connect(self.real_model_requested)
        self._info: ModelInfo | None = None
        self._temporary = self._loading = False
        self._lay_out()
        self.show_model(None)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.real_button)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.cancel_button)
        buttons.addStretch(1)
        inner = QWidget()
        inner.setObjectName("welcome_inner")
        area = QScrollArea(self)
        area.setObjectName("welcome_area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        box = QVBoxLayout(inner)
        box.setSpacing(SPACE[2])
        box.addStretch(3)
        for widget in (self.title, self.text, self.progress):
            box.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addSpacing(SPACE[0])
        box.addLayout(buttons)
        box.addStretch(4)

    @Slot(object)
    def show_model(self, info: ModelInfo | None) -> None:
        """Ready to be asked, or without a model."""
        self._info, self._loading = info, False
        self._show()

    @Slot(bool)
    def set_temporary(self, temporary: bool) -> None:
        """Whether what is written here is never saved."""
        self._temporary = temporary
        if not self._loading:
            self._show()

    def _show(self) -> None:
        info = self._info
        small = info is not None and is_starter(info)
        self.progress.hide()
        self.cancel_button.hide()
        self.open_button.setVisible(info is None or small)
        self.real_button.setVisible(info is None or small)
        if info is None:
            self._say(
                tr("No model is loaded"),
                tr("{real} Or open a GGUF file of your own, or drop one on this window.", real=tr(_REAL)),
            )
            return
        title = tr("A chat that is not saved") if self._temporary else tr("What would you like to know?")
        self._say(title, " ".join(self._sentences(info, small)))

    def _sentences(self, info: ModelInfo, small: bool) -> list[str]:
        found = [
            tr(
                "{model}, {number} tokens of context.",
                model=words.shown_title(words.model_label(info)),
                number=words.compact(info.n_ctx),
            )
        ]
        if small:
            found.append(
                tr("It is a small model to try things out with, and often wrong. {real}", real=tr(_REAL))
            )
        elif "thinking" in info.modes:
            found.append(tr("It can think before it answers."))
        if self._temporary:
            return [*found, tr("What you write here is gone when you leave it.")]
        return [*found, tr("Everything stays on this machine.")]

    def _say(self, title: str, text: str) -> None:
        for label, said in ((self.title, title), (self.text, words.breakable(text))):
            label.setText(said)
            # A centred label does not take the height that its wrapped text needs by itself.
            label.setMinimumHeight(label.heightForWidth(_TEXT_WIDTH))

    @Slot(str, float)
    def show_loading(self, name: str, fraction: float) -> None:
        """A model is being loaded; `fraction` from 0 to 1."""
        self._loading = True
        text = tr("{name}\nYou can write your first question meanwhile.", name=words.shown_title(name))
        self._say(tr("Loading the model"), text)
        self.progress.setValue(round(1000 * fraction))
        self.progress.show()
        self.cancel_button.show()
        self.open_button.hide()
        self.real_button.hide()
