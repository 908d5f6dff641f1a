"""What a person can set, in groups. None, 0 or an empty string leaves a value to the app or the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from app.engine.threads import MOST_THREADS
from app.errors import RequestError
from app.settings.checks import (
    Address,
    FilePath,
    Group,
    LanguageCode,
    check_of,
    choice,
    group,
    real,
    setting,
    switch,
    whole,
)

_GIGABYTE: Final = 10**9
MOST_RAM: Final = 1000 * _GIGABYTE
MOST_DISK: Final = 10_000 * _GIGABYTE
MOST_BUDGET: Final = 2**31 - 1
MOST_LAYERS: Final = 10_000
MOST_IDLE_MINUTES: Final = 7 * 24 * 60
#: Sizes of text, in percent.
TEXT_SIZES: Final = (80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 200)

T = TypeVar("T")


@dataclass(frozen=True)
class SamplingSettings:
    """Sampling in place of what the model or the app recommends; None keeps that."""

    temperature: float | None = real(0, 5)
    top_p: float | None = real(0, 1)
    top_k: int | None = whole(None, 0, 1000)
    min_p: float | None = real(0, 1)
    repeat_penalty: float | None = real(0.5, 2)

    def given(self) -> dict[str, Any]:
        """The values that are set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class ModeSettings:
    """How new conversations are answered.

    Attributes:
        mode: "thinking" or "instruct"; empty for the model's own.
        thinking_budget: tokens; 0 for no limit.
        thinking, instruct: sampling in either mode, where a conversation sets none of its own.
    """

    mode: str = choice("", "thinking", "instruct")
    thinking_budget: int = whole(0, 0, MOST_BUDGET)
    thinking: SamplingSettings = group(SamplingSettings)
    instruct: SamplingSettings = group(SamplingSettings)

    def sampling(self, mode: str) -> SamplingSettings:
        return self.thinking if mode == "thinking" else self.instruct


@dataclass(frozen=True)
class EngineSettings:
    """How models are loaded, and when.

    Attributes:
        n_ctx: context in tokens; 0 automatic.
        n_gpu_layers: layers on the GPU; None automatic.
        cpu_experts: blocks whose experts stay on the CPU; None automatic.
        cache_type: type of the KV cache; empty for automatic.
        flash_attention: None automatic.
        n_threads: 0 automatic.
        n_batch: tokens per step of reading; 0 automatic.
        load_last: whether a model is loaded at start.
        last_model: path of the model that was loaded last; empty for the starter.
        unload_idle_minutes: minutes without a question after which the model is unloaded; 0 never.
    """

    n_ctx: int = whole(0, 0, 2**24)
    n_gpu_layers: int | None = whole(None, 0, MOST_LAYERS)
    cpu_experts: int | None = whole(None, 0, MOST_LAYERS)
    cache_type: str = choice("", "f16", "f32", "q8_0", "q4_0")
    flash_attention: bool | None = choice(None, True, False)
    n_threads: int = whole(0, 0, MOST_THREADS)
    n_batch: int = whole(0, 0, 65_536)
    load_last: bool = switch(True)
    last_model: str = setting("", FilePath())
    unload_idle_minutes: int = whole(0, 0, MOST_IDLE_MINUTES)


#: What takes a reload of the model.
ENGINE_OPTIONS: Final = (
    *("n_ctx", "n_gpu_layers", "cpu_experts", "cache_type", "flash_attention", "n_threads", "n_batch"),
)


@dataclass(frozen=True)
class AppearanceSettings:
    """How the window looks and behaves.

    Attributes:
        theme: "auto" follows the system; "contrast" is light or dark as the system is.
        enter_sends: whether Enter sends; else Ctrl+Enter does.
        announce: when answers are read out to a screen reader; "written" while they are written.
        reduced_motion: whether nothing moves by itself.
        text_percent: size of the text that is read and written, against the design's.
        line_width: of the conversation's column; "full" is all the room there is.
        spacing: room between lines and blocks of the conversation.
        language: code of the language of the window from the next start on; empty for the system's.
    """

    theme: str = choice("auto", "light", "dark", "contrast")
    enter_sends: bool = switch(True)
    announce: str = choice("written", "finished", "never")
    reduced_motion: bool = switch(False)
    text_percent: int = choice(100, *(size for size in TEXT_SIZES if size != 100))
    line_width: str = choice("normal", "narrow", "wide", "full")
    spacing: str = choice("normal", "compact", "roomy")
    language: str = setting("", LanguageCode())

    def text_step(self, steps: int) -> int:
        """The size so many steps above this one, or the last there is."""
        at = TEXT_SIZES.index(self.text_percent) + steps
        return TEXT_SIZES[max(0, min(at, len(TEXT_SIZES) - 1))]


@dataclass(frozen=True)
class StorageSettings:
    """Where things are and how much they may take.

    Attributes:
        models_folder: where downloads go; empty for the app's own folder.
        reading_ram_bytes: RAM for what was read; 0 automatic.
        reading_disk_bytes: disk for what was read; 0 automatic.
    """

    models_folder: str = setting("", FilePath())
    reading_ram_bytes: int = whole(0, 0, MOST_RAM)
    reading_disk_bytes: int = whole(0, 0, MOST_DISK)

    def models(self, own: Path) -> Path:
        """Where downloads go; `own` is the app's own folder."""
        return Path(self.models_folder) if self.models_folder else own


@dataclass(frozen=True)
class NetworkSettings:
    """How the hub is reached; the token itself is never in the file.

    Attributes:
        endpoint: a mirror of the hub, without a slash at the end; empty for the hub itself.
        proxy: empty for what the system says.
        offline: whether the network is left alone.
        token_kept: whether the system's keyring holds a token.
    """

    endpoint: str = setting("", Address(login=False))
    proxy: str = setting("", Address(login=True))
    offline: bool = switch(False)
    token_kept: bool = switch(False)


@dataclass(frozen=True)
class Settings:
    """All settings."""

    mode: ModeSettings = ModeSettings()
    engine: EngineSettings = EngineSettings()
    appearance: AppearanceSettings = AppearanceSettings()
    storage: StorageSettings = StorageSettings()
    network: NetworkSettings = NetworkSettings()


#: The groups by name.
GROUPS: Final[Mapping[str, type]] = {one.name: type(one.default) for one in fields(Settings)}


def changed(of: T, values: Mapping[str, object]) -> T:
    """The group with other values. Raises RequestError for one that cannot be."""
    known: dict[str, Any] = {one.name: one for one in fields(of)}  # type: ignore[arg-type]
    made: dict[str, Any] = {}
    for name, given in values.items():
        check = check_of(known[name].metadata)
        value = _tidy(given, check)
        if not check.passes(value):
            raise RequestError(check.words)
        made[name] = value
    return replace(of, **made)  # type: ignore[type-var]


def _tidy(value: object, check: object) -> object:
    """A typed address without blanks around it and slashes behind it."""
    return value.strip().rstrip("/") if isinstance(check, Address) and isinstance(value, str) else value


def read_group(kind: type[T], raw: object, prefix: str = "") -> tuple[T, list[str]]:
    """A group out of a file, and the names of the values that cannot be and were left at their defaults."""
    if not isinstance(raw, dict):
        return kind(), [] if raw is None else [prefix]
    made: dict[str, Any] = {}
    refused: list[str] = []
    for one in fields(kind):  # type: ignore[arg-type]
        if one.name not in raw:
            continue
        check, value, name = check_of(one.metadata), raw[one.name], f"{prefix}.{one.name}"
        if isinstance(check, Group):
            made[one.name], inner = read_group(check.kind, value, name)
            refused += inner
        elif check.passes(value):
            made[one.name] = value
        else:
            refused.append(name)
    return kind(**made), refused
