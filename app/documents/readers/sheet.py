"""XLSX, XLSB, XLS and ODS: each sheet as a table under its name."""

from __future__ import annotations

import datetime
import io
import re

import python_calamine

from app.documents.guard import GuardedZip
from app.documents.markdown import Blocks, heading, table
from app.documents.reading import check_length
from app.documents.values import Progress, Reading, Source
from app.errors import FileReadError, PasswordNeeded
from app.language import ntr, tr

_REACH = re.compile(rb'<(?:\w+:)?dimension\s+ref="(?:[A-Z]{1,3}\d{1,7}:)?([A-Z]{1,3})(\d{1,7})"')
_MOST_CELLS = 50_000_000
_Value = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta


def read(source: Source) -> Reading:
    """The values that were saved; empty rows and columns at the edges are left out."""
    if source.data.startswith(b"PK"):
        with GuardedZip(source.data, source.limits) as archive:
            _check_reach(archive)
    blocks, empty, chars = Blocks(), [], 0
    book = _open(source.data)
    names = book.sheet_names
    for number, name in enumerate(names, start=1):
        source.report(Progress(number - 1, len(names), "sheet"))
        try:
            rows = book.get_sheet_by_index(number - 1).to_python(skip_empty_area=True)
        except python_calamine.WorksheetNotFound:
            rows = []  # a chart has a sheet of its own
        except python_calamine.CalamineError as error:
            raise FileReadError(
                tr("Its sheet {name} is damaged.", name=name[:80]), tr("Save it anew.")
            ) from error
        text = table(_trimmed([[_text(value) for value in row] for row in rows]))
        chars += len(text)
        check_length(chars, source.limits.text_chars)
        if not text:
            empty.append(number)
        blocks.add(heading(2, f"Sheet: {name}"))
        blocks.add(text or "(no text)")
    if len(empty) == len(names):
        return Reading("")
    note = ntr(
        "{count} of {total} sheets is empty or only has pictures.",
        "{count} of {total} sheets are empty or only have pictures.",
        len(empty), total=len(names),
    )  # fmt: skip
    return Reading(blocks.text() + "\n", len(names), tuple(empty), (note,) if empty else ())


def _check_reach(archive: GuardedZip) -> None:
    """Raises FileReadError where a sheet says that it reaches further than calamine has memory for."""
    for name in archive.names:
        if name.startswith("xl/worksheets/") and (found := _REACH.search(archive.read(name)[:4096])):
            column = 0
            for letter in found.group(1):
                column = column * 26 + letter - 64
            if column * int(found.group(2)) > _MOST_CELLS:
                cell = (found.group(1) + found.group(2)).decode()
                raise FileReadError(
                    tr("One of its sheets reaches as far as cell {cell}.", cell=cell),
                    tr("Delete what stands far away from the rest, and save it anew."),
                )


def _open(data: bytes) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        hint = tr("Save it without one and attach it again.")
        raise PasswordNeeded(tr("It is protected with a password."), hint) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileReadError(
            tr("The file is damaged and cannot be opened."), tr("Save or download it anew.")
        ) from error


def _text(value: _Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        plain = value.time() == datetime.time()
        return value.date().isoformat() if plain else value.isoformat(" ", "seconds")
    return str(value)


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((max((at + 1 for at, text in enumerate(row) if text), default=0) for row in rows), default=0)
    return [row[:width] for row in rows]
