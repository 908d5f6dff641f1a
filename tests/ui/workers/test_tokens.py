"""The worker of the keyring."""

from __future__ import annotations

from app.settings.tokens import TokenStore
from tests.settings.test_tokens import TOKEN, Broken, Memory
from ui.workers.tokens import TokenWorker


def test_it_keeps_and_hands_out(qapp: object) -> None:
    worker = TokenWorker(TokenStore(Memory()))
    said: list[tuple[object, ...]] = []
    worker.written.connect(lambda error: said.append((error,)))
    worker.read.connect(lambda token, error: said.append((token, error)))
    worker.keep(TOKEN)
    worker.fetch()
    assert said == [(None,), (TOKEN, None)]


def test_what_goes_wrong_is_said(qapp: object) -> None:
    worker = TokenWorker(TokenStore(Broken()))
    said: list[str] = []
    worker.written.connect(lambda error: said.append(str(error)))
    worker.read.connect(lambda token, error: said.append(f"{token}{error}"))
    worker.keep(TOKEN)
    worker.fetch()
    assert ["does not take" in said[0], "does not hand" in said[1]] == [True, True]
    assert TOKEN not in "".join(said)
