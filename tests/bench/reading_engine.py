"""An engine that streams text at a fixed speed, one event for each token, as the real one does.

    reading_engine.py TOKENS_PER_SECOND SECONDS LOG

It starts with the first request. LOG gets the seconds (of the machine's steady clock) and the number of
characters that had been said by then, a line for each few milliseconds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    Cancel,
    CountPrompt,
    CountTokens,
    Delta,
    Devices,
    Event,
    Failed,
    Finished,
    Generate,
    GetDevices,
    Load,
    Loaded,
    Predict,
    Predicted,
    PromptCount,
    ReadProgress,
    Ready,
    TokenCount,
)
from app.engine.values import Device, ModelInfo, Timings, Usage
from tests.bench.reading_texts import stream

_TOKEN = 4  # characters
_TICK_S = 0.002


def _emit(*events: Event) -> None:
    sys.stdout.buffer.write(b"".join(map(EVENTS.encode, events)))
    sys.stdout.buffer.flush()


def _info(path: str) -> ModelInfo:
    return ModelInfo(
        path=path, name="streamer", architecture="llama", quantization="F32", size_bytes=1, n_params=1,
        n_ctx=1_000_000, n_ctx_train=1_000_000, n_layer=1, n_vocab=10, memory="attention", n_threads=1,
        modes=("instruct",), mode_reason="", template="model", template_problem="",
    )  # fmt: skip


def _stream(request: int, speed: float, seconds: float, log: Path) -> None:
    source = stream()
    text, lines, said = "", [], 0
    _emit(ReadProgress(request, 3, 3, 0))
    begun = perf_counter()
    while (now := perf_counter() - begun) < seconds:
        due = int(now * speed) * _TOKEN
        deltas = []
        while said < due:
            while len(text) < _TOKEN:
                text += next(source)
            deltas.append(Delta(request, "answer", text[:_TOKEN], said // _TOKEN + 1))
            text, said = text[_TOKEN:], said + _TOKEN
        lines.append(f"{perf_counter()} {said}")
        _emit(*deltas)
        sleep(_TICK_S)
    log.write_text("\n".join(lines), encoding="ascii")
    tokens = said // _TOKEN
    _emit(Finished(request, "stop", Usage(3, 3, tokens, tokens + 3), Timings(0.1, 100.0, speed)))


def main(speed: float, seconds: float, log: Path) -> None:
    _emit(Ready("streamer", "1", (), gpu_offload=False))
    while (command := COMMANDS.read(sys.stdin.buffer)) is not None:
        if isinstance(command, Load):
            _emit(Loaded(command.request_id, _info(command.path), 0.1))
        elif isinstance(command, Generate):
            _stream(command.request_id, speed, seconds, log)
        elif isinstance(command, Predict):
            _emit(Predicted(command.request_id, 3, 3, None))
        elif isinstance(command, GetDevices):
            _emit(Devices(command.request_id, (Device("CPU", "streamer", "cpu", 1, 2),)))
        elif isinstance(command, CountTokens | CountPrompt):
            _emit((TokenCount if isinstance(command, CountTokens) else PromptCount)(command.request_id, 3))
        elif isinstance(command, Cancel):
            _emit(Failed(command.target_id, "cancelled", "Stopped."))


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
