"""A conversation as one HTML file: no script, nothing that is fetched, the text in semantic elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Final, TextIO

from app.chat.parts import AttachmentPart, Message, ReasoningPart
from app.export import texts
from app.export.formulas import SetFormulas
from app.export.html_blocks import HtmlBlocks
from app.export.html_style import stylesheet
from app.export.values import Head, Node, Options, weight_of
from app.render.blocks import normalise
from app.render.unseen import shown

#: Forbids all but the styles that stand in the file.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SLICE: Final = 1 << 16


def write_html(
    file: TextIO,
    head: Head,
    nodes: Iterable[Node],
    options: Options,
    step: Callable[[int], None],
    *,
    formulas: SetFormulas,
    palettes: tuple[Mapping[str, str], Mapping[str, str]],
) -> None:
    """Write the page; `palettes` are the light and the dark one (see html_style.COLOURS)."""
    title = escape(texts.title_of(head.title))
    file.write(
        f'<!DOCTYPE html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n'
        f"<style>{stylesheet(*palettes)}</style>\n</head>\n<body>\n"
        f'<header><h1 class="title" dir="auto">{title}</h1>'
    )
    began = texts.when(head.created)
    file.write(f"<p>{began}</p></header>\n<main>\n" if began else "</header>\n<main>\n")
    for node in nodes:
        for piece in _message(node.message, options, formulas):
            file.write(piece)
        step(weight_of(node.message))
    file.write("</main>\n</body>\n</html>\n")


def _message(message: Message, options: Options, formulas: SetFormulas) -> Iterator[str]:
    parts = [one for one in message.parts if options.thoughts or not isinstance(one, ReasoningPart)]
    note = texts.note_of(message)
    if not any(part.text.strip() or isinstance(part, AttachmentPart) for part in parts) and not note:
        return
    told = texts.when(message.created)
    time = f'<time datetime="{told.replace(" ", "T")}">{told}</time>' if told else ""
    yield f'<section class="{message.role}">\n<h2 class="who">{escape(texts.name_of(message))}{time}</h2>\n'
    yield '<div class="said">\n'
    for part in parts:
        if isinstance(part, AttachmentPart):
            yield from _document(part, with_text=options.documents)
        elif isinstance(part, ReasoningPart):
            if part.text.strip():
                yield f"<details><summary>{texts.thought_line(part)}</summary>\n"
                yield from HtmlBlocks(formulas).write(texts.blocks_of(part.text))
                yield "</details>\n"
        elif message.role == "assistant":
            yield from HtmlBlocks(formulas).write(texts.blocks_of(part.text))
        else:
            yield '<div class="plain">'
            yield from _plain(part.text.strip("\n"))
            yield "</div>\n"
    yield "</div>\n"
    if note:
        yield f'<p class="note">{escape(note)}</p>\n'
    yield "</section>\n"


def _document(part: AttachmentPart, *, with_text: bool) -> Iterator[str]:
    line = escape(texts.attachment_line(part))
    if not with_text or not part.text:
        yield f'<div class="file">{line}</div>\n'
        return
    yield f"<details><summary>{line}</summary>\n<pre>"
    yield from _plain(part.text)
    yield "</pre></details>\n"


def _plain(text: str) -> Iterator[str]:
    text = normalise(text)
    for start in range(0, len(text), _SLICE):
        yield escape(shown(text[start : start + _SLICE]), quote=False)
