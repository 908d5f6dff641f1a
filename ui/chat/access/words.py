"""What a screen reader says for each part of the conversation. Nothing here is laid out or painted."""

from __future__ import annotations

from typing import Final

from app.language import mark, ntr, tr
from app.render.blocks import Block
from app.render.inline import parse_growing, plain_text
from ui.chat.items import shared_nest
from ui.chat.message import Message, Row
from ui.chat.shown import Shown
from ui.chat.thought import header_text
from ui.words import shown_line

PREVIEW: Final = 160  # characters of a message that stand for it
_WHO: Final = {"user": mark("You"), "assistant": mark("Assistant"), "system": mark("Note")}
_TASKS: Final = {"todo": mark("To do:"), "done": mark("Done:")}


def message_words(message: Message) -> str:
    """Who speaks, and what he does just now."""
    who = tr(_WHO.get(message.role, _WHO["system"]))
    if message.role != "assistant" or message.finishing:
        return f"{who}, {message.shown.mark}" if message.shown.mark else who
    return tr("{who}, thinking", who=who) if message.thought.active else tr("{who}, answering", who=who)


def message_preview(message: Message) -> str:
    """The beginning of a message in one line; nothing is parsed for it."""
    return shown_line(message.shown.text[: 4 * PREVIEW], PREVIEW)


def row_words(row: Row) -> str:
    """All that a row says."""
    kind, block = row.block.kind, row.block
    if kind == "thought":
        return header_text(row.message.thought)
    if kind == "footer":
        return footer_words(row.message.shown)
    if kind == "plain" and row.message.shown.attachments and not block.text.strip():
        return tr("Documents")
    said = {"status": row.message.status, "plain": block.text}.get(kind)
    said = " ".join(word for word in (_lead(row), _block_words(row)) if word) if said is None else said
    return said if said.strip() else tr("Empty")


def _block_words(row: Row) -> str:
    block = row.block
    if block.kind == "code":
        title = (
            tr("Code, continued")
            if block.piece
            else tr("Code, {language}", language=block.language or tr("text"))
        )
        return f"{title}:\n{block.text.rstrip()}"
    if block.kind == "table":
        return table_words(block)
    if block.kind == "math":
        return tr("Formula: {formula}", formula=block.text.strip())
    if block.kind == "rule":
        return tr("Separator")
    if row.open:
        return "".join(span.text for span in parse_growing(block.text))
    return plain_text(block.text)


def _lead(row: Row) -> str:
    """The markers that begin with a row, and a quote's mark where the quote begins."""
    block, shared = row.block, shared_nest(row)
    parts = []
    for number, kind in enumerate(block.nest):
        marker = block.markers[number] if number < len(block.markers) else ""
        if kind == "q" and number >= shared:
            parts.append(tr("Quote:"))
        elif kind == "f" and marker:
            parts.append(tr("Footnote {marker}:", marker=marker))
        elif marker:
            parts.append(tr(_TASKS[marker]) if marker in _TASKS else marker)
    return " ".join(parts)


def table_words(block: Block) -> str:
    """A table by its measures."""
    if block.piece:
        return tr("Table, continued")
    columns, rows = len(block.rows[0]) if block.rows else 0, max(0, len(block.rows) - 1)
    across, down = ntr("{count} column", "{count} columns", columns), ntr("{count} row", "{count} rows", rows)
    return tr("Table, {columns}, {rows}", columns=across, rows=down)


def table_row_words(block: Block, number: int) -> str:
    """A row of a table, each cell under its column's name; the first row is the names."""
    cells = [plain_text(cell).strip() for cell in block.rows[number]]
    if number == 0:
        return tr("Columns: {names}", names=", ".join(cells))
    heads = [plain_text(cell).strip() for cell in block.rows[0]]
    named = []
    for at, cell in enumerate(cells[: len(heads)]):
        named.append(f"{heads[at]}: {cell}" if heads[at] else cell)
    return "; ".join(named)


def footer_words(shown: Shown) -> str:
    """What stands under a message, without its buttons."""
    version = (
        tr("Version {version} of {versions}", version=shown.version, versions=shown.versions)
        if shown.versions > 1
        else ""
    )
    said = ". ".join(part for part in (shown.mark, shown.footer, version) if part)
    return said or tr("End of message")
