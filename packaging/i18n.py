"""The texts for translators: gathered out of the sources, and what was translated of them.

    make i18n                       every language
    make i18n ARGS="--new fr"       begin another one

- resources/translations/cascade-desk.pot holds every text of app/ and ui/: what tr, ntr, ctr and mark of
  app.language are given.
- resources/translations/LANGUAGE/LC_MESSAGES/cascade-desk.po is what a translator edits. New texts are
  added without a translation, texts that are gone are taken out; nothing is guessed.
- The .mo beside it is what the program reads. It is committed: whoever runs the program has no Babel.

Run again with the same sources it writes the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from check_words import text_calls, text_of

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "ui")
TRANSLATIONS = ROOT / "resources" / "translations"
DOMAIN = "cascade-desk"
KEYWORDS = {"tr": (1,), "ntr": (1, 2), "ctr": ((1, "c"), 2), "mark": (1,)}
#: What a header says; dates and versions of tools would make each run differ.
_KEPT = ("project-id-version", "language", "plural-forms", "mime-version", "content-type",
         "content-transfer-encoding")  # fmt: skip


def extracted(root: Path = ROOT) -> Catalog:
    """Every text in the sources, with the files that have it."""
    catalog = _empty()
    for path in (path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))):
        name = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            for _line, text, _comments, context in extract(_calls, file, KEYWORDS):
                catalog.add(text, locations=[(name, 0)], context=context)
    return catalog


def _calls(
    file: BinaryIO, _keywords: object, _tags: object, _options: object = None, **_more: object
) -> Iterator[tuple[int, str, list[str | None], list[str]]]:
    """What a method of Babel yields. Its own for Python would take the methods of these names, too."""
    calls = sorted(text_calls(ast.parse(file.read())), key=lambda one: (one[0].lineno, one[0].col_offset))
    for call, name in calls:
        yield call.lineno, name, [text_of(argument) for argument in call.args], []


def read(path: Path) -> Catalog:
    """A .po or .pot file."""
    with path.open("rb") as file:
        return read_po(file, locale=_language(path))


def update(catalog: Catalog, template: Catalog) -> None:
    """Take over what is new in the sources, and drop what is gone."""
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()


def po_bytes(catalog: Catalog) -> bytes:
    """The catalogue as a file for translators."""
    for message in catalog:
        message.flags.discard("python-format")  # a lone % is no field
        message.previous_id = ()
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().decode().split("\n")
    return "\n".join(_without_dates(lines)).encode()


def mo_bytes(catalog: Catalog) -> bytes:
    """The catalogue as the program reads it, without what is not translated."""
    texts = _Texts(catalog)
    written = io.BytesIO()
    write_mo(written, texts)
    return written.getvalue()


class _Texts(list[Message]):
    """The messages of a catalogue behind a header without dates, as `write_mo` wants them."""

    def __init__(self, catalog: Catalog) -> None:
        head = "".join(f"{name}: {value}\n" for name, value in catalog.mime_headers if name.lower() in _KEPT)
        super().__init__([Message("", head), *(message for message in catalog if message.id)])
        self.charset = "utf-8"


def _empty(language: str | None = None) -> Catalog:
    return Catalog(
        language,
        project="cascade-desk",
        version="1",
        header_comment="# Texts of Cascade Desk.",
        fuzzy=False,
        charset="utf-8",
    )


def _language(path: Path) -> str | None:
    return path.parent.parent.name if path.suffix == ".po" else None


def _without_dates(lines: list[str]) -> Iterator[str]:
    """The lines of a .po file; of its header, whose entries may have several lines, what `_KEPT` names."""
    end = lines.index("")
    kept = begins = True
    for line in lines[:end]:
        if line.startswith('"'):
            kept = line.strip('"').partition(":")[0].lower() in _KEPT if begins else kept
            begins = line.endswith('\\n"')
        if kept or not line.startswith('"'):
            yield line
    yield from lines[end:]


def catalogues(folder: Path = TRANSLATIONS) -> list[Path]:
    """The .po files that there are."""
    return sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
        print(f"wrote {path.relative_to(ROOT).as_posix()}")


def main(argv: list[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--new", metavar="LANGUAGE", help="begin a catalogue, as de or pt_BR")
    new = options.parse_args(argv).new
    template = extracted()
    _write(TRANSLATIONS / f"{DOMAIN}.pot", po_bytes(template))
    if new is not None:
        path = TRANSLATIONS / new / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            print(f"i18n: there is a catalogue of {new}", file=sys.stderr)
            return 1
        _write(path, po_bytes(_empty(new)))
    for path in catalogues():
        catalog = read(path)
        update(catalog, template)
        _write(path, po_bytes(catalog))
        _write(path.with_suffix(".mo"), mo_bytes(catalog))
        texts = [message for message in catalog if message.id]
        done = sum(1 for message in texts if all(_strings(message)))
        print(f"{_language(path)}: {done} of {len(texts)} texts are translated")
    return 0


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    raise SystemExit(main())
