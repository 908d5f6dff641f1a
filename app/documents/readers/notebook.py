"""Jupyter notebooks: text as it is, code and what it printed in fences."""

from __future__ import annotations

import json
from typing import Any

from app.documents.decoding import decode
from app.documents.markdown import Blocks, clean, fence
from app.documents.opening import too_large
from app.documents.values import Reading, Source, images_left_out
from app.errors import FileReadError
from app.language import tr


def read(source: Source) -> Reading:
    """All cells in order; images that were drawn are counted in a note."""
    if len(source.data) > source.limits.text_bytes:
        raise too_large(source.limits.text_bytes)
    text, notes = decode(source.data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _broken() from error
    if not isinstance(notebook, dict):
        raise _broken()
    cells = notebook.get("cells")
    if cells is None and isinstance(sheets := notebook.get("worksheets"), list):  # before version 4
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    if not isinstance(cells, list):
        raise _broken()
    blocks, images = Blocks(), 0
    language = _language(notebook)
    for cell in cells:
        if isinstance(cell, dict):
            images += _cell(cell, language, blocks)
    return Reading(blocks.text(), notes=(*notes, *images_left_out(images)))


def _broken() -> FileReadError:
    return FileReadError(tr("It is damaged, or is no Jupyter notebook."))


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("language") if isinstance(kernel, dict) else None
    return name if isinstance(name, str) else "python"


def _cell(cell: dict[str, Any], language: str, blocks: Blocks) -> int:
    """Write one cell; how many images it has."""
    words = _joined(cell.get("source", cell.get("input")))
    if cell.get("cell_type") != "code":
        blocks.add(words)
        return 0
    if words.strip():
        blocks.add(fence(words, language))
    images = 0
    for output in _list(cell.get("outputs")):
        if isinstance(output, dict):
            images += _output(output, blocks)
    return images


def _output(output: dict[str, Any], blocks: Blocks) -> int:
    data = output.get("data")
    data = data if isinstance(data, dict) else output
    text = _joined(output.get("text")) or _joined(data.get("text/plain"))
    if output.get("output_type") in ("error", "pyerr"):
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    if text.strip():
        blocks.add(fence(text, "output"))
    return sum(1 for key in data if isinstance(key, str) and key.startswith(("image/", "png", "jpeg")))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return clean(value) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
