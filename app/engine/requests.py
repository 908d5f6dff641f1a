"""What a request asks of the context: its prompt, and what reading that would cost. Decode thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.engine.checkpoints import common_prefix
from app.engine.host import Host
from app.engine.prompt import Prompt
from app.engine.protocol import Generate, Predicted
from app.errors import RequestError


def prompt_for(host: Host, request: Generate, cancelled: Callable[[], bool]) -> Prompt:
    """The prompt of a request, by the ids that its conversation was generated with where they are known.

    Raises:
        UserError: the template refuses it, or there is nothing to answer.
        BuildCancelled: `cancelled` said so.
    """
    if request.prompt is not None:
        tokens = host.vocab.tokenize(request.prompt, add_special=True, parse_special=True)
        return Prompt(tokens or [max(host.vocab.bos, 0)], "none")
    if host.template_error is not None:
        raise host.template_error
    if not request.messages:
        raise RequestError("There is nothing to answer.")
    if request.mode not in host.prompts.traits.modes:
        raise RequestError(host.prompts.traits.reason, "Choose the other mode.")
    if host.keeper is not None:
        before: Sequence[int] = ()
        for saved in host.keeper.learn(request.conversation):
            # Branches have their beginnings, documents maybe, in common.
            host.prompts.remember(saved, since=common_prefix(before, saved))
            before = saved
    prompt = host.prompts.build(request.messages, request.mode, request.tools, cancelled)
    return host.prompts.continued(prompt, request.begun) if request.begun is not None else prompt


def predict(host: Host, request_id: int, request: Generate, cancelled: Callable[[], bool]) -> Predicted:
    """What reading a request would cost now. Raises as `prompt_for`, and without a model."""
    if host.info is None:
        raise RequestError("No model is loaded.", "Open a model first.")
    tokens = prompt_for(host, request, cancelled).tokens
    reused = host.reusable(tokens)
    return Predicted(request_id, len(tokens), len(tokens) - reused, host.pace.seconds(reused, len(tokens)))
