"""ZIP files that may be hostile: what they unpack to is bounded before and while it is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import PurePosixPath

from app.documents.values import Limits
from app.errors import FileReadError, PasswordNeeded
from app.language import mark, tr

_CHUNK = 1 << 20
#: A smaller entry may shrink as much as it likes: text that repeats itself does.
_RATIO_FROM = 64 << 20
_HOSTILE = mark("Nothing was unpacked. Attach the documents themselves.")
_LINK = 0xA000


class GuardedZip:
    """The entries of a ZIP in memory, unpacked under limits. A context manager.

    Raises FileReadError where the file is no ZIP, or one that leads out of its folder or unpacks to
    far more than it should.
    """

    def __init__(self, data: bytes, limits: Limits, password: str = "") -> None:
        self._limits, self._left = limits, limits.unpacked_bytes
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except MemoryError:
            raise
        except Exception as error:
            raise FileReadError(tr("The file is damaged: its table of contents cannot be read.")) from error
        if password:
            self._archive.setpassword(password.encode())
        self._entries = {info.filename: info for info in self._archive.infolist() if not info.is_dir()}
        self._check()

    def __enter__(self) -> GuardedZip:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._archive.close()

    @property
    def names(self) -> list[str]:
        """Names of the files in it, in its own order."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Bytes that an entry says that it has."""
        return self._entries[name].file_size

    def is_link(self, name: str) -> bool:
        """Whether an entry stands for a link; it is never followed."""
        mode = self._entries[name].external_attr >> 16
        return stat.S_IFMT(mode) == _LINK

    def has(self, name: str) -> bool:
        return name in self._entries

    def probe(self, name: str) -> None:
        """Raises PasswordNeeded where an entry is encrypted and the password does not open it."""
        if self._entries[name].flag_bits & 1:
            self.read(name)

    def read(self, name: str) -> bytes:
        """One entry's bytes.

        Raises:
            PasswordNeeded: it is encrypted.
            FileReadError: it is missing, damaged, or unpacks to more than is left.
        """
        info = self._entries.get(name)
        if info is None:
            raise FileReadError(tr("The file is damaged: a part of it is missing."))
        if info.flag_bits & 1 and not self._archive.pwd:
            raise PasswordNeeded(tr("It opens with a password only."), tr("Type its password."))
        parts: list[bytes] = []
        try:
            with self._archive.open(info) as file:
                while part := file.read(_CHUNK):
                    self._left -= len(part)
                    if self._left < 0:
                        raise self._too_much()
                    parts.append(part)
        except (FileReadError, MemoryError):
            raise
        except RuntimeError as error:
            if "password" in str(error).lower():
                raise PasswordNeeded(tr("The password is not right."), tr("Type its password.")) from error
            raise _damaged(error) from error
        except Exception as error:  # zlib, lzma and zipfile raise many things
            raise _damaged(error) from error
        return b"".join(parts)

    def _check(self) -> None:
        if len(self._entries) > self._limits.entries:
            raise FileReadError(
                tr("It has more than {entries} files in it.", entries=self._limits.entries), tr(_HOSTILE)
            )
        total = 0
        for name, info in self._entries.items():
            if leads_out(name):
                raise FileReadError(tr("It has a file in it whose path leads out of it."), tr(_HOSTILE))
            total += info.file_size
            packed = max(info.compress_size, 1)
            if info.file_size > _RATIO_FROM and info.file_size > packed * self._limits.ratio:
                raise self._too_much()
        if total > self._limits.unpacked_bytes:
            raise self._too_much()

    def _too_much(self) -> FileReadError:
        return FileReadError(tr("It unpacks to far more than a document needs."), tr(_HOSTILE))


def leads_out(name: str) -> bool:
    """Whether a path in an archive is absolute or has `..` in it, in any system's spelling."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name


def _damaged(error: Exception) -> FileReadError:
    words = tr("The file is damaged: it cannot be unpacked.")
    if isinstance(error, NotImplementedError):
        words = tr("It is packed in a way that cannot be read here.")
    return FileReadError(words, tr("Save or download it anew."))
