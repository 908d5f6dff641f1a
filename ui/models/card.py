"""Everything about the chosen model, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.language import mark, tr
from app.models.cards import ModelCard, Score
from ui.models.style import CARD_WIDTH
from ui.models.values import Action, Card, Fact
from ui.theme import SPACE, ThemeManager
from ui.words import breakable, breakable_name

_NONE = mark("Choose a model to see what it is.")
_OTHERS = 2


class CardView(QFrame):
    """Shows one card. Setters emit nothing.

    Signals:
        acted: the key of the card's row, and the id of the action.
    """

    acted = Signal(str, str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_card")
        self.setAccessibleName(tr("About this model"))
        self.setFixedWidth(CARD_WIDTH)
        self._theme = theme
        self.card: Card | None = None
        self.title = self._label("", "model_card_title")
        self.area = QScrollArea(self)
        self.area.setObjectName("model_card_area")
        self.area.setAccessibleName(tr("What is known of this model"))
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidgetResizable(True)
        self.primary = self._button("model_primary")
        self.primary.setProperty("primary", True)
        self.others = tuple(self._button(f"model_other_{number}") for number in range(_OTHERS))
        self._lay_out()
        self.set_card(None)

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(self._on_clicked)
        return button

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[3], SPACE[3], SPACE[1], SPACE[3])
        box.setSpacing(SPACE[2])
        box.addWidget(self.title)
        box.addWidget(self.area, 1)
        below = QVBoxLayout()
        below.setContentsMargins(0, 0, SPACE[1], 0)
        below.setSpacing(SPACE[1])
        below.addWidget(self.primary)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        for button in self.others:
            row.addWidget(button, 1)
        below.addLayout(row)
        box.addLayout(below)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(object)
    def set_card(self, card: Card | None) -> None:
        """Show it, or that none is chosen."""
        if card == self.card and card is not None:
            return
        same = card is not None and self.card is not None and card.key == self.card.key
        place = self.area.verticalScrollBar().value() if same else 0
        self.card = card
        self.title.setText(breakable_name(card.title) if card is not None else tr(_NONE))
        self.title.setProperty("role", "" if card is not None else "muted")
        self.title.style().unpolish(self.title)
        self.title.style().polish(self.title)
        self._set_button(self.primary, card.primary if card is not None else None)
        others = card.others if card is not None else ()
        for number, button in enumerate(self.others):
            self._set_button(button, others[number] if number < len(others) else None)
        self.area.setWidget(self._content(card))
        self.area.verticalScrollBar().setValue(place)

    def _set_button(self, button: QPushButton, action: Action | None) -> None:
        button.setVisible(action is not None)
        if action is not None:
            button.setText(action.words)
            button.setEnabled(action.enabled)
            button.setToolTip(action.tip)
            button.setProperty("action", action.id)

    def _content(self, card: Card | None) -> QWidget:
        inner = QWidget()
        inner.setObjectName("model_card_inner")
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, SPACE[1], 0)
        box.setSpacing(SPACE[1])
        if card is not None:
            self._fill(box, card)
        box.addStretch(1)
        return inner

    def _fill(self, box: QVBoxLayout, card: Card) -> None:
        box.addWidget(self._label(card.subtitle, "model_card_subtitle", "muted"))
        if card.why:
            box.addWidget(self._label(tr("Recommended: {why}", why=card.why), "model_card_why"))
        if card.fit:
            fit = self._label(card.fit, "model_card_fit")
            fit.setProperty("tone", card.tone)
            box.addWidget(fit)
        if card.problem:
            problem = self._label(card.problem, "model_card_problem")
            problem.setProperty("tone", "warning")
            box.addWidget(problem)
        if card.about is not None:
            self._about(box, card.about)
        if card.facts:
            self._section(box, tr("The file"))
            box.addLayout(self._facts(card.facts))

    def _about(self, box: QVBoxLayout, about: ModelCard) -> None:
        box.addWidget(self._label(tr(about.summary), "model_card_summary"))
        for heading, lines in ((tr("Good at"), about.good), (tr("Weak at"), about.weak)):
            self._section(box, heading)
            for line in lines:
                box.addWidget(self._label(f"– {tr(line)}"))
        self._section(box, tr("Published scores"))
        box.addLayout(self._scores(about.scores))
        box.addWidget(self._label(tr(about.source), "model_card_source", "meta"))
        self._section(box, tr("Licence"))
        box.addWidget(self._label(about.licence, "model_card_licence"))

    def _section(self, box: QVBoxLayout, text: str) -> None:
        box.addSpacing(SPACE[1])
        box.addWidget(self._label(text, role="section"))

    def _scores(self, scores: tuple[Score, ...]) -> QGridLayout:
        grid = _grid()
        grid.setColumnStretch(0, 1)
        if any(score.with_tools for score in scores):
            grid.addWidget(self._label(tr("with tools"), role="meta"), 0, 2, Qt.AlignmentFlag.AlignRight)
        for number, score in enumerate(scores, start=1):
            grid.addWidget(self._label(score.name, role="muted"), number, 0)
            for column, value in ((1, score.value), (2, score.with_tools)):
                grid.addWidget(self._label(value), number, column, Qt.AlignmentFlag.AlignRight)
        return grid

    def _facts(self, facts: tuple[Fact, ...]) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(SPACE[1])
        for fact in facts:
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(self._label(fact.label, role="meta"))
            pair.addWidget(self._label(fact.value))
            lines.addLayout(pair)
        return lines

    def _label(self, text: str, name: str = "", role: str = "") -> QLabel:
        label = QLabel(breakable(text), self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        if name:
            label.setObjectName(name)
        if role:
            label.setProperty("role", role)
        # What is copied must not have the places to break at in it.
        if role in ("", "muted") and label.text() == text:
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    @Slot()
    def _on_clicked(self) -> None:
        if self.card is not None:
            self.acted.emit(self.card.key, str(self.sender().property("action")))


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE[2])
    grid.setVerticalSpacing(SPACE[0])
    return grid
