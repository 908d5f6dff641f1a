"""Engines in this process, one for each miniature."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests import miniatures
from tests.engine.here import SHAPES, Engine


@pytest.fixture(scope="module")
def engines() -> Iterator[Callable[[str], Engine]]:
    """The engine with a miniature, its cache empty.

    All are started at once: outside the tests, which must leave no process behind.
    """
    loaded = {name: Engine(miniatures.build(shape)) for name, shape in SHAPES.items()}

    def get(name: str) -> Engine:
        loaded[name].host.cache.clear()
        return loaded[name]

    yield get
    for engine in loaded.values():
        engine.close()


@pytest.fixture
def hybrid_engine(engines: Callable[[str], Engine]) -> Engine:
    return engines("hybrid")


@pytest.fixture
def plain_engine(engines: Callable[[str], Engine]) -> Engine:
    return engines("plain")
