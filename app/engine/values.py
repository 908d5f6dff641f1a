"""The values in the engine's commands and events: settings, messages, what is known of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["thinking", "instruct"]
Channel = Literal["reasoning", "answer", "tool_call"]
FinishReason = Literal["stop", "length", "context_full", "cancelled"]
MemoryKind = Literal["attention", "sliding_window", "recurrent", "hybrid"]
Phase = Literal["idle", "loading", "reading", "answering"]


@dataclass(frozen=True)
class Budgets:
    """Bytes that may be kept so that nothing is read twice; 0 for the engine's own choice.

    Attributes:
        checkpoint_bytes: RAM for checkpoints of all conversations.
        aside_bytes: RAM for the whole states of conversations and branches that were left.
        disk_bytes: saved states.
    """

    checkpoint_bytes: int = 0
    aside_bytes: int = 0
    disk_bytes: int = 0


@dataclass(frozen=True)
class LoadOptions:
    """How a model is loaded. Zero or None stands for the engine's own choice.

    Attributes:
        n_ctx: context in tokens.
        n_gpu_layers: layers on the GPU, -1 for all.
        cpu_only: leave every GPU alone, also for single operations.
        flash_attention: False turns it off, True lets llama.cpp decide.
        extra_buffers: whether llama.cpp may repack weights for special instructions.
        n_threads: threads for decoding and prefill.
        n_batch: tokens per prefill step (also the physical batch).
        cache_type: type of the KV cache, "f16", "f32", "q8_0" or "q4_0".
        chatml: use ChatML in place of the model's own template.
        budgets: RAM and disk for what has been read.
        state_folder: where states are saved; empty for nowhere.
        idle_s: seconds without a request after which what is new is saved.
        cpu_experts: blocks, from the first one with experts on, whose experts stay on the CPU.
    """

    n_ctx: int = 0
    n_gpu_layers: int = -1
    cpu_only: bool = False
    flash_attention: bool = True
    extra_buffers: bool = True
    n_threads: int = 0
    n_batch: int = 512
    cache_type: str = "f16"
    chatml: bool = False
    budgets: Budgets = Budgets()
    state_folder: str = ""
    idle_s: float = 20.0
    cpu_experts: int = 0


@dataclass(frozen=True)
class Sampling:
    """The sampler chain. Temperature 0 is greedy; 0 (1.0 for top_p and the penalty) turns a step off."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.95
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None


@dataclass(frozen=True)
class ChatMessage:
    """One message as the chat template sees it.

    Attributes:
        documents: text of each attached document, in pieces, since whoever makes a request must not
            copy megabytes; they stand before `content`, and the template sees all of it as one content.
    """

    role: str
    content: str
    reasoning: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    documents: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ModelInfo:
    """What the engine knows about the loaded model.

    Attributes:
        modes: the modes that the chat template knows, the default first.
        mode_reason: why there is only one, in words, or an empty string.
        template: "model" for the file's own chat template, "chatml" for ours.
        template_problem: why the file's own template cannot be used, or an empty string.
        recommended: the sampling that the file itself recommends, or None.
        backend: what holds the weights or some of them, "CPU" where no GPU does.
        memory: which kind of memory the model keeps.
    """

    path: str
    name: str
    architecture: str
    quantization: str
    size_bytes: int
    n_params: int
    n_ctx: int
    n_ctx_train: int
    n_layer: int
    n_vocab: int
    memory: MemoryKind
    n_threads: int
    modes: tuple[Mode, ...]
    mode_reason: str
    template: str
    template_problem: str
    recommended: Sampling | None = None
    backend: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens of one request. prompt_tokens = read_tokens + reused_tokens."""

    prompt_tokens: int = 0
    read_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True)
class Timings:
    """Seconds from the start of the request, and tokens per second.

    Attributes:
        pace: a and b of t(n) = a·n + b·n², the seconds that reading n tokens takes; empty if unknown.
    """

    first_token_s: float = 0.0
    prefill_tps: float = 0.0
    decode_tps: float = 0.0
    pace: tuple[float, ...] = ()


@dataclass(frozen=True)
class Device:
    """One backend device of ggml; memory in bytes.

    Attributes:
        free_bytes, total_bytes: of the CPU, the system's RAM.
        weights_bytes, kv_bytes, recurrent_bytes, compute_bytes: what the loaded model holds there, as
            llama.cpp says; mapped weights count although the system may drop and read them again.
    """

    name: str
    description: str
    kind: Literal["cpu", "gpu", "igpu", "accel", "meta"]
    free_bytes: int
    total_bytes: int
    weights_bytes: int = 0
    kv_bytes: int = 0
    recurrent_bytes: int = 0
    compute_bytes: int = 0
