"""Headers of local models, each read once as long as its file stays as it is. Not for the GUI thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from app.errors import ModelFileError
from app.language import tr
from app.models.gguf import ModelHeader, read_model

_KEPT = 8


class HeaderCache:
    """The headers that were read last. One thread at a time."""

    def __init__(self, read: Callable[[Path], ModelHeader] = read_model) -> None:
        self._read = read
        self._headers: OrderedDict[tuple[str, int, int], ModelHeader] = OrderedDict()

    def read(self, path: Path) -> ModelHeader:
        """The header of a model; raises ModelFileError."""
        try:
            status = path.stat()
        except OSError as error:
            raise ModelFileError(tr("There is no file {path}.", path=path), tr("Check the path.")) from error
        key = (str(path), status.st_size, status.st_mtime_ns)
        header = self._headers.pop(key, None) or self._read(path)
        self._headers[key] = header
        while len(self._headers) > _KEPT:
            self._headers.popitem(last=False)
        return header
