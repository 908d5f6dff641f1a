"""Values that UI tests share."""

from __future__ import annotations

from dataclasses import replace

from app.engine.values import ModelInfo

THINKER = ModelInfo(
    path="models/nvidia_Nemotron-Cascade-2-30B-A3B-IQ4_XS.gguf",
    name="Nemotron Cascade 2 30B A3B",
    architecture="nemotron_h_moe",
    quantization="IQ4_XS",
    size_bytes=18_166_698_432,
    n_params=31_580_000_000,
    n_ctx=8192,
    n_ctx_train=1_048_576,
    n_layer=52,
    n_vocab=131_072,
    memory="hybrid",
    n_threads=4,
    modes=("thinking", "instruct"),
    mode_reason="",
    template="model",
    template_problem="",
)
PLAIN = replace(
    THINKER,
    path="models/small.gguf",
    architecture="llama",
    modes=("instruct",),
    mode_reason="This model's chat template has no thinking mode.",
)
