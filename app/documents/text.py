"""Plain text files as they stand."""

from __future__ import annotations

from pathlib import Path

from app.errors import FileReadError

MAX_BYTES = 64 * 1024 * 1024


def read_text(path: Path) -> str:
    """The text of a UTF-8 file (a byte order mark is dropped).

    Raises:
        FileReadError: missing, not a regular file, too large, binary, or of another encoding.
    """
    try:
        if not path.exists():
            raise FileReadError(f"There is no file {path}.", "Check the path.")
        if not path.is_file():
            raise FileReadError(f"{path} is not a regular file.", "Attach a text file.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileReadError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if len(data) > MAX_BYTES:
        raise FileReadError(f"{path} is larger than {MAX_BYTES // 2**20} MB.", "Attach a part of it.")
    if b"\0" in data:
        raise FileReadError(f"{path} is not a text file.", "Attach plain text.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileReadError(
            f"{path} is not UTF-8 text (byte {error.start:,}).", "Save it as UTF-8."
        ) from error
