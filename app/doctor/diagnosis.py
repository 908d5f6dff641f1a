"""The whole diagnosis: which parts there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.doctor.engine import START_S, ask_engine, engine_part
from app.doctor.files import conversations, library, log_part, models_folder, settings_part
from app.doctor.gather import DEADLINE_S, gather
from app.doctor.machine import folders, memory, program
from app.doctor.values import EngineFacts, Part
from app.language import tr
from app.paths import Paths

#: Longer than an engine may take to start.
_WITH_START_S: Final = START_S + 4


def diagnose(
    paths: Paths,
    engine: EngineFacts | None = None,
    *,
    command: Sequence[str] | None = None,
    versions: Mapping[str, str] | None = None,
    deadline_s: float = 0.0,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Part, ...]:
    """Look at everything; nothing is changed. Never raises; for any thread but the GUI's.

    Args:
        engine: what is known of the engine that runs; without it one is started, with `command`.
        versions: of libraries that the caller knows.
        deadline_s: after this a part that isn't done says so; 0 for the usual.
    """
    looks = {
        "program": (tr("Program"), lambda: program(versions)),
        "engine": (tr("Engine"), lambda: engine_part(engine or ask_engine(command, llama=paths.llama))),
        "memory": (tr("Machine"), memory),
        "folders": (tr("Folders"), lambda: folders(paths, models_folder(paths))),
        "settings": (tr("Settings"), lambda: settings_part(paths)),
        "conversations": (tr("Conversations"), lambda: conversations(paths)),
        "models": (tr("Models"), lambda: library(models_folder(paths))),
        "log": (tr("Last errors"), lambda: log_part(paths)),
    }
    usual = DEADLINE_S if engine is not None else _WITH_START_S
    return gather(looks, deadline_s or usual, stopped)
