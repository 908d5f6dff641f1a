"""The engine's whole interface: typed commands in, typed events out.

Every command carries a request id; every event names the request that it answers, and where
text is generated also the index of the choice. An engine of another transport (a remote
server) is the same interface: it states in `Ready` what it is capable of.

    parent ──Load, Unload, Generate, Cancel, CountTokens, CountPrompt, GetDevices, GetState,
             Predict, Forget, SetBudgets, Close──▶ engine
    parent ◀──Ready, LoadProgress, Loaded, Unloaded, ReadProgress, Delta, Reclassified,
              Finished, Failed, TokenCount, PromptCount, Devices, State, Predicted,
              Forgotten, Closing── engine

The queries (CountTokens, CountPrompt, GetDevices, GetState) and Cancel are answered while it decodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.engine.values import (
    Budgets,
    Channel,
    ChatMessage,
    Device,
    FinishReason,
    LoadOptions,
    Mode,
    ModelInfo,
    Phase,
    Sampling,
    Timings,
    Usage,
)
from app.wire import Registry

PROTOCOL_VERSION = 2

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
        conversation: whose states are saved; empty where nothing may be on the disk.
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
    conversation: str = ""


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
class CountPrompt:
    """Count the prompt that `request` has with `question` behind the text of its last message, a user's.

    Attributes:
        key: what a request is kept by, for further questions; the engine keeps the last few.
        request: None for the one that was sent last with this key; Failed ("request") where that is
            not known any more.
    """

    request_id: int
    key: str
    request: Generate | None
    question: str


@dataclass(frozen=True)
class GetDevices:
    request_id: int


@dataclass(frozen=True)
class GetState:
    request_id: int


@dataclass(frozen=True)
class Predict:
    """Ask what `request` would cost to read now; Predicted follows, after what is under way."""

    request_id: int
    request: Generate


@dataclass(frozen=True)
class Forget:
    """A conversation was deleted: nothing of its states stays, in RAM or on the disk."""

    request_id: int
    conversation: str


@dataclass(frozen=True)
class SetBudgets:
    """Other budgets from now on; what is too much is dropped."""

    request_id: int
    budgets: Budgets


@dataclass(frozen=True)
class Close:
    """Stop what is under way, save what is new, and end."""

    request_id: int


Command = (
    Load
    | Unload
    | Generate
    | Cancel
    | CountTokens
    | CountPrompt
    | GetDevices
    | GetState
    | Predict
    | Forget
    | SetBudgets
    | Close
)


# ---- events -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """The engine is up. `capabilities` lets a caller ask before it sends.

    Attributes:
        backends: the names of what can compute: "CPU", "Vulkan", "CUDA".
        libraries: the folder of the build of llama.cpp in use, empty for the one inside.
    """

    engine: str
    version: str
    capabilities: tuple[str, ...]
    gpu_offload: bool = False
    system_info: str = ""
    backends: tuple[str, ...] = ()
    libraries: str = ""


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
    """Prefill: `read` of `total` prompt tokens are in the cache, `reused` of them from before.

    `left_s` are the seconds that the rest will take, None where that is not known yet.
    """

    request_id: int
    read: int
    total: int
    reused: int
    left_s: float | None = None


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
    """The request ended without a result. `kind` is one of app.errors, "cancelled" or "bug".

    Attributes:
        kept: of a load, the model that is still there as it was before.
    """

    request_id: int
    kind: str
    message: str
    hint: str = ""
    kept: ModelInfo | None = None


@dataclass(frozen=True)
class TokenCount:
    request_id: int
    tokens: int


@dataclass(frozen=True)
class PromptCount:
    """`documents` of the `tokens` are documents', with the openings of their messages."""

    request_id: int
    tokens: int
    documents: int = 0


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


@dataclass(frozen=True)
class Predicted:
    """`read_tokens` of the prompt would have to be read, in `seconds` (None where the speed is unknown)."""

    request_id: int
    prompt_tokens: int
    read_tokens: int
    seconds: float | None


@dataclass(frozen=True)
class Closing:
    """Close was heard: the engine saves now, and ends."""

    request_id: int


@dataclass(frozen=True)
class Forgotten:
    """`whole`: nothing of the conversation's states is left."""

    request_id: int
    whole: bool


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
    | PromptCount
    | Devices
    | State
    | Predicted
    | Forgotten
    | Closing
)

COMMANDS = Registry(
    PROTOCOL_VERSION,
    Load,
    Unload,
    Generate,
    Cancel,
    CountTokens,
    CountPrompt,
    GetDevices,
    GetState,
    Predict,
    Forget,
    SetBudgets,
    Close,
)
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
    PromptCount,
    Devices,
    State,
    Predicted,
    Forgotten,
    Closing,
)
