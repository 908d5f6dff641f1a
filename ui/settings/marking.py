"""Words of a search, found in texts of our own and marked there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from ui.theme import Tokens


def spans(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where the words are, as (begin, end), in order and without overlaps; words are casefolded."""
    low = text.lower()  # as long as the text, which casefold may not be
    found = []
    for word in words if len(low) == len(text) else ():
        at = low.find(word)
        while at >= 0:
            found.append((at, at + len(word)))
            at = low.find(word, at + len(word))
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def mark(label: QLabel, text: str, words: list[str], tokens: Tokens) -> None:
    """Show `text` with the words marked; whatever else it holds stays text."""
    found = spans(text, words)
    if not found:
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        return
    style = f"color:{tokens.text};background-color:{tokens.selection}"
    parts, at = [], 0
    for begin, end in found:
        parts.append(escape(text[at:begin]))
        parts.append(f'<span style="{style}">{escape(text[begin:end])}</span>')
        at = end
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setText("".join(parts) + escape(text[at:]))
