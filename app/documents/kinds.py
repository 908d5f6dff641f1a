"""What kind of file something is, by what it begins with and by its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath

from app.documents.values import NotText
from app.errors import FileReadError
from app.language import mark, tr

_SUFFIXES = {
    "markdown": "md markdown mdown rmd qmd",
    "html": "html htm xhtml",
    "csv": "csv tsv",
    "json": "json jsonl ndjson geojson",
    "notebook": "ipynb",
}
KINDS = {f".{suffix}": kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

#: Suffixes that are the language's name.
_OWN_NAMES = """
    bash c clj cmake cpp cs css cu d dart diff elm erl f90 fish fs glsl go gradle graphql groovy hs ini
    java jl js jsx kt lua m ml nim nix php pl proto ps1 py r rb rs sass scala scss sh sql svelte swift
    tcl tex tf toml ts tsx v vala vb vhdl vim vue xml xsl yaml zig
"""
#: The word behind the fence for a file's suffix.
LANGUAGES = {
    **{f".{word}": word for word in _OWN_NAMES.split()},
    ".cc": "cpp", ".cxx": "cpp", ".h": "c", ".hh": "cpp", ".hpp": "cpp", ".cuh": "cu", ".mm": "objectivec",
    ".pyi": "python", ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "typescript", ".rs": "rust", ".rb": "ruby", ".kt": "kotlin", ".kts": "kotlin", ".cs": "csharp",
    ".yml": "yaml", ".zsh": "sh", ".bat": "bat", ".cmd": "bat", ".f": "fortran", ".f90": "fortran",
    ".pas": "pascal", ".asm": "asm", ".s": "asm", ".el": "lisp", ".lisp": "lisp", ".scm": "scheme",
    ".ex": "elixir", ".exs": "elixir", ".metal": "cpp", ".ino": "cpp", ".svg": "xml", ".cfg": "ini",
    ".mk": "makefile", ".hs": "haskell", ".pl": "perl", ".tex": "latex", ".m": "",
}  # fmt: skip
_CODE_NAMES = {"makefile": "makefile", "dockerfile": "dockerfile", "cmakelists.txt": "cmake"}

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0")
_IMAGE_SUFFIXES = {
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".webp",
    ".heic",
    ".avif",
    ".ico",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_SHEETS = {".xls", ".xlt"}
_OTHERS = (
    (b"{\\rtf", mark("It is an RTF document."), mark("Save it as DOCX, ODT or PDF.")),
    (b"7z\xbc\xaf", mark("It is a 7z archive."), mark("Attach the files in it, or a ZIP.")),
    (b"Rar!", mark("It is a RAR archive."), mark("Attach the files in it, or a ZIP.")),
    (b"\x1f\x8b", mark("It is a gzip file."), mark("Unpack it first.")),
    (b"%!PS", mark("It is a PostScript file."), mark("Save it as PDF.")),
)
_MIME = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "sheet",
}
_PARTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "sheet",
          "xl/workbook.bin": "sheet"}  # fmt: skip
_OFFICE_SUFFIXES = {
    ".docx",
    ".docm",
    ".pptx",
    ".pptm",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".odt",
    ".odp",
    ".ods",
    ".epub",
}


def kind_of(name: str, data: bytes) -> str:
    """The kind of a file with this name and these bytes. Raises FileReadError for what no reader has."""
    suffix = PurePath(name).suffix.lower()
    if not data:
        raise FileReadError(tr("It is empty."))
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data[:4] in (b"PK\3\4", b"PK\5\6"):
        return _zip_kind(suffix, data)
    if data.startswith(_OLE):
        return _ole_kind(suffix)
    for magic, message, hint in _OTHERS:
        if data.startswith(magic):
            raise FileReadError(tr(message), tr(hint))
    binary = b"\0" in data[:4096] or suffix in _IMAGE_SUFFIXES
    if binary and (data.startswith(_IMAGES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")):
        raise NotText(tr("It is an image."), tr("This model reads text only."))
    if suffix == ".pdf" or suffix in _OFFICE_SUFFIXES or suffix == ".zip":
        raise FileReadError(
            tr("It is damaged, or is no {format} file.", format=suffix[1:].upper()), tr("Save it anew.")
        )
    return text_kind(name)


def text_kind(name: str) -> str:
    """The kind of a text file by its name."""
    suffix = PurePath(name).suffix.lower()
    return KINDS.get(suffix) or ("code" if language_of(name) is not None else "text")


def language_of(name: str) -> str | None:
    """The word that stands behind a fence for this file of code; None if it is no code."""
    found = _CODE_NAMES.get(PurePath(name).name.lower())
    return found if found is not None else LANGUAGES.get(PurePath(name).suffix.lower())


def _zip_kind(suffix: str, data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mime = archive.read("mimetype")
    except MemoryError:
        raise
    except Exception as error:  # zipfile raises many things for damaged files
        raise FileReadError(tr("The file is damaged: its table of contents cannot be read.")) from error
    kind = _MIME.get(mime.decode("ascii", "replace").strip())
    kind = kind or next((kind for part, kind in _PARTS.items() if part in names), None)
    if kind is None and any(name.startswith("word/document") for name in names):
        kind = "docx"
    if kind is None and "META-INF/container.xml" in names:
        kind = "epub"
    if kind is None and suffix in _OFFICE_SUFFIXES:
        raise FileReadError(
            tr("It is damaged, or is no {format} file.", format=suffix[1:].upper()), tr("Save it anew.")
        )
    return kind or "zip"


def _ole_kind(suffix: str) -> str:
    if suffix in _OLD_SHEETS:
        return "sheet"
    if suffix in _OFFICE_SUFFIXES:
        raise FileReadError(
            tr("It is protected with a password."), tr("Save it without one and attach it again.")
        )
    raise FileReadError(tr("It is of an old Office format."), tr("Save it as DOCX, PPTX, XLSX or PDF."))
