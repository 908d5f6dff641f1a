"""The engine's whole interface: typed commands in, typed events out.

Every command carries a request id; every event names the request that it answers, and where
text is generated also the index of the choice. An engine of another transport (a remote
server) is the same interface: it states in `Ready` what it is capable of.

    parent ──Load, Unload, Generate, Cancel, CountTokens, GetDevices, GetState──▶ engine
    parent ◀──Ready, LoadProgress, Loaded, Unloaded, ReadProgress, Delta, Reclassified,
              Finished, Failed, TokenCount, Devices, State── engine

The queries (CountTokens, GetDevices, GetState) and Cancel are answered while it decodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from app.wire import Registry

PROTOCOL_VERSION = 1

Mode = Literal["thinking", "instruct"]
Channel = Literal["reasoning", "answer", "tool_call"]
FinishReason = Literal["stop", "length", "context_full", "cancelled"]
MemoryKind = Literal["attention", "sliding_window", "recurrent", "hybrid"]
Phase = Literal["idle", "loading", "reading", "answering"]


# ---- values -------------------------------------------------------------------------------


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
        checkpoint_bytes: RAM for checkpoints of all conversations.
        aside_bytes: RAM for the whole states of conversations and branches that were left.
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
    checkpoint_bytes: int = 0
    aside_bytes: int = 0


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
        documents: text of each attached document; they stand before `content`, and the template
            sees all of it as one content.
    """

    role: str
    content: str
    reasoning: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelInfo:
    """What the engine knows about the loaded model.

    Attributes:
        modes: the modes that the chat template knows, the default first.
        mode_reason: why there is only one, in words, or an empty string.
        template: "model" for the file's own chat template, "chatml" for ours.
        template_problem: why the file's own template cannot be used, or an empty string.
        recommended: the sampling that the file itself recommends, or None.
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
    """Seconds from the start of the request, and tokens per second."""

    first_token_s: float = 0.0
    prefill_tps: float = 0.0
    decode_tps: float = 0.0


@dataclass(frozen=True)
class Device:
    """One backend device of ggml; memory in bytes."""

    name: str
    description: str
    kind: Literal["cpu", "gpu", "igpu", "accel", "meta"]
    free_bytes: int
    total_bytes: int


# ---- commands -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    request_id: int
    path: str
    options: LoadOptions = LoadOptions()


@dataclass(frozen=True)
class Unload:
    request_id: int


@dataclass(frozen=True)
class Generate:
    """Answer `messages`, or continue the raw `prompt` where one is given (special tokens count).

    Attributes:
        thinking_budget: tokens after which the thought is closed; None for no limit.
        grammar: GBNF that the output must follow, or an empty string.
        max_tokens: limit of generated tokens, 0 for the rest of the context.
        begun: the beginning of the answer, where a stopped one is to go on; only what is new
            is sent.
    """

    request_id: int
    messages: tuple[ChatMessage, ...] = ()
    prompt: str | None = None
    mode: Mode = "instruct"
    thinking_budget: int | None = None
    sampling: Sampling = Sampling()
    max_tokens: int = 0
    stop: tuple[str, ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    grammar: str = ""
    begun: ChatMessage | None = None


@dataclass(frozen=True)
class Cancel:
    """Stop the request `target_id`, queued or running; it ends with Finished or Failed as ever."""

    request_id: int
    target_id: int


@dataclass(frozen=True)
class CountTokens:
    request_id: int
    text: str


@dataclass(frozen=True)
class GetDevices:
    request_id: int


@dataclass(frozen=True)
class GetState:
    request_id: int


Command = Load | Unload | Generate | Cancel | CountTokens | GetDevices | GetState


# ---- events -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """The engine is up. `capabilities` lets a caller ask before it sends."""

    engine: str
    version: str
    capabilities: tuple[str, ...]
    gpu_offload: bool = False
    system_info: str = ""


@dataclass(frozen=True)
class LoadProgress:
    request_id: int
    fraction: float


@dataclass(frozen=True)
class Loaded:
    request_id: int
    info: ModelInfo
    seconds: float


@dataclass(frozen=True)
class Unloaded:
    request_id: int


@dataclass(frozen=True)
class ReadProgress:
    """Prefill: `read` of `total` prompt tokens are in the cache, `reused` of them from before."""

    request_id: int
    read: int
    total: int
    reused: int


@dataclass(frozen=True)
class Delta:
    """A piece of the reply. `tokens` counts the tokens generated in this channel so far."""

    request_id: int
    channel: Channel
    text: str
    tokens: int
    choice: int = 0


@dataclass(frozen=True)
class Reclassified:
    """All answer text of this choice so far was reasoning: its opening tag was missing."""

    request_id: int
    choice: int = 0


@dataclass(frozen=True)
class Finished:
    request_id: int
    reason: FinishReason
    usage: Usage
    timings: Timings
    choice: int = 0


@dataclass(frozen=True)
class Failed:
    """The request ended without a result. `kind` is one of app.errors, "cancelled" or "bug"."""

    request_id: int
    kind: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class TokenCount:
    request_id: int
    tokens: int


@dataclass(frozen=True)
class Devices:
    request_id: int
    devices: tuple[Device, ...]


@dataclass(frozen=True)
class State:
    request_id: int
    phase: Phase
    model: ModelInfo | None
    cached_tokens: int
    last_log: tuple[str, ...] = field(default=())


Event = (
    Ready
    | LoadProgress
    | Loaded
    | Unloaded
    | ReadProgress
    | Delta
    | Reclassified
    | Finished
    | Failed
    | TokenCount
    | Devices
    | State
)

COMMANDS = Registry(PROTOCOL_VERSION, Load, Unload, Generate, Cancel, CountTokens, GetDevices, GetState)
EVENTS = Registry(
    PROTOCOL_VERSION,
    Ready,
    LoadProgress,
    Loaded,
    Unloaded,
    ReadProgress,
    Delta,
    Reclassified,
    Finished,
    Failed,
    TokenCount,
    Devices,
    State,
)
