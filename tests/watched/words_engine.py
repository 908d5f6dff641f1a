"""An engine that repeats what it is asked wherever it can, and dies of the second question.

words_engine.py SECRETS.json
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.engine.protocol import (
    COMMANDS,
    EVENTS,
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
    PromptCount,
    ReadProgress,
    Ready,
    TokenCount,
)
from app.engine.values import Device, ModelInfo, Timings, Usage


def emit(event: Event) -> None:
    sys.stdout.buffer.write(EVENTS.encode(event))
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    secrets = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asked = 0
    emit(Ready("scripted", "1", ()))
    while (command := COMMANDS.read(sys.stdin.buffer)) is not None:
        if isinstance(command, Load):
            say(f"llama_model_load: error loading model from {command.path}: what is '{secrets['name']} x'")
            info = ModelInfo(
                *(command.path, secrets["model"], "llama", "F32", 1, 1, 4096, 4096, 1, 10),
                *("attention", 1, ("thinking", "instruct"), "", "model", ""),
            )
            emit(Loaded(command.request_id, info, 0.1))
        elif isinstance(command, Generate):
            asked += 1
            heard = " ".join(message.content for message in command.messages)
            say(f'Traceback (most recent call last):\n  File "{__file__}", line 7, in generate\n    raise X')
            say(f"ValueError: {heard}\n{heard}\nwarning: {heard}")
            emit(ReadProgress(command.request_id, 3, 3, 0))
            if asked == 2:
                say(f"{secrets['answer']}\n/x/ggml-cpu.c:12: GGML_ASSERT(a == b) failed")
                os.abort()
            emit(Delta(command.request_id, "reasoning", secrets["thought"], 1))
            emit(Delta(command.request_id, "answer", secrets["answer"], 1))
            emit(Finished(command.request_id, "stop", Usage(3, 3, 0, 3), Timings()))
        elif isinstance(command, Predict):
            emit(
                Failed(command.request_id, "bug", f"The engine has a fault: KeyError: {secrets['question']}")
            )
        elif isinstance(command, CountTokens):
            emit(TokenCount(command.request_id, 3))
        elif isinstance(command, CountPrompt):
            emit(PromptCount(command.request_id, 3))
        elif isinstance(command, GetDevices):
            emit(Devices(command.request_id, (Device("CPU", "scripted", "cpu", 1, 2),)))


if __name__ == "__main__":
    main()
