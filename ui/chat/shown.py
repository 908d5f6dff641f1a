"""What a caller says about a message to have it shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document that went with a question. `kind` as in app.chat.parts.AttachmentPart."""

    name: str
    about: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the view shows it.

    role: user | assistant | system; an assistant's text is Markdown.
    thought_open: what the reader chose for this thought, None if nothing yet.
    mark: why the message is not whole, with up to two buttons: their labels, and the action each one emits.
    mark_tone: token of the mark's colour; "muted" for what the person wanted.
    actions: any of copy, edit, regenerate, delete; they stand under the message in this order.
    version of versions: counted from 1; nothing is drawn for a single one.
    finished: False while more text comes.
    attachments: documents above the text of a question.
    """

    id: str
    role: str
    text: str = ""
    reasoning: str = ""
    thought_seconds: float = 0.0
    thought_tokens: int = 0
    thought_open: bool | None = None
    footer: str = ""
    mark: str = ""
    mark_tone: str = "warning"
    mark_action: str = ""
    mark_action_name: str = "retry"
    mark_action2: str = ""
    mark_action2_name: str = "regenerate"
    actions: tuple[str, ...] = ()
    version: int = 1
    versions: int = 1
    finished: bool = True
    attachments: tuple[ShownDocument, ...] = ()

    @property
    def mark_buttons(self) -> list[tuple[str, str]]:
        """Label and action of the buttons in the mark's line."""
        if not self.mark:
            return []
        pairs = [
            (self.mark_action, self.mark_action_name),
            (self.mark_action2, self.mark_action2_name),
        ]
        return [(label, name) for label, name in pairs if label]
