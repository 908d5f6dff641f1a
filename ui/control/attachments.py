"""The documents that go with the question that is being written. GUI thread."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.library import NEW, KeptDocument
from app.chat.parts import AttachmentPart
from app.engine.session_events import SessionEvent
from app.language import mark, tr
from ui.control import document_notices as notices
from ui.control import document_words as say
from ui.control.attachment_item import Item, place_of
from ui.control.chat import ChatControl
from ui.control.document_counts import DocumentCounts
from ui.control.document_keeper import DocumentKeeper
from ui.control.document_reading import DocumentReading, Told
from ui.control.models import ModelControl
from ui.control.store import StoreClient
from ui.control.undo import Undo
from ui.documents.kinds import about_document
from ui.throttle import Throttle
from ui.workers.documents import ChoosePages, DocumentProgress

_CHIPS_MS = 25
_READING = mark("The documents are still being read")
_PASSWORD = mark("A document still needs its password")
_NO_PAGES = mark("Only these pages were kept. Attach the document again to choose others.")


@dataclass(eq=False)
class _Box:
    """What is attached in one conversation; nothing of a temporary one is kept."""

    temporary: bool = False
    items: list[Item] = field(default_factory=list)


class AttachmentControl(QObject):
    """Reads, counts, keeps and hands over what is attached in each conversation, as its draft is.

    Args:
        cancel: stops what is read under a ticket, past the queue.
        choose: has pages chosen; its answer comes as that of `extract_wanted` does.

    Texts travel as objects: as strings of Qt's each signal would copy them.

    Signals:
        changed: list of Attached of the open conversation.
        hold_changed: why nothing can be sent now; empty where it can.
        parts_changed: others are ready than before.
        document_shown: name, a line about it, exactly what the model sees.
        text_wanted_back: a pasted text is to go into the message.
        page_error: id, what is wrong with the pages that were typed.
    """

    changed = Signal(object)
    hold_changed = Signal(str)
    parts_changed = Signal()
    document_shown = Signal(str, str, object)
    text_wanted_back = Signal(object)
    page_error = Signal(str, str)
    notice = Signal(object)
    notice_gone = Signal(str)
    extract_wanted = Signal(object)
    count_wanted = Signal(object)
    cancel_count_wanted = Signal(int)

    def __init__(
        self,
        ids: Iterator[int],
        chat: ChatControl,
        models: ModelControl,
        parent: QObject | None = None,
        *,
        store: StoreClient,
        undo: Undo,
        cancel: Callable[[int], None],
        choose: Callable[[ChoosePages], None],
    ) -> None:
        super().__init__(parent)
        self.setObjectName("attachment_control")
        self._chat, self._undo = chat, undo
        self._reading = DocumentReading(ids, cancel, choose, self)
        self._reading.extract_wanted.connect(self.extract_wanted)
        self._reading.page_error.connect(self.page_error)
        self._counts = DocumentCounts(ids, models, self)
        self._counts.count_wanted.connect(self.count_wanted)
        self._counts.cancel_count_wanted.connect(self.cancel_count_wanted)
        self._conversation, self._key = chat.conversation, NEW
        self._box = _Box()
        self._boxes = {NEW: self._box}
        self._taken: list[tuple[AttachmentPart, Item]] = []
        self._keeper = DocumentKeeper(store, self._kept, self)
        self._ready: tuple[AttachmentPart, ...] = ()
        self._hold = ""
        self._chips = Throttle(_CHIPS_MS, self)  # many small files are read in no time
        self._chips.due.connect(self._tell_chips)
        models.model_changed.connect(self._on_model)
        chat.opened.connect(self._on_opened)
        chat.leaving.connect(self._on_leaving)
        chat.attachments_returned.connect(self._on_returned)
        chat.turns.finished.connect(self._on_finished)

    # ---- what there is --------------------------------------------------------------------

    @property
    def hold(self) -> str:
        """Why nothing can be sent now; empty where it can."""
        return self._hold

    @property
    def empty(self) -> bool:
        """Whether nothing is attached here."""
        return not self._box.items

    def parts(self) -> tuple[AttachmentPart, ...]:
        """Those that are ready, in their order."""
        return tuple(item.part() for item in self._box.items if item.state == "ready")

    def tokens(self) -> int | None:
        """Tokens of all that are ready; None while one of them is not counted."""
        model = self._counts.model
        counts = [item.counts.get(model) for item in self._box.items if item.state == "ready"]
        return None if None in counts else sum(count for count in counts if count is not None)

    def take(self) -> tuple[AttachmentPart, ...]:
        """Hand over those that are ready to the question that is sent; what could not be read stays."""
        taken = [item for item in self._box.items if item.state == "ready"]
        parts = tuple(item.part() for item in taken)
        self._taken += zip(parts, taken, strict=True)
        for item in taken:
            self._counts.cancel(item)
        self._box.items = [item for item in self._box.items if item not in taken]
        self._on_changed(self._box)
        return parts

    def put_back(self, parts: Sequence[AttachmentPart]) -> None:
        """Attach what was handed over again, before what was attached since."""
        self._put_back(self._box, parts)

    # ---- what the person does -------------------------------------------------------------

    @Slot(list)
    def add_paths(self, paths: list[str]) -> None:
        """Attach files and folders, and read them one after the other."""
        known = {place_of(item.path): item for item in self._box.items if item.path}
        again: list[str] = []
        full = False
        for path in paths:
            item = known.get(place_of(path))
            if item is not None and item.state != "failed":
                again.append(item.name)
                continue
            if item is None:
                if len(self._box.items) >= notices.MOST:
                    full = True
                    break
                item = known[place_of(path)] = Item.of_path(path, temporary=self._box.temporary)
                self._box.items.append(item)
            self._reading.read(item)
        self._on_changed(self._box)
        said = notices.left_out(again, full)
        if said is not None:
            self.notice.emit(said)

    @Slot(object)
    def add_text(self, text: str) -> None:
        """Attach a text that was pasted; it can be put into the message instead."""
        names = {item.name for item in self._box.items}
        numbers = (tr("Pasted text {number}", number=number) for number in itertools.count(2))
        name = next(one for one in itertools.chain([tr("Pasted text")], numbers) if one not in names)
        item = Item.of_text(name, text)
        self._box.items.append(item)
        self._on_changed(self._box)
        self.notice.emit(notices.pasted(item))

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of a notice was used; actions of others are left to them."""
        if not action.startswith(notices.UNPASTE):
            return
        item = self._find(action.removeprefix(notices.UNPASTE))
        if item is not None and item.state == "ready":
            self._remove(item)
            self.text_wanted_back.emit(item.text)

    @Slot()
    def refuse_image(self) -> None:
        """An image was pasted."""
        self.notice.emit(notices.spoken(notices.IMAGE))

    @Slot()
    def refuse_links(self) -> None:
        """Addresses of the web were dropped."""
        self.notice.emit(notices.spoken(notices.LINKS))

    @Slot(str)
    def remove(self, item_id: str) -> None:
        """Take a document off; what was read of it can be put back."""
        item = self._find(item_id)
        if item is None:
            return
        box, at, ready = self._box, self._box.items.index(item), item.state == "ready"
        self._remove(item)
        if ready:

            def put_back() -> None:
                if item not in box.items:
                    box.items.insert(min(at, len(box.items)), item)
                    self._on_changed(box)

            self._undo.offer(tr("“{name}” was removed.", name=say.short(item.name)), put_back)

    @Slot(str)
    def open(self, item_id: str) -> None:
        """Show what the model sees of it."""
        item = self._find(item_id)
        if item is not None and item.state == "ready":
            self._show(item.part(), item.counts.get(self._counts.model))

    @Slot(str, int)
    def open_sent(self, message_id: str, index: int) -> None:
        """Show a document of a question that was asked."""
        message = self._chat.conversation.messages.get(message_id)
        parts = message.attachments if message is not None else ()
        if 0 <= index < len(parts):
            self._show(parts[index], None)

    def _show(self, part: AttachmentPart, tokens: int | None) -> None:
        about = about_document(part.kind, part.pages, part.chosen, tokens)
        self.document_shown.emit(part.name, about, part.text)

    @Slot(str)
    def retry(self, item_id: str) -> None:
        """Read again what could not be read."""
        item = self._find(item_id)
        if item is not None and item.path and item.state in ("failed", "password"):
            self._reading.read(item)
            self._on_changed(self._box)

    @Slot(str, str)
    def give_password(self, item_id: str, password: str) -> None:
        """Open a document with its password."""
        item = self._find(item_id)
        if item is not None and item.state == "password" and password:
            self._reading.read(item, password)
            self._on_changed(self._box)

    @Slot(str, str)
    def choose_pages(self, item_id: str, pages: str) -> None:
        """Leave out all pages but these; "" for all of them."""
        item = self._find(item_id)
        if item is None or item.state != "ready":
            return
        if item.whole is None:
            self.page_error.emit(item_id, tr(_NO_PAGES))
            return
        self._counts.cancel(item)
        self._reading.choose(item, pages)
        self._on_changed(self._box)

    # ---- what becomes of it ---------------------------------------------------------------

    @Slot(object)
    def on_told(self, told: Told) -> None:
        """Take what the worker says; what is not wanted any more is dropped."""
        item = self._reading.take(told)
        box = next((box for box in self._boxes.values() if item in box.items), None)
        if box is not None and not isinstance(told, DocumentProgress):
            self._note(box)
        elif box is self._box:
            self._chips.request()

    def _remove(self, item: Item) -> None:
        """Take it off, and stop what is under way for it."""
        self._reading.cancel(item)
        self._counts.cancel(item)
        self._box.items.remove(item)
        self._on_changed(self._box)

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take what the engine says of a count."""
        if self._counts.take(event):
            self._chips.request()

    @Slot(object)
    def _on_model(self, _info: object) -> None:
        self._counts.count(self._box.items, again=True)
        self._tell_chips()

    # ---- conversations --------------------------------------------------------------------

    def begin(self, kept: Sequence[KeptDocument]) -> None:
        """The store is there, with what was attached in a new conversation."""
        self._keeper.begin()
        box = self._boxes[NEW]
        box.items[:0] = self._restored(kept)
        self._on_changed(box)

    def save_again(self) -> None:
        """The database was repaired: what it lost of this goes back into it."""
        self._keeper.changed(key for key, box in self._boxes.items() if box.items and not box.temporary)

    @Slot(str)
    def _on_opened(self, key: str) -> None:
        """Another conversation is open, or the new one is in the store now."""
        conversation = self._chat.conversation
        key = conversation.id if conversation.temporary else key
        if conversation is self._conversation and key != self._key:
            self._boxes[key] = self._boxes.pop(self._key)
            self._boxes.setdefault(NEW, _Box())
            self._keeper.changed({key, self._key})
        elif key not in self._boxes:
            self._boxes[key] = _Box(conversation.temporary, self._restored(self._chat.saved.attached))
        self._conversation, self._key, self._box = conversation, key, self._boxes[key]
        self._counts.count(self._box.items)
        self._tell()
        self._chips.flush()

    def _restored(self, kept: Sequence[KeptDocument]) -> list[Item]:
        """What was kept; what was not read to its end is read again."""
        items = [Item.of_kept(one) for one in kept]
        for item in items:
            if item.state == "reading":
                self._reading.read(item)
            elif item.chosen:
                chosen, item.chosen = item.chosen, ""
                self._reading.choose(item, chosen)
        return items

    @Slot()
    def _on_leaving(self) -> None:
        self.notice_gone.emit("pasted")
        self._keeper.flush()

    @Slot(str, object)
    def _on_returned(self, conversation_id: str, parts: tuple[AttachmentPart, ...]) -> None:
        """A refused question's documents are attached in its conversation again."""
        box = self._box if conversation_id == self._conversation.id else self._boxes.get(conversation_id)
        if box is not None:
            self._put_back(box, parts)

    def _put_back(self, box: _Box, parts: Sequence[AttachmentPart]) -> None:
        known = {id(part): item for part, item in self._taken}
        back = [known.get(id(part)) or Item.of_part(part) for part in parts]
        box.items[:0] = [item for item in back if item not in box.items]
        self._on_changed(box)

    @Slot(object)
    def _on_finished(self, _exchange: object) -> None:
        if self._chat.turns.idle:
            self._taken.clear()  # nothing can be refused any more

    # ---- telling and keeping --------------------------------------------------------------

    def _find(self, item_id: str) -> Item | None:
        return next((item for item in self._box.items if item.id == item_id), None)

    def _on_changed(self, box: _Box) -> None:
        """The person changed what is attached there: it is seen at once."""
        self._note(box)
        self._chips.flush()

    def _note(self, box: _Box) -> None:
        """What is attached there is not what it was."""
        self._keeper.changed(key for key, one in self._boxes.items() if one is box and not box.temporary)
        if box is self._box:
            self._counts.count(box.items)
            self._tell()

    def _tell(self) -> None:
        self._chat.saved.attached = tuple(item.kept() for item in self._box.items)
        states = {item.state for item in self._box.items}
        hold = tr(_READING) if "reading" in states else tr(_PASSWORD) if "password" in states else ""
        self._chips.request()
        if hold != self._hold:
            self._hold = hold
            self.hold_changed.emit(hold)
        ready = self.parts()
        if [*map(id, ready)] != [*map(id, self._ready)]:
            self._ready = ready
            self.parts_changed.emit()

    @Slot()
    def _tell_chips(self) -> None:
        self.changed.emit([item.shown(self._counts.model) for item in self._box.items])

    def _kept(self, key: str) -> tuple[KeptDocument, ...]:
        box = self._boxes.get(key)
        return tuple(item.kept() for item in box.items) if box is not None else ()
