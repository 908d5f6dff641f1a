"""What a chip shows of a document that goes with the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChipState = Literal["reading", "ready", "password", "failed"]


@dataclass(frozen=True)
class Attached:
    """A document as its chip shows it.

    Attributes:
        id: of this attachment, unique in the window.
        kind: as in app.chat.parts.AttachmentPart.
        state: "password" asks for one; "failed" says why in `status`.
        status: one line: what is being read, how many pages and which of them, what is wrong.
        fraction: how far reading is, -1 where that is not known.
        tokens: with the model that is loaded, None where they are not counted yet.
        pages: that can be chosen from, 0 for none.
        chosen: pages that were chosen, "" for all.
        notes: what a person should know, one sentence each.
    """

    id: str
    name: str
    kind: str = ""
    state: ChipState = "ready"
    status: str = ""
    fraction: float = -1.0
    tokens: int | None = None
    pages: int = 0
    chosen: str = ""
    notes: tuple[str, ...] = ()
