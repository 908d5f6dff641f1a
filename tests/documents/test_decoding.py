"""Text in any common encoding."""

from __future__ import annotations

import codecs
import random

import pytest

from app.documents.decoding import decode
from app.errors import FileReadError

GERMAN = "Die Straße über den Fluß führt nach Göttingen; schöne Grüße aus München.\n" * 3
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n" * 5
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n" * 5


@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE, "plain", "\U0001f600 mixed é\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, ())


@pytest.mark.parametrize("order", ["le", "be"])
def test_marks_and_no_marks(order: str) -> None:
    marks = {
        "le": (codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE),
        "be": (codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE),
    }
    for width, mark in zip((16, 32), marks[order], strict=True):
        data = GERMAN.encode(f"utf-{width}-{order}")
        assert decode(mark + data) == (GERMAN, ())
        assert decode(data) == (GERMAN, ())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        ("“Smart” quotes – and a € sign for café\n", "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_older_encodings(text: str, encoding: str) -> None:
    found, notes = decode(text.encode(encoding))
    assert found == text
    assert len(notes) == 1
    assert notes[0].startswith("Its encoding was guessed: ")


def test_mixed_lines() -> None:
    found, notes = decode(GERMAN.encode() + "naïve\n".encode("cp1252") + RUSSIAN.encode())
    assert found == GERMAN + "naïve\n" + RUSSIAN
    assert notes == ("Its encoding is mixed: 1 line was read as Windows-1252.",)


def test_line_ends_and_controls() -> None:
    assert decode(b"a\r\nb\rc\n\x1b[0md\te\x07" + b"x" * 200)[0] == "a\nb\nc\n[0md\te" + "x" * 200


def test_what_a_document_names_itself() -> None:
    assert decode("ÿ".encode("cp1251", "replace") + b"\xe0", "cp1251")[0].endswith("а")
    assert decode("é".encode("cp1252"), "no such encoding")[0] == "é"


def test_binary_is_refused() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(50):
        with pytest.raises(FileReadError, match="not a text file"):
            decode(chance.randbytes(5000))
