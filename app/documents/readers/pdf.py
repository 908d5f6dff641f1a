"""PDF, by PDFium: each page's text behind a line with its number."""

from __future__ import annotations

import re

import pypdfium2

from app.documents.markdown import clean
from app.documents.pages import unmarked
from app.documents.reading import check_length
from app.documents.values import Progress, Reading, Source
from app.errors import FileReadError, PasswordNeeded
from app.language import ntr, tr

#: PDFium's mark for a hyphen that only breaks a word at the end of a line.
_BROKEN_WORD = re.compile("[\ufffe\x02]\r?\n?")
_PASSWORD_CODE = 4


def read(source: Source) -> Reading:
    """The text in the order of the page's content.

    Raises:
        PasswordNeeded: it is encrypted.
        FileReadError: damaged, or without any text.
    """
    document = _open(source)
    try:
        return _pages(document, source)
    finally:
        document.close()


def _open(source: Source) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(source.data, password=source.password or None)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_CODE or "password" in str(error).lower():
            wrong = tr("The password is not right.")
            words = wrong if source.password else tr("It opens with a password only.")
            raise PasswordNeeded(words, tr("Type the password of the document.")) from error
        raise FileReadError(
            tr("The PDF is damaged and cannot be opened."), tr("Save or download it anew.")
        ) from error


def _pages(document: pypdfium2.PdfDocument, source: Source) -> Reading:
    parts: list[str] = []
    without: list[int] = []
    broken = chars = 0
    total = len(document)
    for number in range(1, total + 1):
        source.report(Progress(number - 1, total))
        try:
            text = _text(document, number - 1)
        except pypdfium2.PdfiumError:
            text, broken = "", broken + 1
        if not text:
            without.append(number)
        parts.append(f"[Page {number}]\n\n{text}" if text else f"[Page {number}] (no text)")
        chars += len(text)
        check_length(chars, source.limits.text_chars)
    if not total:
        raise FileReadError(tr("The PDF has no pages."))
    if len(without) == total:
        raise FileReadError(
            tr("None of its {total} pages has text: it is probably a scan.", total=total)
            if total > 1
            else tr("Its only page has no text: it is probably a scan."),
            tr("Run text recognition (OCR) on it first."),
        )
    return Reading("\n\n".join(parts) + "\n", total, tuple(without), _notes(len(without), broken, total))


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        content = page.get_textpage()
        try:
            text = content.get_text_range()
        finally:
            content.close()
    finally:
        page.close()
    text = _BROKEN_WORD.sub("", text)
    return unmarked("\n".join(line.rstrip() for line in clean(text).split("\n")).strip("\n"), "pdf")


def _notes(without: int, broken: int, total: int) -> tuple[str, ...]:
    notes = []
    if without:
        notes.append(
            ntr(
                "{count} of {total} pages has no text: it is an image or empty.",
                "{count} of {total} pages have no text: they are images or empty.",
                without, total=total,
            )
        )  # fmt: skip
    if broken:
        notes.append(
            ntr(
                "{count} page is damaged and could not be read.",
                "{count} pages are damaged and could not be read.",
                broken,
            )
        )
    return tuple(notes)
