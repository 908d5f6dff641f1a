"""A conversation as Markdown that other programs show as it is shown here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TextIO

from app.chat.parts import AttachmentPart, Message, ReasoningPart, TextPart
from app.export import texts
from app.export.values import Head, Node, Options, weight_of
from app.language import tr
from app.render.blocks import Block, normalise
from app.render.math_find import formula_at

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>~#|$&]")
_LINE_START: Final = re.compile(r"^(\s*)([-+=]|\d{1,9}[.)])")
_FENCE: Final = re.compile(r"^( {0,3})(`{3,}|~{3,})(.*)$")
_FENCES: Final = re.compile(r"(?:^|\n) {0,3}(`{3,}|~{3,})")
_DEFINITION: Final = re.compile(r"^( {0,3})\[(?!\^)[^\]\n]+\]:", re.MULTILINE)
_LABEL: Final = re.compile(r"\[\^([\w.*-]{1,64})\]")
_NOTE: Final = re.compile(rf"^[ >]*{_LABEL.pattern}:", re.MULTILINE)
#: What would be taken for HTML, and is text here.
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_ADDRESS: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[^\s<>@]+@[^\s<>@]+>")


def write_markdown(
    file: TextIO, head: Head, nodes: Iterable[Node], options: Options, step: Callable[[int], None]
) -> None:
    """Write the messages one after the other; `step` is told the characters of each that is done."""
    title = texts.title_of(head.title)
    file.write(f"# {escaped_line(title)}\n")
    for number, node in enumerate(nodes, 1):
        for piece in _message(node.message, options, number):
            file.write(piece)
        step(weight_of(node.message))


def _message(message: Message, options: Options, number: int) -> Iterator[str]:
    parts = [one for one in message.parts if options.thoughts or not isinstance(one, ReasoningPart)]
    note = texts.note_of(message)
    if not any(part.text.strip() or isinstance(part, AttachmentPart) for part in parts) and not note:
        return
    yield f"\n## {escaped_line(texts.name_of(message))}\n"
    for part in parts:
        if isinstance(part, AttachmentPart):
            yield from _document(part, with_text=options.documents)
        elif isinstance(part, ReasoningPart):
            yield from _thought(part, number)
        elif part.text.strip():
            yield "\n"
            if message.role == "assistant":
                yield from faithful(part, f"{number}-")
            else:
                yield typed(part.text.strip("\n")) + "\n"
    if note:
        yield f"\n*{escaped_line(note)}*\n"


def _document(part: AttachmentPart, *, with_text: bool) -> Iterator[str]:
    line = tr("Attached: {name}", name=texts.attachment_line(part))
    yield f"\n*{escaped_line(line)}*\n"
    if with_text and part.text:
        longest = max((len(run[1]) for run in _FENCES.finditer(part.text)), default=0)
        fence = "`" * max(3, longest + 1)
        yield f"\n{fence}text\n"
        yield part.text
        yield ("" if part.text.endswith("\n") else "\n") + f"{fence}\n"


def _thought(part: ReasoningPart, number: int) -> Iterator[str]:
    if not part.text.strip():
        return
    yield f"\n> **{texts.thought_line(part)}**\n>\n"
    body = "".join(faithful(TextPart(part.text), f"{number}-thought-"))
    for line in body.rstrip("\n").split("\n"):
        yield f"> {line}".rstrip() + "\n"


def faithful(part: TextPart, prefix: str = "") -> Iterator[str]:
    """Markdown of the model in which nothing is HTML or a hidden definition; a fence is always closed.

    `prefix` comes before the labels of footnotes: other answers in the file may have the same ones.
    """
    text = normalise(part.text)
    notes = {found[1]: prefix + found[1] for found in _NOTE.finditer(text)} if prefix else {}
    if not (notes or _TAG.search(text) or _DEFINITION.search(text) or _FENCES.search(text)):
        yield text.rstrip("\n") + "\n"
        return
    at = begun = 0
    last: Block | None = None
    for block in texts.blocks_of(text):
        if block.start < at or not text.startswith(block.source, block.start):
            continue  # it goes out as it is
        if not block.piece:
            begun, last = block.start, block
        yield text[at : block.start]
        yield _safe(block, notes)
        at = block.start + len(block.source)
    yield text[at:].rstrip("\n") + "\n"
    if last is not None and last.kind == "code" and not last.nest:
        fence = _open_fence(text, begun)
        if fence:
            yield f"{fence}\n"


def _safe(block: Block, notes: dict[str, str]) -> str:
    if block.kind in ("code", "math", "rule"):
        return block.source
    source = block.source
    if "<" in source or (notes and "[^" in source):
        source = "".join(_without_tags(source, notes))
    return _DEFINITION.sub(lambda found: found[0].replace("[", "\\[", 1), source)


def _without_tags(source: str, notes: dict[str, str]) -> Iterator[str]:
    """The Markdown with tags escaped and footnotes renamed, outside of code and formulas."""
    at = 0
    while at < len(source):
        char = source[at]
        end = at + 1
        if char == "`":
            end = _code_end(source, at)
        elif char == "\\":
            found = formula_at(source, at)
            end = found.end if found else at + 2
        elif char == "$":
            found = formula_at(source, at)
            end = found.end if found else at + 1
        elif char == "<":
            address = _ADDRESS.match(source, at)
            if address:
                end = address.end()
            elif _TAG.match(source, at):
                yield "\\"
        elif char == "[" and (note := _LABEL.match(source, at)) and note[1] in notes:
            yield f"[^{notes[note[1]]}]"
            at = note.end()
            continue
        yield source[at:end]
        at = end


def _code_end(source: str, at: int) -> int:
    run = len(source) - at - len(source[at:].lstrip("`"))
    closing = re.compile(rf"(?<!`)`{{{run}}}(?!`)").search(source, at + run)
    return closing.end() if closing else at + run


def _open_fence(text: str, begun: int) -> str:
    """What closes the fence that begins at `begun`, where the end of the text leaves it open."""
    end = len(text.rstrip("\n"))
    opening = text[begun : begun + 1000].split("\n", 1)[0]
    opened = _FENCE.match(opening)
    if opened is None:
        return ""
    start = text.rfind("\n", begun, end) + 1
    closing = _FENCE.match(text[start:end][:1000]) if start > begun else None
    closed = closing is not None and closing[2].startswith(opened[2]) and not closing[3].strip()
    return "" if closed else opened[2]


# ---- what a person typed ------------------------------------------------------------------


def typed(text: str) -> str:
    """Plain text as Markdown that reads as this text; fenced code and formulas in it stay what they are."""
    made: list[str] = []
    fence = ""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if fence:
            made.append(line)
            if match and match[2].startswith(fence) and not match[3].strip():
                fence = ""
        elif match and not (match[2][0] == "`" and "`" in match[3]):
            fence = match[2]
            made += [""] * bool(made and made[-1]) + [line]
        else:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            # A line that ends inside a paragraph would run into the next one.
            hard = bool(line.strip()) and bool(following.strip()) and not _FENCE.match(following)
            made.append(_typed_line(line) + ("\\" if hard else ""))
    if fence:
        made.append(fence)
    return "\n".join(made)


def _typed_line(line: str) -> str:
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)].replace("\t", "    ")
    escaped = escaped_line(body.rstrip())
    if escaped and not indent:
        return escaped
    return "\u00a0" * len(indent) + escaped if escaped else ""


def escaped_line(text: str) -> str:
    """One line of text as Markdown; formulas in it stay formulas."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = formula_at(text, at) if text[at] in "$\\" else None
        end = found.end if found else at + 1
        piece = text[at:end]
        parts.append(piece if found else _SPECIAL.sub(r"\\\g<0>", piece))
        at = end
    return _LINE_START.sub(lambda start: f"{start[1]}{_marker(start[2])}", "".join(parts))


def _marker(marker: str) -> str:
    return f"\\{marker}" if len(marker) == 1 else f"{marker[:-1]}\\{marker[-1]}"
