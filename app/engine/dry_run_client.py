"""Asks llama.cpp for a model's compute buffers, in a child process of its own that ends with its answer.

The window's process never loads llama.cpp, and the engine that runs is not disturbed. Any thread but
the GUI's: `measure` waits.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import children
from app.engine.libraries import environment_for, in_use
from app.engine.values import LoadOptions
from app.errors import DiskFullError, EngineStoppedError, ModelFileError, RequestError, from_kind
from app.files import write_atomic
from app.language import tr
from app.paths import self_command
from app.wire import Registry, WireError

#: Starting Python and a GPU's driver takes a second or two, laying out graphs hundredths.
TIMEOUT_S = 60.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Measure:
    path: str
    options: LoadOptions


@dataclass(frozen=True)
class Measured:
    """Bytes by the name of a buffer: "CPU", "CUDA0", "Vulkan_Host"."""

    buffers: dict[str, int]


@dataclass(frozen=True)
class NotMeasured:
    """A UserError's parts."""

    kind: str
    message: str
    hint: str = ""


DRY_RUN_MESSAGES = Registry(1, Measure, Measured, NotMeasured)


def _never() -> bool:
    return False


def measure(
    path: Path,
    options: LoadOptions,
    timeout_s: float = TIMEOUT_S,
    cancelled: Callable[[], bool] = _never,
) -> dict[str, int]:
    """Bytes of each compute buffer that a load with `options` would have, by the name of its kind.

    Exact to the hundredth of a MiB that llama.cpp prints; of a model in several files name the first.

    Raises:
        UserError: with the reason, also where the file ends the child, where it takes longer than
            `timeout_s`, and RequestError where `cancelled` said so.
    """
    request = DRY_RUN_MESSAGES.encode(Measure(str(path), options))
    try:
        child = children.spawn(self_command("dry-run"), environment_for(in_use()))
    except OSError as error:
        raise EngineStoppedError(
            tr("The memory could not be measured: {reason}.", reason=error.strerror)
        ) from error
    try:
        answer = _wait(child, request, time.monotonic() + timeout_s, cancelled)
    finally:
        children.end(child)
    return _read(path.name, answer)


def measure_header(
    header: bytes,
    size: int,
    options: LoadOptions,
    timeout_s: float = TIMEOUT_S,
    cancelled: Callable[[], bool] = _never,
) -> dict[str, int]:
    """`measure` for a file that is not here: its first bytes up to the end of its table of tensors.

    `header` is that beginning (ModelHeader.n_bytes), `size` the whole file's. Raises as `measure`, and
    DiskFullError where the temporary folder has no room for a file full of holes.
    """
    with tempfile.TemporaryDirectory(prefix="cascade-desk-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.gguf"
        try:
            write_sparse(path, header, size)
        except OSError as error:
            reason = error.strerror or tr("it is too large")
            raise DiskFullError(
                tr("The memory could not be measured: {reason}.", reason=reason), tr("Free some disk space.")
            ) from error
        return measure(path, options, timeout_s, cancelled)


def write_sparse(path: Path, header: bytes, size: int) -> None:
    """Write a file of `size` bytes that holds `header` and else nothing. Raises OSError.

    On a file system that knows holes it takes the header's room only.
    """
    write_atomic(path, header)
    with path.open("r+b") as file:
        file.truncate(max(size, len(header)))


def _wait(
    child: subprocess.Popen[bytes], request: bytes, deadline: float, cancelled: Callable[[], bool]
) -> bytes:
    """All that the child says. Raises UserError where there is no more time."""
    unsent: bytes | None = request
    while True:
        try:
            return child.communicate(unsent, timeout=_POLL_S)[0]
        except subprocess.TimeoutExpired:
            unsent = None  # communicate itself goes on sending
        if cancelled():
            raise RequestError(tr("Measuring the memory was stopped."))
        if time.monotonic() > deadline:
            raise EngineStoppedError(tr("Measuring the memory took too long and was stopped."))


def _read(name: str, answer: bytes) -> dict[str, int]:
    """The buffers of an answer. Raises the UserError that it holds instead, or tells of a death."""
    try:
        found = DRY_RUN_MESSAGES.read(io.BytesIO(answer))
    except WireError:
        found = None
    if isinstance(found, Measured):
        return found.buffers
    if isinstance(found, NotMeasured):
        raise from_kind(found.kind, found.message, found.hint)
    raise ModelFileError(
        tr("{name} ended the process that measured it.", name=name), tr("The file may be damaged.")
    )
