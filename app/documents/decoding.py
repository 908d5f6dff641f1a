"""Bytes of a text file in whatever encoding."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from app.documents.markdown import clean
from app.documents.values import NotText
from app.language import ntr, tr

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What files are in; of the rest a guess is more often wrong than right.
_COMMON = """
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r koi8_u mac_roman cp437 cp850 cp866
    iso8859_2 iso8859_5 iso8859_7 cp874 shift_jis cp932 euc_jp iso2022_jp gb18030 big5 euc_kr cp949
"""
_SAMPLE = 64 * 1024
#: Share of control characters from which something is no text.
_CONTROL_SHARE = 0.02
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")


def decode(data: bytes, hint: str = "") -> tuple[str, tuple[str, ...]]:
    """The text, with plain line ends, and notes where something had to be guessed.

    Args:
        hint: an encoding that the document names itself.

    Raises:
        NotText: it is not.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(_strict_or_replaced(data[len(bom) :], encoding))
    wide = _wide(data)
    if wide:
        return _checked(_strict_or_replaced(data, wide))
    if b"\0" in data:
        raise _not_text()
    try:
        return _checked((data.decode("utf-8"), ()))
    except UnicodeDecodeError:
        pass
    if hint:
        try:
            return _checked((data.decode(hint), ()))
        except (LookupError, ValueError):
            pass
    return _checked(_guessed(data))


def _strict_or_replaced(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    note = ntr(
        "{count} character could not be read as {encoding}.",
        "{count} characters could not be read as {encoding}.",
        text.count("\ufffd"), encoding=encoding.upper(),
    )  # fmt: skip
    return text, (note,)


def _not_text() -> NotText:
    return NotText(tr("It is not a text file."), tr("Attach a document or plain text."))


def _checked(found: tuple[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    text, notes = found
    for sample in (text[:_SAMPLE], text[-_SAMPLE:]):
        if len(_CONTROLS.findall(sample)) > len(sample) * _CONTROL_SHARE:
            raise _not_text()
    return clean(text), notes


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by where its zero bytes are; "" if it is neither."""
    sample = data[:_SAMPLE]
    if b"\0" not in sample or len(data) % 2:
        return ""
    if len(data) % 4 == 0:
        for encoding, low in (("utf-32-le", 0), ("utf-32-be", 3)):
            top = sample[3 - low :: 4]
            if top.count(0) == len(top) and sample[low::4].count(0) == 0:
                return encoding
    for encoding, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
        high, other = sample[odd::2], sample[1 - odd :: 2]
        if high.count(0) > len(high) * 0.4 and not other.count(0):
            return encoding
    return ""


def _guessed(data: bytes) -> tuple[str, tuple[str, ...]]:
    lines = _HIGH.findall(data)
    valid = sum(1 for line in lines if _is_utf8(line))
    if valid * 2 > len(lines):
        return _mixed(data, len(lines) - valid)
    sample = b"".join(lines[:2000])[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_COMMON.split()).best()
    encoding = best.encoding if best is not None else ""
    # Two files in three that are no UTF-8 are this; the guess needs some text to be better.
    if not encoding or encoding in ("ascii", "utf_8", "latin_1", "iso8859_1") or len(sample) < 16:
        encoding = "cp1252"
    text = data.decode(encoding, "replace")
    name = encoding.replace("_", "-").upper().replace("CP125", "Windows-125")
    if best is None and len(_CONTROLS.findall(text)) > len(text) / 1000:
        raise _not_text()
    notes = [tr("Its encoding was guessed: {name}.", name=name)]
    if lost := text.count("\ufffd"):
        notes.append(
            ntr("{count} character could not be read.", "{count} characters could not be read.", lost)
        )
    return text, tuple(notes)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mixed(data: bytes, wrong: int) -> tuple[str, tuple[str, ...]]:
    lines = [
        line.decode("utf-8") if _is_utf8(line) else line.decode("cp1252", "replace")
        for line in data.splitlines(keepends=True)
    ]
    note = ntr(
        "Its encoding is mixed: {count} line was read as Windows-1252.",
        "Its encoding is mixed: {count} lines were read as Windows-1252.",
        wrong,
    )
    return "".join(lines), (note,)
