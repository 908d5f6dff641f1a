"""A needle in a long document is in the context, token for token: looked up in what was really decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, TextPart
from app.chat.turn import TurnSettings, request_for
from app.engine.protocol import Finished
from app.engine.statefile import StateFile
from app.engine.values import LoadOptions
from tests import miniatures
from tests.engine.long_context import LONG_CONTEXT
from tests.engine.owner import Owner
from tests.engine.plain_llama import plain_model
from tests.engine.support import GREEDY

LINES = 2000  # of about fifteen tokens
NEEDLES = ("The first key is 7319.", "The middle key is amber-404.", "The last key is “Élan vital”.")
OPTIONS = LoadOptions(n_ctx=40_000, n_threads=1, n_batch=512)


def document() -> str:
    """Without two lines that are the same."""
    lines = [f"Line {number} says that the river runs to the sea." for number in range(LINES)]
    for place, needle in zip((0, LINES // 2, LINES + 1), NEEDLES, strict=True):
        lines.insert(place, needle)
    return "\n".join(lines)


def place_of(needle: Sequence[int], tokens: Sequence[int]) -> list[int]:
    """Where `needle` stands."""
    first = [at for at, token in enumerate(tokens) if token == needle[0]]
    return [at for at in first if list(tokens[at : at + len(needle)]) == list(needle)]


@pytest.fixture(scope="module")
def decoded(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """The ids that the engine had decoded: those of the sequence that it saved with its state."""
    folder = tmp_path_factory.mktemp("needle")
    conversation = Conversation()
    short = AttachmentPart("short.txt", "Nothing is in here.")
    conversation.append(
        "user", AttachmentPart("keys.txt", document()), short, TextPart("Which keys are there?")
    )
    request = request_for(conversation.branch(), TurnSettings(sampling=GREEDY, max_tokens=2))
    owner = Owner(folder / "ladder.json")
    try:
        options = replace(OPTIONS, state_folder=str(folder / "states"))
        owner.loaded(owner.load(miniatures.build(LONG_CONTEXT), options))
        asked = owner.session.generate(replace(request, conversation="needle"))
        finished = owner.ended(asked)
        assert isinstance(finished, Finished), finished
        assert finished.usage.read_tokens == finished.usage.prompt_tokens > 30_000
    finally:
        owner.session.close()
    (path,) = (folder / "states").glob("*.state")
    with StateFile(path) as file:
        tokens = file.tokens().tolist()
    assert len(tokens) >= finished.usage.prompt_tokens
    return tokens


def test_each_needle_was_decoded_once(decoded: list[int]) -> None:
    with plain_model(miniatures.build(LONG_CONTEXT), vocab_only=True) as plain:
        found = [place_of(plain.tokenize(needle, special=False), decoded) for needle in NEEDLES]
        missing = plain.tokenize("The first key is 7318.", special=False)
    assert place_of(missing, decoded) == []
    (first,), (middle,), (last,) = found
    assert first < 20
    assert abs(middle - len(decoded) / 2) < 0.02 * len(decoded)
    assert last > len(decoded) - 80


def test_every_token_between_them_was_too(decoded: list[int]) -> None:
    """The ids of the document by one call of llama.cpp stand in what was decoded."""
    with plain_model(miniatures.build(LONG_CONTEXT), vocab_only=True) as plain:
        whole = plain.tokenize(document(), special=False)
    assert len(whole) > 30_000
    assert len(place_of(whole, decoded)) == 1
