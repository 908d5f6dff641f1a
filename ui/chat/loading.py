"""Takes what callers say about messages into the view: whole conversations, branches, single messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.chat.library import Place
from ui.chat.finding import find_in_message
from ui.chat.items import Spot
from ui.chat.message import ANSWER, FOOTER, REASONING, STATUS, Message, Ref
from ui.chat.shown import Shown
from ui.chat.thought import update_thought
from ui.theme import SPACE

if TYPE_CHECKING:
    from ui.chat.view import ChatView

_NO_SECOND: Final = {"mark_action_name": "retry", "mark_action2": "", "mark_action2_name": "regenerate"}
FIRST_SECONDS: Final = 0.03  # s of parsing of what still streams before it is shown


class Loader:
    """The messages of one ChatView."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        self.wanted: Place | None = None  # a place that has not been painted yet

    def show(self, messages: Sequence[Shown], place: Place | None) -> None:
        """These messages and nothing of what was there."""
        view = self._view
        view.clear()
        self._load(messages)
        self.wanted = place
        self.hold_wanted()
        view.arrange()

    def hold_wanted(self) -> None:
        """Go to the place that was asked for: once more if the width changes before anybody has seen it."""
        if self.wanted:
            self._view.placer.hold_place(self.wanted)

    def _load(self, messages: Sequence[Shown]) -> None:
        view = self._view
        view.fit_width()
        fresh = view.model.load(messages)
        view.feeder.drop(lambda message: view.model.by_id.get(message.id) is message)
        for message in fresh:
            if message.lazy:
                continue
            if message.finished:
                self.refresh(message)
            elif not message.finishing:
                self._stream(message)
        view.feeder.run(FIRST_SECONDS)
        view.request_frame()

    def _stream(self, message: Message) -> None:
        """A message that is still being written comes with the text it has so far."""
        sections, shown, feeder = message.sections, message.shown, self._view.feeder
        for number, text in ((REASONING, shown.reasoning), (ANSWER, shown.text)):
            if text and not sections[number].given:
                feeder.append(message, number, text)
        feeder.touch(message)

    def refresh(self, message: Message) -> None:
        """Something new stands around the text of a message."""
        model = self._view.model
        if message.lazy:
            model.guess(message)
            model.refresh(message)
            return
        update_thought(model, message)
        if message.finished and message.role != "system":
            model.set_single(message, FOOTER, "footer")

    # -- one message ---------------------------------------------------------------------------------------

    def _opened(self, message_id: str) -> Message:
        message = self._view.model.by_id[message_id]
        self._view.model.open(message)
        return message

    def _touch(self, message: Message) -> None:
        self._view.feeder.touch(message)
        self._view.request_frame()

    def add(self, shown: Shown) -> None:
        """A new last message: complete, or an answer that has yet to come."""
        view = self._view
        message = view.model.add(shown)
        if shown.role == "assistant":
            if shown.text:
                view.feeder.append(message, ANSWER, shown.text)
        else:
            view.model.fill_plain(message, shown.text)
            message.finishing = message.finished = True
            if shown.role == "user":
                view.model.set_single(message, FOOTER, "footer")
                view.placer.follow = True
        view.request_frame()

    def update(self, shown: Shown) -> None:
        """Something new stands around a message."""
        message = self._view.model.by_id[shown.id]
        message.take(shown)
        self.refresh(message)
        self._view.request_frame()

    def reclassify(self, message_id: str) -> None:
        """All answer text so far was reasoning."""
        message = self._opened(message_id)
        self._view.model.reclassify(message)
        self._view.selection.clear()
        self._touch(message)

    def set_thought(self, message_id: str, active: bool, seconds: float, tokens: int) -> None:
        """Its thought's state."""
        message = self._opened(message_id)
        thought = message.thought
        thought.active, thought.seconds, thought.tokens = active, seconds, tokens
        thought.shown = thought.shown or active
        self._touch(message)

    def set_status(self, message_id: str, text: str, fraction: float | None) -> None:
        """What the engine does for it."""
        message = self._opened(message_id)
        message.status, message.fraction = text, fraction
        self._view.model.set_single(message, STATUS, "status" if text else None)
        self._touch(message)  # which takes it away again if there is text

    def finish(self, message_id: str, **around: str) -> None:
        """No more text comes."""
        message = self._opened(message_id)
        message.shown = replace(message.shown, finished=True, **(_NO_SECOND | around))
        message.finishing = True
        message.thought.active = False
        if message.finished:
            self._view.model.set_single(message, FOOTER, "footer")
        self._touch(message)

    def reopen(self, message_id: str) -> None:
        """More text comes after all."""
        message = self._opened(message_id)
        self._view.model.reopen(message)
        message.shown = replace(message.shown, footer="", mark="", finished=False)
        self._forget_gone(self._view.navigator.spot())
        self._touch(message)

    def _forget_gone(self, spot: Spot | None, moved: Callable[[Ref], Ref | None] | None = None) -> None:
        """Rows went, or moved: nothing may go on pointing at them."""
        view = self._view

        def still_there(ref: Ref) -> Ref | None:
            now = moved(ref) if moved else ref
            return now if now is not None and view.model.has(now) else None

        view.pointer.reset()
        view.selection.remap(still_there)
        view.doings.remap(still_there)
        view.navigator.remap(still_there, spot)

    # -- another branch ------------------------------------------------------------------------------------

    def replace(self, messages: Sequence[Shown]) -> None:
        """Other messages; what is the same stays as it is, and so does the reader's place."""
        view, model = self._view, self._view.model
        self.wanted = None
        before = model.messages
        spot, place = view.navigator.spot(), view.placer.place()
        index = model.by_id[place.message_id].index if place else 0
        self._load(messages)

        def moved(ref: Ref) -> Ref | None:
            message = before[ref.message]
            kept = model.by_id.get(message.id) is message
            return ref._replace(message=message.index) if kept else None

        view.cache.drop(lambda row: model.by_id.get(row.message.id) is row.message)
        held = view.placer.remap(moved)
        if place and not held and model.messages:
            if place.message_id in model.by_id:
                view.placer.hold_place(place)
            else:
                view.placer.hold_message(min(index, len(model.messages) - 1), SPACE[3])
        self._forget_gone(spot, moved)
        view.arrange()
        view.pointer.look_again()

    def go_to(self, message_id: str, text: str) -> bool:
        """A message to the top of the screen, or what was searched for in it; False if there is none."""
        view, model = self._view, self._view.model
        message = model.by_id.get(message_id)
        if message is None:
            return False
        hit = find_in_message(model, view.cache, message, text) if text.strip() else None
        self.wanted = None
        view.selection.clear()
        view.arrange()
        if hit is None:
            view.placer.hold_message(message.index, SPACE[3])
        else:
            ref, start, end = hit
            view.selection.start((ref, start))
            view.selection.extend((ref, end))
            item = view.placer.measure(ref)
            y = item.height_to(start)
            view.placer.follow = False
            view.placer.hold(ref, y - view.viewport().height() // 4)
        view.arrange()
        view.note_place()
        return True
