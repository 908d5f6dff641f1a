"""The conversation on the screen: one scroll area that draws only what is near it."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from ui.chat.cache import ItemCache
from ui.chat.feeder import Feeder
from ui.chat.items import Look, Spot
from ui.chat.jump_button import JumpButton
from ui.chat.model import ANSWER, CHANNELS, FOOTER, STATUS, ConversationModel, Message, Ref, Row
from ui.chat.navigator import Navigator
from ui.chat.placing import Placed, Placer
from ui.chat.pointer import Pointer
from ui.chat.selection import Selection
from ui.chat.style import Style
from ui.chat.thought import update_thought
from ui.theme import COLUMN_WIDTH, SPACE, ThemeManager
from ui.throttle import Throttle

FRAME_MS = 30
WORK_SECONDS = 0.005
DONE_MS = 1200
_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class ChatView(QAbstractScrollArea):
    """Shows messages while they grow. Every method is for the GUI thread and returns at once."""

    link_activated = Signal(str)
    copy_requested = Signal(str)
    thought_toggled = Signal(str, bool)
    retry_requested = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pointer = Pointer(self)  # first: the viewport sends events from here on
        self.setObjectName("chat_view")
        self.setAccessibleName("Conversation")
        self.viewport().setObjectName("chat_viewport")
        self.viewport().setAccessibleName("Conversation")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._theme = theme
        self._zoom = 1.0
        self.model = ConversationModel()
        self.cache = ItemCache(Style(theme, self._zoom))
        self.placer = Placer(self.model, self.cache)
        self.selection = Selection(self.model)
        self.navigator = Navigator(self.placer)
        self._feeder = Feeder(self.model)
        self._done: tuple[Ref, str] | None = None
        self._syncing = False
        self._build()
        theme.changed.connect(self._on_theme_changed)

    def _build(self) -> None:
        self._throttle = Throttle(FRAME_MS, self)
        self._throttle.due.connect(self._on_frame)
        self._work = Throttle(5, self)
        self._work.due.connect(self._on_work)
        self._done_timer = QTimer(self)
        self._done_timer.setSingleShot(True)
        self._done_timer.setInterval(DONE_MS)
        self._done_timer.timeout.connect(self._on_done_over)
        bar = self.verticalScrollBar()
        bar.setObjectName("chat_scroll_bar")
        bar.setAccessibleName("Conversation scroll bar")
        bar.valueChanged.connect(self._on_scrolled)
        self.jump_button = JumpButton(self._theme, self)
        self.jump_button.clicked.connect(self.scroll_to_end)

    # -- messages ------------------------------------------------------------------------------------------

    def add_message(self, message_id: str, role: str, text: str = "") -> None:
        """A new last message: role user | assistant | system. Text of an assistant is Markdown."""
        message = self.model.add(message_id, role)
        if role == "assistant":
            if text:
                self._feeder.append(message, ANSWER, text)
        else:
            self.model.fill_plain(message, text)
            message.finished = True
            if role == "user":
                self.model.set_single(message, FOOTER, "footer")
                self.placer.follow = True
        self._throttle.request()

    def append_text(self, message_id: str, channel: str, text: str) -> None:
        """More text of a channel (reasoning | answer); parsed and painted with the next frame."""
        self._feeder.append(self.model.by_id[message_id], CHANNELS[channel], text)
        self._throttle.request()

    def reclassify(self, message_id: str) -> None:
        """All answer text so far was reasoning."""
        message = self.model.by_id[message_id]
        self.model.reclassify(message)
        self.selection.clear()
        self._feeder.touch(message)
        self._throttle.request()

    def set_thought(self, message_id: str, active: bool, seconds: float, tokens: int) -> None:
        """What the thought's header says; seconds of thinking and tokens so far."""
        message = self.model.by_id[message_id]
        thought = message.thought
        thought.active, thought.seconds, thought.tokens = active, seconds, tokens
        thought.shown = thought.shown or active
        self._feeder.touch(message)
        self._throttle.request()

    def set_status(self, message_id: str, text: str, fraction: float | None = None) -> None:
        """A line under a message that has no text yet, with a bar for fraction 0..1; "" removes it."""
        message = self.model.by_id[message_id]
        message.status, message.fraction = text, fraction
        self.model.set_single(message, STATUS, "status" if text else None)
        self._feeder.touch(message)  # which takes it away again if there is text
        self._throttle.request()

    def finish_message(
        self, message_id: str, footer: str = "", mark: str = "", mark_action: str = ""
    ) -> None:
        """No more text: close open blocks, show the footer and an optional mark with its action."""
        message = self.model.by_id[message_id]
        message.footer.text, message.footer.mark, message.footer.action = footer, mark, mark_action
        message.finishing = True
        message.thought.active = False
        if message.finished:
            self.model.set_single(message, FOOTER, "footer")
        self._feeder.touch(message)
        self._throttle.request()

    def flush(self) -> None:
        """Take in what waits for the next frame now."""
        self._throttle.flush()

    def clear(self) -> None:
        """Show nothing."""
        self._throttle.cancel()
        self._feeder.clear()
        self.model.clear()
        self.cache.reset()
        self.placer.reset()
        self.selection.clear()
        self.navigator.clear()
        self.pointer.reset()
        self._done = None
        self._arrange()

    def message_text(self, message_id: str, channel: str = "answer") -> str:
        """A channel's text as it was given."""
        return "".join(self.model.by_id[message_id].sections[CHANNELS[channel]].given)

    def visible_plain_text(self) -> str:
        """What the screen shows, as plain text; everything pending is taken in first."""
        while self._feeder.run():
            pass
        self._arrange()
        return "\n".join(p.item.plain or p.item.label for p in self.placer.rows)

    # -- looks ---------------------------------------------------------------------------------------------

    def set_text_zoom(self, factor: float) -> None:
        """Scale text and the measures around it; 1.0 is the design's size."""
        self._zoom = max(0.5, min(factor, 3.0))
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self.cache.reset(style=Style(self._theme, self._zoom))
        self._arrange()

    def column(self) -> tuple[int, int]:
        """Left edge and width of the reading column in the viewport, px."""
        # Of the whole view: the column must not move when the scroll bar appears.
        room = self.width()
        width = max(120, min(round(COLUMN_WIDTH * max(1.0, self._zoom)), room - 2 * SPACE[4]))
        return max(0, (room - width) // 2), width

    # -- frames --------------------------------------------------------------------------------------------

    def _on_frame(self) -> None:
        if self._feeder.run():
            self._throttle.request()
        self._arrange()

    def _arrange(self) -> None:
        """Measure and place what is seen, bring the scroll bar in line, ask for a repaint."""
        width = self.column()[1]
        if width != self.cache.width:
            self.cache.reset(width=width)
            self.model.width = width
        height = self.viewport().height()
        self.placer.arrange(height)
        self._sync_bar(height)
        self._on_work()
        self.viewport().update()

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

    def _on_work(self) -> None:
        """Colour code that is seen, a few ms at a time."""
        end = perf_counter() + WORK_SECONDS
        for placed in self.placer.rows:
            if placed.item.work(end - perf_counter()):
                self._work.request()
                self.viewport().update()
                return
        if self.sender() is self._work:
            self.viewport().update()

    def _on_scrolled(self, value: int) -> None:
        if not self._syncing:
            self.placer.scroll_to(value)
            self._arrange()

    def scroll_to_end(self) -> None:
        """Go to the end and follow it."""
        self.placer.follow = True
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Rows are placed by _arrange, nothing is moved here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left, width = self.column()
        self.jump_button.place(left + width // 2, self.viewport().height())
        self._arrange()

    # -- painting ------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.color("window"))
        left = self.column()[0]
        for placed in self.placer.rows:
            box = QRect(0, placed.y, self.viewport().width(), placed.item.height)
            if box.intersects(event.rect()):
                placed.item.paint(painter, left, placed.y, self._look(placed))
        painter.end()

    def _look(self, placed: Placed) -> Look:
        ref, item = placed.ref, placed.item
        hot, place = self.pointer.hot, self.navigator.place
        focus = self.navigator.spot() if place and place[0] == ref and self.hasFocus() else None
        return Look(
            selection=self.selection.range_in(ref, len(item.plain)) if self.selection else None,
            actions=self.pointer.message == ref.message or bool(place and place[0].message == ref.message),
            hot=hot[1] if hot and hot[0] == ref else None,
            focus=focus,
            done=self._done[1] if self._done and self._done[0] == ref else "",
        )

    # -- doing things --------------------------------------------------------------------------------------

    def activate(self, ref: Ref, spot: Spot) -> None:
        """Do what a spot is for."""
        message = self.model.messages[ref.message]
        if spot.kind == "link":
            self.link_activated.emit(spot.value)
        elif spot.kind == "thought":
            self._toggle_thought(message)
        elif spot.kind == "retry":
            self.retry_requested.emit(message.id)
        else:
            if spot.kind == "copy_code":
                text = "".join(block.text for block in self.model.pieces(ref))
            else:
                text = self.message_text(message.id)
            self.copy(text)
            self._done = (ref, spot.kind)
            self._done_timer.start()
            self.viewport().update()

    def _toggle_thought(self, message: Message) -> None:
        opened = not message.sections[CHANNELS["reasoning"]].visible
        message.thought.choice = opened
        self.placer.scroll_to(self.placer.value)
        # folding must not make the header jump: only the end may be followed, and not from up here
        self.placer.follow = False
        update_thought(self.model, message)
        self._arrange()
        self.placer.scroll_to(self.placer.value)
        self._arrange()
        self.thought_toggled.emit(message.id, opened)

    def _on_done_over(self) -> None:
        self._done = None
        self.viewport().update()

    def copy_selection(self) -> None:
        """Put the selection on the clipboard."""
        text = self.selection.text(self._plain_of)
        if text:
            self.copy(text)

    def select_all(self) -> None:
        """Select everything that is not folded away."""
        self.selection.all()
        self.viewport().update()

    def _plain_of(self, row: Row) -> str:
        return self.cache.item(row).plain

    def copy(self, text: str) -> None:
        """Put a text on the clipboard and say so."""
        QGuiApplication.clipboard().setText(text)
        self.copy_requested.emit(text)

    # -- keyboard ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, bar = Qt.Key(event.key()), self.verticalScrollBar()
        spot = self.navigator.spot()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key in _ENTER and spot is not None and self.navigator.place is not None:
            self.activate(self.navigator.place[0], spot)
        elif key in _ARROWS:
            bar.setValue(bar.value() + _ARROWS[key] * 2 * bar.singleStep())
        elif key in _PAGES:
            bar.setValue(bar.value() + _PAGES[key] * (bar.pageStep() - 2 * bar.singleStep()))
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.scroll_to_end()
        elif key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and spot is not None:
            self.navigator.item().scroll_by(-40 if key == Qt.Key.Key_Left else 40)
            self.viewport().update()
        elif key == Qt.Key.Key_Escape and self.selection:
            self.selection.clear()
            self.viewport().update()
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through what can be used in the conversation before it leaves."""
        if self.hasFocus() and self.navigator.move(1 if forward else -1):
            self._show_spot()
            return True
        return super().focusNextPrevChild(forward)

    def _show_spot(self) -> None:
        spot, place = self.navigator.spot(), self.navigator.place
        if spot is None or place is None:
            return
        height = self.viewport().height()
        self.placer.reveal(place[0], int(spot.rect.top()), int(spot.rect.bottom()), height)
        self.setAccessibleDescription(spot.name)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = {Qt.FocusReason.TabFocusReason: 1, Qt.FocusReason.BacktabFocusReason: -1}
        if event.reason() in reasons:
            self.navigator.clear()
            if self.navigator.move(reasons[event.reason()]):
                self._show_spot()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.navigator.clear()
        self.viewport().update()

    # -- pointer: see pointer.py ---------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        return self.pointer.handle(event) or super().viewportEvent(event)
