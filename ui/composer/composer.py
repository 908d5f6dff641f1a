"""The box that questions are written in: text, mode, thinking budget, context gauge, send or stop."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.chat.library import Snippet
from app.engine.values import ModelInfo
from app.language import tr
from ui.composer.attach_button import AttachButton
from ui.composer.chip_bar import ChipBar
from ui.composer.early_enter import EarlyEnter
from ui.composer.editing_line import EditingLine
from ui.composer.gauge import ContextGauge
from ui.composer.long_lines import pieced
from ui.composer.mode_picker import BUDGETS, ModePicker
from ui.composer.more_button import MoreButton
from ui.composer.question_edit import QuestionEdit
from ui.composer.send_button import SendButton, SendState
from ui.composer.snippet_popup import SnippetPopup
from ui.dialogs.name_line import NameLine
from ui.theme import RADIUS_CARD, SPACE, ThemeManager
from ui.throttle import Throttle

__all__ = ["BUDGETS", "Composer", "QuestionEdit"]

_DRAFT_MS = 100
_WIDE = 520  # px; with less there is no room for the small menu
_CURSOR = "{cursor}"


class Composer(QFrame):
    """Emits what the person wants; what may be done is told by its setters.

    A draft belongs to a conversation: call `flush_draft` before `set_draft` when another one is opened.
    """

    send_requested = Signal(str)
    send_refused = Signal()  # for the reason given to set_hold
    stop_requested = Signal()
    mode_chosen = Signal(str)
    budget_chosen = Signal(object)
    draft_changed = Signal(str)
    edit_saved = Signal(str, str)
    edit_cancelled = Signal()
    edit_changed = Signal(str, str)
    edit_last_requested = Signal()
    snippet_saved = Signal(str, str)
    snippet_removed = Signal(str)
    files_pasted = Signal(list)
    text_pasted = Signal(object)  # a str that is too long for a message
    image_pasted = Signal()
    enter_sends_changed = Signal(bool)  # the person chose; set_enter_sends emits nothing

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self.setAccessibleName(tr("Composer"))
        self._theme = theme
        self._busy = self._usable = self._answer = False
        self._editing: str | None = None
        self._aside = self._to_save = self._hold = self._edit_hold = ""
        self._drafts = Throttle(_DRAFT_MS, self)
        self._drafts.due.connect(self._on_draft_due)
        self._build()
        self._connect()
        self._lay_out()
        self.set_model(None)
        self._update_button()

    def _build(self) -> None:
        self.edit = QuestionEdit(self)
        self.early = EarlyEnter(self.edit)
        self.editing_line = EditingLine(self._theme, self)
        self.snippet_name = NameLine("snippet", tr("Name of the snippet"), self._theme, self)
        self.modes = ModePicker(self._theme, self)
        self.budget = self.modes.budget
        self.gauge = ContextGauge(self._theme, self)
        self.chips = ChipBar(self._theme, self)
        self.chips.flow.typed.connect(self._on_typed_on_chip)
        self.attach = AttachButton(self._theme, self)
        self.button = SendButton(self._theme, self)
        self.more = MoreButton(self._theme, self)
        self.snippets = SnippetPopup(self._theme, self.edit, self)
        self.edit.listen_to_keys(self.snippets)

    def _connect(self) -> None:
        self.edit.submitted.connect(self._on_submit)
        self.edit.escaped.connect(self._on_escape)
        self.edit.up_when_empty.connect(self._on_up)
        self.edit.textChanged.connect(self._on_text)
        self.edit.snippet_wanted.connect(self._on_snippet_wanted)
        for name in ("files_pasted", "text_pasted", "image_pasted"):
            getattr(self.edit, name).connect(getattr(self, name))
        self.editing_line.closed.connect(self.cancel_edit)
        self.snippet_name.named.connect(self._on_snippet_named)
        self.snippet_name.cancelled.connect(self._focus_text)
        self.snippets.chosen.connect(self._on_snippet)
        self.snippets.removed.connect(self.snippet_removed)
        self.modes.mode_chosen.connect(self.mode_chosen)
        self.modes.budget_chosen.connect(self.budget_chosen)
        self.button.clicked.connect(self._on_button)
        for menu in (self.edit, self.more):
            menu.enter_sends_chosen.connect(self._on_enter_sends)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addWidget(self.attach)
        row.addWidget(self.modes)
        row.addStretch(1)
        row.addWidget(self.gauge)
        row.addWidget(self.more)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(RADIUS_CARD, RADIUS_CARD, RADIUS_CARD, RADIUS_CARD)
        box.setSpacing(SPACE[1])
        for widget in (self.editing_line, self.snippet_name, self.chips, self.edit):
            box.addWidget(widget)
        box.addLayout(row)
        name = self.snippet_name
        stops = [*self.chips.stops(), self.edit, self.attach, *self.modes.stops(), self.more, self.button]
        stops += [self.editing_line.close_button, name.field, name.save, name.close_button]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    # ---- what may be done -----------------------------------------------------------------

    @Slot(object)
    def set_model(self, info: ModelInfo | None) -> None:
        """Offer the modes that the model has; say why where one is missing."""
        self.modes.set_model(info)

    @Slot(object, object)
    def set_choice(self, mode: str | None, budget: int | None) -> None:
        """Show the mode and budget of the conversation that is open; emits nothing."""
        self.modes.set_choice(mode, budget)

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:
        """Whether an answer of this conversation is under way; a question sent then waits."""
        self._busy = busy
        self._update_button()

    @Slot(bool)
    def set_usable(self, usable: bool) -> None:
        """Whether there is a model, or one on its way, that a question can go to."""
        self._usable = usable
        self._update_button()

    @Slot(str)
    def set_hold(self, reason: str, edited: str = "") -> None:
        """Why a question can't be sent yet, and an edited one; empty if it can. Answers are saved all the
        same."""
        self._hold, self._edit_hold = reason, edited
        self._update_button()

    def _held(self) -> str:
        if self._editing is None:
            return self._hold
        return "" if self._answer else self._edit_hold

    @Slot(bool)
    def set_enter_sends(self, sends: bool) -> None:
        """Whether Enter sends; if not, Ctrl+Enter and Shift+Enter do and Enter breaks the line."""
        self.edit.enter_sends = sends
        self.more.set_enter_sends(sends)
        self._update_button()

    @Slot(bool)
    def _on_enter_sends(self, sends: bool) -> None:
        self.set_enter_sends(sends)
        self.enter_sends_changed.emit(sends)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The field's own menu has the same: the rest of the row needs the room more.
        self.more.setVisible(self.width() >= _WIDE)

    @Slot(object)
    def set_snippets(self, snippets: list[Snippet]) -> None:
        """What a slash offers."""
        self.snippets.set_snippets(snippets)

    # ---- the text and the draft -----------------------------------------------------------

    @Slot(str)
    def give_back(self, text: str) -> None:
        """Put a refused question back, in front of what has been written meanwhile."""
        if self._editing is not None:
            self._aside = "\n\n".join(part for part in (text, self._aside) if part)
            self.draft_changed.emit(self._aside)
            return
        self._fill("\n\n".join(part for part in (text, self.edit.text()) if part))
        self._drafts.request()

    @Slot(str)
    def set_draft(self, text: str) -> None:
        """Show the draft of another conversation; a change that is still pending is forgotten."""
        self._leave_editing()
        self.snippet_name.hide()
        self._fill(text)
        self._drafts.cancel()

    @property
    def editing(self) -> str:
        """The message that is being edited, empty for none."""
        return self._editing or ""

    def draft(self) -> str:
        """What is written and not sent, never the text of an edited message."""
        return self.edit.text() if self._editing is None else self._aside

    @Slot()
    def flush_draft(self) -> None:
        """Emit a pending draft_changed now."""
        self._drafts.flush()

    @Slot(str)
    def quote(self, text: str) -> None:
        """Put `text` as a quotation behind what is written, ready to write on."""
        self.edit.finish_filling()
        lines = "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
        cursor = self.edit.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        before = "" if self.edit.document().isEmpty() else "\n\n"
        cursor.insertText(pieced(f"{before}{lines}\n\n"))
        self.edit.setTextCursor(cursor)
        self.edit.ensureCursorVisible()
        self._focus_text()

    @Slot(object)
    def take_text(self, text: str) -> None:
        """A text that was dropped: as one that is pasted."""
        self.edit.take_text(text)
        self._focus_text()

    @Slot(object)
    def insert_text(self, text: str) -> None:
        """Put a text of any length at the cursor."""
        self.edit.insert(text)
        self._focus_text()

    # ---- editing a message ----------------------------------------------------------------

    @Slot(str, str, bool)
    def begin_edit(self, message_id: str, text: str, answer: bool) -> None:
        """Edit a message here; the draft is put aside and comes back afterwards."""
        if self._editing is None:
            self.flush_draft()
            self._aside = self.edit.text()
        self._editing, self._answer = message_id, answer
        self.edit.keeps_pastes = True  # nothing can be attached to a message that was sent
        self.editing_line.show_for(answer)
        self.chips.set_aside(True)
        self.edit.setAccessibleName(tr("The answer's text") if answer else tr("Your question's text"))
        self._fill(text)
        self._update_button()
        self._focus_text()

    @Slot()
    def cancel_edit(self) -> None:
        """Stop editing and bring the draft back; edit_cancelled follows if something was edited."""
        if self._editing is not None:
            self._stop_editing()
            self.edit_cancelled.emit()

    def _stop_editing(self) -> None:
        aside = self._aside
        self.edit_changed.emit("", "")
        self._leave_editing()
        self._fill(aside)
        self._drafts.cancel()
        self._focus_text()

    def _leave_editing(self) -> None:
        self._editing, self._aside, self.edit.keeps_pastes = None, "", False
        self.editing_line.hide()
        self.chips.set_aside(False)
        self.edit.setAccessibleName(tr("Your message"))
        self._update_button()

    # ---- what the person does -------------------------------------------------------------

    def _can_submit(self) -> bool:
        if self._held():
            return False
        needs_model = self._editing is None or not self._answer
        return (self._usable or not needs_model) and self.edit.has_text()

    @Slot()
    def _on_submit(self) -> None:
        if not self._can_submit():
            if self._hold and self._editing is None:
                self.send_refused.emit()
            return
        text = self.edit.text().strip("\n")
        if self._editing is not None:
            message_id = self._editing
            self._stop_editing()
            self.edit_saved.emit(message_id, text)
            return
        # Whoever sends clears the kept draft, and not before the question is safe.
        self.edit.clear()
        self._drafts.cancel()
        self.send_requested.emit(text)

    @Slot()
    def _on_button(self) -> None:
        if self._shows_stop():
            self.stop_requested.emit()
        else:
            self._on_submit()

    @Slot()
    def _on_escape(self) -> None:
        if not self.snippet_name.isHidden():
            self.snippet_name.give_up()
        elif self._editing is not None:
            self.cancel_edit()
        else:
            self.stop_requested.emit()

    @Slot()
    def _on_up(self) -> None:
        if self._editing is None:
            self.edit_last_requested.emit()

    @Slot()
    def _on_text(self) -> None:
        self._drafts.request()
        self._update_button()

    @Slot()
    def _on_draft_due(self) -> None:
        if self.edit.is_filling:
            self._drafts.request()
        elif self._editing is None:
            self.draft_changed.emit(self.edit.text())
        else:
            self.edit_changed.emit(self._editing, self.edit.text())

    def _fill(self, text: str) -> None:
        self.edit.set_text(text)
        self.snippets.dismiss()

    @Slot()
    def _focus_text(self) -> None:
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_typed_on_chip(self, text: str) -> None:
        self._focus_text()
        self.edit.textCursor().insertText(text)

    # ---- snippets -------------------------------------------------------------------------

    @Slot(object, int)
    def _on_snippet(self, snippet: Snippet, replaced: int) -> None:
        self.edit.finish_filling()
        before, _, after = snippet.text.partition(_CURSOR)
        cursor = self.edit.textCursor()
        cursor.setPosition(0)
        cursor.setPosition(replaced, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(pieced(before))
        at = cursor.position()
        cursor.insertText(pieced(after))
        if _CURSOR in snippet.text:
            cursor.setPosition(at)
        self.edit.setTextCursor(cursor)
        self.snippets.dismiss()

    @Slot(str)
    def _on_snippet_wanted(self, text: str) -> None:
        self._to_save = text
        self.snippet_name.ask()

    @Slot(str)
    def _on_snippet_named(self, name: str) -> None:
        self._focus_text()
        self.snippet_saved.emit(name.lstrip("/"), self._to_save)
        self._to_save = ""

    # ---- the button -----------------------------------------------------------------------

    def _shows_stop(self) -> bool:
        return self._busy and self._editing is None and not self._can_submit()

    @Slot()
    def _update_button(self) -> None:
        editing = self._editing is not None
        refusal = self._held()
        if not self._usable and not (editing and self._answer):
            refusal = tr("Open a model first")
        ready, stop, sends = self._can_submit(), self._shows_stop(), self.edit.enter_sends
        self.button.show_state(SendState(ready, stop, editing, self._busy, refusal, sends))
