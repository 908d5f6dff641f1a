"""What a request asks of the context: its prompt, and what reading that would cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.engine.checkpoints import common_prefix
from app.engine.host import Host
from app.engine.prompt import Prompt, PromptBuilder
from app.engine.protocol import Generate, Predicted
from app.errors import RequestError
from app.language import tr


def prompt_for(
    host: Host, request: Generate, cancelled: Callable[[], bool], prompts: PromptBuilder | None = None
) -> Prompt:
    """The prompt of a request, by the ids that its conversation was generated with where they are known.

    Args:
        prompts: the calling thread's builder; the decode thread has the host's.

    Raises:
        UserError: the template refuses it, or there is nothing to answer.
        BuildCancelled: `cancelled` said so.
    """
    prompts = host.prompts if prompts is None else prompts
    if request.prompt is not None:
        tokens = prompts.vocab.tokenize(request.prompt, add_special=True, parse_special=True)
        return Prompt(tokens or [max(prompts.vocab.bos, 0)], "none")
    if host.template_error is not None:
        raise host.template_error
    if not request.messages:
        raise RequestError(tr("There is nothing to answer."))
    if request.mode not in prompts.traits.modes:
        raise RequestError(prompts.traits.reason, tr("Choose the other mode."))
    keeper = host.keeper
    if keeper is not None:
        before: Sequence[int] = ()
        for saved in keeper.learn(request.conversation):
            # Branches have their beginnings, documents maybe, in common.
            prompts.remember(saved, since=common_prefix(before, saved))
            before = saved
    prompt = prompts.build(request.messages, request.mode, request.tools, cancelled)
    return prompts.continued(prompt, request.begun) if request.begun is not None else prompt


def predict(host: Host, request_id: int, request: Generate, cancelled: Callable[[], bool]) -> Predicted:
    """What reading a request would cost now. Raises as `prompt_for`, and without a model. Decode thread."""
    if host.info is None:
        raise RequestError(tr("No model is loaded."), tr("Open a model first."))
    tokens = prompt_for(host, request, cancelled).tokens
    reused = host.reusable(tokens)
    return Predicted(request_id, len(tokens), len(tokens) - reused, host.pace.seconds(reused, len(tokens)))
