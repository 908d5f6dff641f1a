"""What of a folder or a ZIP is no document: caches, version control, hidden and binary files."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec

from app.language import mark, ntr, tr

FOLDERS = frozenset({
    "node_modules", "__pycache__", "venv", "site-packages", "__MACOSX", "bower_components"
})  # fmt: skip
_BINARY_SUFFIXES = """
    .7z .a .aac .apk .avi .bin .bmp .bz2 .class .cur .db .deb .dll .dmg .dylib .eot .exe .flac .gguf
    .gif .gz .heic .icns .ico .img .iso .jar .jpeg .jpg .lib .m4a .mkv .mov .mp3 .mp4 .mpeg .npy .npz .o
    .obj .ogg .onnx .otf .pack .parquet .pkl .png .psd .pt .pth .pyc .pyd .pyo .rar .rpm .safetensors
    .so .sqlite .sqlite3 .tar .tif .tiff .ttf .wasm .wav .webm .webp .whl .woff .woff2 .xz .zip .zst
"""
_BINARY = frozenset(_BINARY_SUFFIXES.split())


class Rules:
    """Which entries are left out, and how many were for which reason. Paths are relative, with `/`."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self._specs: dict[str, GitIgnoreSpec] = {}

    def add_gitignore(self, folder: str, text: str) -> None:
        """Rules that hold below `folder` ("" is the root). A line that makes no sense is no rule."""
        try:
            self._specs[folder] = GitIgnoreSpec.from_lines(text.splitlines())
        except ValueError:
            lines = [line for line in text.splitlines() if _sound(line)]
            self._specs[folder] = GitIgnoreSpec.from_lines(lines)

    def leaves_out(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether this entry is left out; counted."""
        name = PurePosixPath(path).name
        reason = ""
        if name.startswith("."):
            reason = mark("hidden")
        elif is_folder and name in FOLDERS:
            reason = mark("made by tools")
        elif not is_folder and PurePosixPath(name).suffix.lower() in _BINARY:
            reason = mark("not text")
        elif self._ignored(path + "/" if is_folder else path):
            reason = mark("named in .gitignore")
        if reason:
            self.left_out[reason] += 1
        return bool(reason)

    def count(self, reason: str) -> None:
        """One more entry that was left out; the reason is marked, not translated."""
        self.left_out[reason] += 1

    def notes(self) -> tuple[str, ...]:
        """What was left out, one sentence for each reason."""
        return tuple(
            ntr("{count} left out: {reason}.", "{count} left out: {reason}.", count, reason=tr(reason))
            for reason, count in sorted(self.left_out.items())
        )

    def _ignored(self, path: str) -> bool:
        verdict = False
        parts = PurePosixPath(path).parts
        for depth in range(len(parts)):
            folder = "/".join(parts[:depth])
            spec = self._specs.get(folder)
            if spec is not None:
                inner = path[len(folder) + 1 :] if folder else path
                result = spec.check_file(inner)
                verdict = verdict if result.include is None else result.include
        return verdict


def _sound(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
