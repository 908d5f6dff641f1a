"""One document that is attached to the question that is being written."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from app.chat.conversation import new_id
from app.chat.library import KeptDocument
from app.chat.parts import AttachmentPart
from app.documents.pages import has_pages
from app.documents.values import Extracted, Progress
from ui.composer.attached import Attached, ChipState
from ui.control import document_words as say
from ui.documents.kinds import pages_words
from ui.workers.documents import DocumentRefused

PASTE = "paste"


@dataclass(eq=False)
class Item:
    """A document and what is known of it. Texts are only passed on, never looked at: they may be long.

    Attributes:
        ticket: of the reading or choosing that is under way, 0 for none.
        whole: the text of all pages, None where it is not known.
        kept_id: under which the store keeps its text: another text has another one.
        text: what the model sees.
        counts: its tokens by path of the model.
        temporary: it belongs to a conversation that is never on the disk.
        counting: id of the count that was asked for last and is not answered, with its model.
    """

    id: str
    name: str
    path: str = ""
    kind: str = ""
    state: ChipState = "reading"
    status: str = ""
    fraction: float = -1.0
    ticket: int = 0
    whole: str | None = None
    kept_id: str = field(default_factory=new_id)
    text: str = ""
    pages: int = 0
    chosen: str = ""
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    counting: tuple[int, str] = (0, "")
    temporary: bool = False
    _part: AttachmentPart | None = None

    # ---- from and to ----------------------------------------------------------------------

    @classmethod
    def of_path(cls, path: str, *, temporary: bool = False) -> Item:
        name = os.path.basename(os.path.normpath(path)) or path  # noqa: PTH119 - a name only
        return cls(new_id(), name, path, temporary=temporary)

    @classmethod
    def of_text(cls, name: str, text: str) -> Item:
        item = cls(new_id(), name, kind=PASTE)
        item.take_text(text)
        item.whole = text
        return item

    @classmethod
    def of_part(cls, part: AttachmentPart) -> Item:
        """One that was sent and came back."""
        item = cls(
            new_id(), part.name, kind=part.kind, pages=part.pages, chosen=part.chosen, notes=part.notes
        )
        item.whole = None if part.chosen else part.text
        item.take_text(part.text)
        return item

    @classmethod
    def of_kept(cls, kept: KeptDocument) -> Item:
        """One that was kept; whoever puts it up reads again what has no text."""
        item = cls(new_id(), kept.name, kept.path, kept.kind, pages=kept.pages, notes=kept.notes)
        item.kept_id = kept.id
        if kept.state == "failed":
            item.state, item.status = "failed", kept.status
        elif kept.text is not None:
            item.whole, item.chosen = kept.text, kept.chosen
            item.take_text(kept.text)
        return item

    def kept(self) -> KeptDocument:
        text = self.whole if self.whole is not None else self.text
        ready = bool(text)
        state = "ready" if ready and self.state == "reading" else self.state
        status = self.status if state == "failed" else ""
        chosen = self.chosen if self.whole is not None else ""
        return KeptDocument(
            self.kept_id, self.name, self.path, self.kind, state, status,
            text if ready else None, self.pages, chosen, self.notes,
        )  # fmt: skip

    def part(self) -> AttachmentPart:
        """The same object until its text is another one."""
        if self._part is None:
            self._part = AttachmentPart(self.name, self.text, self.kind, self.pages, self.chosen, self.notes)
        return self._part

    def shown(self, model: str) -> Attached:
        """What its chip shows; tokens are those of `model`."""
        tokens = self.counts.get(model) if self.state == "ready" else None
        pages = self.pages if self.whole is not None and has_pages(self.kind) else 0
        return Attached(
            self.id, self.name, self.kind, self.state, self.status, self.fraction, tokens, pages,
            self.chosen, self.notes,
        )  # fmt: skip

    # ---- what becomes of it ---------------------------------------------------------------

    def begin(self, ticket: int, status: str) -> None:
        """It is read, or its pages are chosen, under this ticket."""
        self.ticket, self.state, self.status, self.fraction = ticket, "reading", status, -1.0

    def take_text(self, text: str) -> None:
        """This is what the model sees."""
        self.text, self.state, self.ticket, self.fraction = text, "ready", 0, -1.0
        self.counts, self.counting, self._part = {}, (0, ""), None
        self.status = pages_words(self.kind, self.pages, self.chosen)

    def take_document(self, found: Extracted) -> None:
        """It was read."""
        self.name, self.kind, self.pages, self.notes = found.name, found.kind, found.pages, found.notes
        self.whole, self.chosen, self.kept_id = found.text, "", new_id()
        self.take_text(found.text)

    def take_progress(self, progress: Progress) -> None:
        self.status, self.fraction = say.progress(progress)

    def take_refusal(self, refused: DocumentRefused) -> None:
        """It could not be read."""
        self.ticket, self.fraction = 0, -1.0
        self.state = "password" if refused.kind == "password" else "failed"
        message = say.without_name(refused.message, self.name)
        hint = "" if self.state == "password" else refused.hint
        self.status = f"{message} {hint}".strip()


def place_of(path: str) -> str:
    """The same for two spellings of a path, as far as can be told without looking."""
    return os.path.normcase(os.path.normpath(path))
