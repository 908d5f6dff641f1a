"""What can be done in the conversation, whether by mouse, key or menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from app.render.languages import file_name
from ui.chat.copying import ChatCopier
from ui.chat.items import Spot
from ui.chat.links import follow_note
from ui.chat.message import REASONING, Message, Ref
from ui.chat.thought import update_thought

if TYPE_CHECKING:
    from ui.chat.view import ChatView

DONE_MS: Final = 1200


class Actions(QObject):
    """The actions of one ChatView."""

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_actions")
        self._view = view
        self.copier = ChatCopier(view)
        self.came_from: tuple[Ref, str] | None = None  # reference of the footnote that was gone to
        self.done: tuple[Ref, str] | None = None  # where a copy button has just been used
        self._timer = QTimer(self)
        self._timer.setObjectName("done_timer")
        self._timer.setSingleShot(True)
        self._timer.setInterval(DONE_MS)
        self._timer.timeout.connect(self._on_done_over)

    def activate(self, ref: Ref, spot: Spot) -> None:
        """Do what a spot is for."""
        view = self._view
        message = view.model.messages[ref.message]
        if spot.kind == "link":
            view.link_activated.emit(spot.value)
        elif spot.kind in {"note", "note_back"}:
            follow_note(view, ref, spot)
        elif spot.kind == "document":
            view.document_requested.emit(message.id, int(spot.value))
        elif spot.kind == "thought":
            self._toggle_thought(message)
        elif spot.kind == "save_code":
            self.save_code(ref)
        elif spot.kind == "wrap_code":
            self.wrap_code(ref)
        elif spot.kind in {"copy_code", "copy_message"}:
            view.copy(self.code_text(ref) if spot.kind == "copy_code" else view.message_text(message.id))
            self.done = (ref, spot.kind)
            self._timer.start()
            view.viewport().update()
        else:
            self.perform(spot.kind, message.id)

    def perform(self, name: str, message_id: str) -> None:
        """An action of a message by its name."""
        if message_id not in self._view.model.by_id:
            return
        if name == "copy_message":
            self._view.copy(self._view.message_text(message_id))
        elif name == "copy_message_plain":
            self.copier.copy_message(self._view.model.by_id[message_id])
        else:
            self._view.action_requested.emit(name, message_id)

    def code_text(self, ref: Ref) -> str:
        """The whole code that a row is a piece of."""
        return "".join(block.text for block in self._view.model.pieces(ref))

    def save_code(self, ref: Ref) -> None:
        """Ask for a file to save the whole code in that a row is a piece of."""
        language = self._view.model.row(ref).block.language
        self._view.save_requested.emit(file_name(language), self.code_text(ref))

    def wrap_code(self, ref: Ref) -> None:
        """Wrap the lines of a whole fence, or no longer."""
        group = self._view.model.row(ref).group
        if group is None:
            return
        section = self._view.model.messages[ref.message].sections[ref.section]

        def turn() -> None:
            group.wrap, group.width, group.offset = not group.wrap, 0, 0
            for row in section.rows:
                if row.group is group:
                    row.layout_key = None

        self._change(turn)

    def _toggle_thought(self, message: Message) -> None:
        view = self._view
        opened = not message.sections[REASONING].visible
        message.thought.choice = opened
        self._change(lambda: update_thought(view.model, message))
        view.thought_toggled.emit(message.id, opened)

    def _change(self, change: Callable[[], object]) -> None:
        """Do what changes heights on the screen; nothing above may jump."""
        view = self._view
        view.placer.scroll_to(view.placer.value)
        # what was pressed must stay where it is: only the end may be followed, and not from up here
        view.placer.follow = False
        change()
        view.arrange()
        view.placer.scroll_to(view.placer.value)
        view.arrange()
        view.note_place()

    def _on_done_over(self) -> None:
        self.done = None
        self._view.viewport().update()

    def remap(self, moved: Callable[[Ref], Ref | None]) -> None:
        """Messages have changed their places."""
        came = moved(self.came_from[0]) if self.came_from else None
        self.came_from = (came, self.came_from[1]) if came is not None and self.came_from else None
        ref = moved(self.done[0]) if self.done else None
        self.done = (ref, self.done[1]) if ref is not None and self.done else None

    def selected_text(self) -> str:
        """The selection: Markdown source for whole blocks, plain text inside a block."""
        return self._view.selection.text(self._view.cache.item)

    def selected_line(self, most: int) -> str:
        """The selection if it is part of one line and not too long."""
        view = self._view
        for placed in view.placer.rows if view.selection else ():
            chosen = view.selection.range_in(placed.ref, len(placed.item.plain))
            if chosen is not None:
                text = placed.item.plain[chosen[0] : min(chosen[1], chosen[0] + most + 1)]
                return text if "\n" not in text and len(text) <= most and view.selection.in_one_row else ""
        return ""

    def copy_selection(self) -> None:
        """Put the selection on the clipboard."""
        self.copier.copy_selection(plain=False)

    def copy_plain(self) -> None:
        """Put what is displayed of the selection on the clipboard."""
        self.copier.copy_selection(plain=True)

    def quote_selection(self) -> None:
        """Ask for the selection to be quoted."""
        text = self.selected_text()
        if text:
            self._view.quote_requested.emit(text)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard and say so."""
        self.copier.copy(text)
