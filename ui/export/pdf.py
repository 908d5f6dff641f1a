"""A conversation as a PDF. In a process of its own: laying out a long one takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtGui import QFont, QGuiApplication

from app.chat.parts import AttachmentPart, Message, ReasoningPart
from app.export import texts
from app.export.formulas import SetFormulas
from app.export.values import Head, Node, Options, weight_of
from app.language import tr
from app.render.blocks import Block, plain_blocks
from app.render.inline import Span
from app.render.unseen import shown
from ui.export.pdf_blocks import PdfBlocks, font, looks
from ui.export.pdf_mending import is_whole, mend_characters
from ui.export.pdf_pages import Frame, Pages, unwritten
from ui.export.pdf_text import Looks, Text
from ui.theme import LIGHT, SPACE, TYPE

_SLICE: Final = 6000  # characters of one piece of a document
_INNER: Final = SPACE[2]


def write_pdf(
    path: str,
    head: Head,
    nodes: Iterable[Node],
    options: Options,
    step: Callable[[int], None],
    *,
    formulas: SetFormulas,
) -> None:
    """Write the pages; makes the process's QGuiApplication where there is none.

    Raises UserError where the file cannot be written.
    """
    application = QGuiApplication.instance() or QGuiApplication(["cascade-desk"])
    title = texts.title_of(head.title)
    pages = Pages(path, title, font("meta"))
    try:
        _Writer(pages, formulas).write(head, title, nodes, options, step)
    finally:
        pages.end()
        del application
    if not is_whole(Path(path)):
        raise unwritten(path)
    mend_characters(Path(path))


class _Writer:
    def __init__(self, pages: Pages, formulas: SetFormulas) -> None:
        self._pages, self._formulas = pages, formulas
        self._blocks = PdfBlocks(pages, formulas)
        self._reading = looks("reading")
        self._meta = looks("meta", LIGHT.muted)
        self._thought = looks("ui", LIGHT.muted)

    def write(
        self, head: Head, title: str, nodes: Iterable[Node], options: Options, step: Callable[[int], None]
    ) -> None:
        large = looks("title", pixels=TYPE["title"] * 1.2)
        large.font.setWeight(QFont.Weight.DemiBold)
        self._line(title, large)
        began = texts.when(head.created)
        if began:
            self._line(began, self._meta)
        for node in nodes:
            self._message(node.message, options)
            step(weight_of(node.message))

    def _line(self, text: str | tuple[Span, ...], used: Looks) -> None:
        spans = (Span(text),) if isinstance(text, str) else text
        self._pages.flow(Text(spans, used, self._pages.width, self._formulas).strips(0.0))

    def _message(self, message: Message, options: Options) -> None:
        parts = [one for one in message.parts if options.thoughts or not isinstance(one, ReasoningPart)]
        note = texts.note_of(message)
        if not any(part.text.strip() or isinstance(part, AttachmentPart) for part in parts) and not note:
            return
        self._pages.space(SPACE[4])
        self._pages.need(5 * self._reading.line)
        name, when = texts.name_of(message), texts.when(message.created)
        self._line((Span(name, bold=True), Span(f"  {when}" if when else "")), self._meta)
        self._pages.space(SPACE[0])
        for part in parts:
            if isinstance(part, AttachmentPart):
                self._document(part, with_text=options.documents)
            elif isinstance(part, ReasoningPart):
                self._thoughts(part)
            elif message.role == "assistant":
                self._blocks.put(texts.blocks_of(part.text), self._reading)
            elif part.text.strip():
                self._asked(part.text.strip("\n"))
        if note:
            self._pages.space(SPACE[0])
            self._line(note, self._meta)

    def _asked(self, text: str) -> None:
        """What a person typed, in its tinted box."""
        self._pages.space(SPACE[0])
        for block in plain_blocks(text):
            spans = (Span(shown(block.text.expandtabs(4))),)
            made = Text(spans, self._reading, self._pages.width - 2 * _INNER, self._formulas)
            self._pages.flow(made.strips(_INNER), Frame(LIGHT.bubble), pad=SPACE[1])

    def _thoughts(self, part: ReasoningPart) -> None:
        if part.text.strip():
            self._line(texts.thought_line(part), self._meta)
            self._blocks.put(texts.blocks_of(part.text), self._thought, bars=(SPACE[0],))
            self._pages.space(SPACE[1])

    def _document(self, part: AttachmentPart, *, with_text: bool) -> None:
        self._line(tr("Attached: {part}", part=texts.attachment_line(part)), self._thought)
        if with_text and part.text:
            self._blocks.put(_pieces(part.text), self._reading)
        self._pages.space(SPACE[0])


def _pieces(text: str) -> Iterator[Block]:
    """A document's text as code of no language, cut where a line ends."""
    at = number = 0
    while at < len(text):
        end = min(len(text), at + _SLICE)
        cut = text.rfind("\n", at, end) + 1 if end < len(text) else end
        end = cut if cut > at else end
        yield replace(Block("code", ""), text=text[at:end], piece=number)
        at, number = end, number + 1
