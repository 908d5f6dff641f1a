"""The conversation on the screen: one scroll area that draws only what is near it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.chat.library import Place
from app.language import tr
from ui.chat.access.tree import AccessTree
from ui.chat.actions import Actions
from ui.chat.background import Background
from ui.chat.cache import ItemCache
from ui.chat.colours import Colours
from ui.chat.feeder import Feeder
from ui.chat.finder import ChatFinder
from ui.chat.formulas import Formulas
from ui.chat.items import Spot
from ui.chat.jump_button import JumpButton
from ui.chat.keyboard import Keyboard
from ui.chat.links import LinkTarget
from ui.chat.loading import Loader
from ui.chat.message import CHANNELS, Message, Ref
from ui.chat.model import ConversationModel
from ui.chat.navigator import Navigator
from ui.chat.painting import paint
from ui.chat.placing import Placer
from ui.chat.pointer import Pointer
from ui.chat.selection import Selection
from ui.chat.shown import Shown, ShownDocument
from ui.chat.style import Style
from ui.theme import ThemeManager
from ui.throttle import Throttle

FRAME_MS = 30
PLACE_MS = 250


class ChatView(QAbstractScrollArea):
    """Shows messages while they grow. Every method is for the GUI thread and returns at once."""

    link_activated = Signal(str)
    copy_requested = Signal(str)
    quote_requested = Signal(str)
    save_requested = Signal(str, object)  # a name for the file, its text
    thought_toggled = Signal(str, bool)
    document_requested = Signal(str, int)  # message id, which of its documents
    action_requested = Signal(str, str)  # edit, next, retry, …; message id
    place_changed = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pointer = Pointer(self)  # first: the viewport sends events from here on
        self.setObjectName("chat_view")
        self.setAccessibleName(tr("Conversation"))
        self.viewport().setObjectName("chat_viewport")
        self.viewport().setAccessibleName(tr("Conversation"))
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.theme = theme
        self._zoom = theme.reading.zoom
        self.model = ConversationModel()
        self.formulas, self.colours = Formulas(self), Colours(self)
        self.cache = ItemCache(Style(theme, self._zoom, self.formulas, self.colours))
        self.placer = Placer(self.model, self.cache)
        self.selection = Selection(self.model)
        self.navigator = Navigator(self.placer)
        self.feeder = Feeder(self.model)
        self.keyboard = Keyboard(self)
        self.doings = Actions(self)
        self.background = Background(self)
        self.access = AccessTree(self)
        self.finder = ChatFinder(self)
        self._loader = Loader(self)
        self.editing = ""
        self._followed = True
        self._syncing = False
        self._build()
        theme.changed.connect(self._on_theme_changed)
        theme.reading_changed.connect(self._on_reading_changed)

    def _build(self) -> None:
        self._throttle = self._make_throttle(FRAME_MS, self._on_frame)
        self._paint = self._make_throttle(0, self.viewport().update)
        self.formulas.due.connect(self.request_frame)
        self.colours.due.connect(self.request_frame)
        self._place_noted = self._make_throttle(PLACE_MS, self.place_changed)
        bar = self.verticalScrollBar()
        bar.setObjectName("chat_scroll_bar")
        bar.setAccessibleName(tr("Conversation scroll bar"))
        bar.valueChanged.connect(self._on_scrolled)
        self.jump_button = JumpButton(self.theme, self)
        self.jump_button.clicked.connect(self.scroll_to_end)
        self.link_target = LinkTarget(self)

    def _make_throttle(self, interval: int, slot: Callable[[], object] | SignalInstance) -> Throttle:
        throttle = Throttle(interval, self)
        throttle.due.connect(slot)
        return throttle

    # -- messages ------------------------------------------------------------------------------------------

    def show_messages(self, messages: Sequence[Shown], place: Place | None = None) -> None:
        """These messages instead of all; `place` is what place() gave, None the followed end."""
        self._loader.show(messages, place)
        self._followed = self.placer.follow
        self._place_noted.cancel()  # the reader has not moved

    def replace_messages(self, messages: Sequence[Shown]) -> None:
        """Other messages; those whose text is the same stay untouched, and so does the reader's place."""
        self._loader.replace(messages)

    def update_message(self, shown: Shown) -> None:
        """Other footer, mark, actions or versions of a message; its text is not looked at."""
        self._loader.update(shown)

    def add_message(
        self,
        message_id: str,
        role: str,
        text: str = "",
        *,
        actions: tuple[str, ...] = ("copy",),
        version: int = 1,
        versions: int = 1,
        attachments: tuple[ShownDocument, ...] = (),
    ) -> None:
        """A new last message: role user | assistant | system. Text of an assistant is Markdown."""
        around = {"actions": actions, "version": version, "versions": versions, "attachments": attachments}
        self._loader.add(Shown(message_id, role, text, **around))

    def append_text(self, message_id: str, channel: str, text: str) -> None:
        """More text of a channel (reasoning | answer); parsed and painted with the next frame."""
        self.feeder.append(self.model.by_id[message_id], CHANNELS[channel], text)
        self._throttle.request()

    def reclassify(self, message_id: str) -> None:
        """All answer text so far was reasoning."""
        self._loader.reclassify(message_id)

    def set_thought(self, message_id: str, active: bool, seconds: float, tokens: int) -> None:
        """What the thought's header says; seconds of thinking and tokens so far."""
        self._loader.set_thought(message_id, active, seconds, tokens)

    def set_status(self, message_id: str, text: str, fraction: float | None = None) -> None:
        """A line under a message that has no text yet, with a bar for fraction 0..1; "" removes it."""
        self._loader.set_status(message_id, text, fraction)

    def finish_message(
        self, message_id: str, footer: str = "", mark: str = "", mark_action: str = "", **more: str
    ) -> None:
        """No more text: close open blocks, show the footer and an optional mark with its action. `more`:
        mark_action_name, mark_action2 and mark_action2_name, as in Shown."""
        self._loader.finish(message_id, footer=footer, mark=mark, mark_action=mark_action, **more)

    def reopen(self, message_id: str) -> None:
        """A finished message streams again: append_text goes on behind its text; footer and mark go."""
        self._loader.reopen(message_id)

    def set_editing(self, message_id: str) -> None:
        """Mark a message as the one that is being edited elsewhere; "" for none."""
        self.editing = message_id
        self.viewport().update()

    def request_frame(self) -> None:
        """Take in what is pending with the next frame."""
        self._throttle.request()

    def flush(self) -> None:
        """Take in what waits for the next frame now."""
        self._throttle.flush()

    def clear(self) -> None:
        """Show nothing."""
        for waiting in (self._throttle, self.background, self._place_noted):
            waiting.cancel()
        self.feeder.clear()
        self.model.clear()
        self.cache.reset()
        self.placer.reset()
        self.selection.clear()
        self.navigator.clear()
        self.pointer.reset()
        self.doings.done = None
        self._loader.wanted = None
        self.arrange()

    def message_text(self, message_id: str, channel: str = "answer") -> str:
        """A channel's text as it was given."""
        return self.model.by_id[message_id].given(CHANNELS[channel])

    def visible_plain_text(self) -> str:
        """What the screen shows, as plain text; everything pending is taken in first."""
        while self.feeder.run():
            pass
        self.arrange()
        while self.model.preparing:
            self.background.prepare()
        return "\n".join(p.item.plain or p.item.label for p in self.placer.rows)

    def resume(self, message: Message) -> None:
        """All of a long message is parsed now: show what was asked for."""
        self._loader.resume(message)

    def place(self) -> Place | None:
        """The line at the top of the screen; None while the end is followed."""
        return self.placer.place()

    def note_place(self) -> None:
        """The reader has moved: say so before long."""
        self._place_noted.request()

    def scroll_to_message(self, message_id: str, text: str = "") -> bool:
        """A message near the top of the screen; with a searched `text`, its first occurrence there, selected.
        False if there is no such message."""
        return self._loader.go_to(message_id, text)

    # -- looks ---------------------------------------------------------------------------------------------

    def set_text_zoom(self, factor: float) -> None:
        """Scale text and the measures around it; 1.0 is the design's size."""
        self._zoom = max(0.5, min(factor, 3.0))
        self._on_theme_changed()

    def _on_reading_changed(self) -> None:
        self.set_text_zoom(self.theme.reading.zoom)

    def _on_theme_changed(self) -> None:
        self.placer.pin()
        self.cache.reset(style=Style(self.theme, self._zoom, self.formulas, self.colours))
        self.fit_width()
        self.arrange()

    def column(self) -> tuple[int, int]:
        """Left edge and width of the reading column in the viewport, px."""
        # Of the whole view: the column must not move when the scroll bar appears.
        room = self.width()
        width = self.theme.reading.column(room, self._zoom)
        return max(0, (room - width) // 2), width

    # -- frames --------------------------------------------------------------------------------------------

    def _on_frame(self) -> None:
        if self.feeder.run():
            self._throttle.request()
        self._settle()
        self._paint.request()  # not at once: keys and the mouse have their turn in between

    def arrange(self) -> None:
        """Measure and place what is seen, bring the scroll bar in line, ask for a repaint."""
        self._settle()
        self.viewport().update()

    def _settle(self) -> None:
        self.fit_width()
        height = self.viewport().height()
        self.placer.arrange(height)
        self.formulas.want(self.placer.missing())
        self._sync_bar(height)
        self.background.request()
        self.access.changed()
        self.finder.look()
        self.link_target.refresh()
        if self.placer.follow != self._followed:
            self._followed = self.placer.follow
            self.note_place()

    def fit_width(self) -> None:
        """Lay rows out for the column's width from here on."""
        width = self.column()[1]
        if width != self.cache.width:
            self.placer.pin()
            self.cache.reset(width=width)
            self.model.width = width
            self._loader.hold_wanted()

    def _sync_bar(self, height: int) -> None:
        bar = self.verticalScrollBar()
        self._syncing = True
        bar.setRange(0, self.placer.maximum)
        bar.setPageStep(height)
        bar.setSingleStep(self.cache.style.px(24))
        bar.setValue(self.placer.value)
        self._syncing = False
        away = not self.placer.follow and self.placer.maximum - self.placer.value > 40
        self.jump_button.setVisible(away)

    def _on_scrolled(self, value: int) -> None:
        if not self._syncing:
            self.placer.scroll_to(value)
            self.arrange()
            self.note_place()

    def scroll_to_end(self) -> None:
        """Go to the end and follow it."""
        self.placer.follow = True
        self.arrange()
        self.note_place()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Rows are placed by _arrange, nothing is moved here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left, width = self.column()
        self.jump_button.place(left + width // 2, self.viewport().geometry().bottom() + 1)
        self.arrange()

    # -- painting ------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        paint(self, event.rect())
        self._loader.wanted = None

    # -- doing things: see actions.py ----------------------------------------------------------------------

    def activate(self, ref: Ref, spot: Spot) -> None:
        """Do what a spot is for."""
        self.doings.activate(ref, spot)

    def perform(self, name: str, message_id: str) -> None:
        """An action of a message by its name."""
        self.doings.perform(name, message_id)

    def code_text(self, ref: Ref) -> str:
        """The whole code that a row is a piece of."""
        return self.doings.code_text(ref)

    def copy_selection(self) -> None:
        """Put the selection on the clipboard."""
        self.doings.copy_selection()

    def quote_selection(self) -> None:
        """Ask for the selection to be quoted in the composer."""
        self.doings.quote_selection()

    def select_all(self) -> None:
        """Select everything that is not folded away."""
        self.selection.all()
        self.arrange()

    def copy(self, text: str) -> None:
        """Put a text on the clipboard and say so."""
        self.doings.copy(text)

    # -- keyboard: see keyboard.py -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keyboard.press(event):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through what can be used in the conversation before it leaves."""
        return self.keyboard.tab(forward) or super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.keyboard.focus_in(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.navigator.clear()
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: ARG002
        self.keyboard.menu()  # the mouse's go to the viewport

    # -- pointer: see pointer.py ---------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        return self.pointer.handle(event) or super().viewportEvent(event)
