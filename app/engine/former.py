"""The model before a load, to go back to where only its context was to change."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.protocol import Failed, Load
from app.engine.values import LoadOptions, ModelInfo
from app.language import tr


@dataclass(frozen=True)
class Former:
    """A model that was loaded, or rested.

    Attributes:
        load: as it was sent to the engine; `wanted`: the options that were asked for.
        rung, proven: where it stood on the ladder.
        same: the load that follows only wants another context for it.
    """

    load: Load
    info: ModelInfo
    wanted: LoadOptions
    rung: int
    proven: bool
    resting: bool
    same: bool = False

    def is_for(self, path: str, options: LoadOptions) -> bool:
        """Whether a load of `path` wants the same weights in the same places."""
        return path == self.load.path and _places(options) == _places(self.wanted)

    def used_again(self, load_id: int, why: str, *, cancelled: bool) -> Failed:
        """What a load failed with after which this model is the one that counts."""
        if cancelled:
            return Failed(load_id, "cancelled", tr("Loading was stopped."), kept=self.info)
        return Failed(load_id, "engine_stopped", why, tr("The former one is used again."), kept=self.info)


def _places(options: LoadOptions) -> tuple[object, ...]:
    return options.n_gpu_layers, options.cpu_experts, options.cpu_only, options.extra_buffers
