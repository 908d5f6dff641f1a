"""Somebody uses the window at random while a screen reader looks at everything, and holds on to it."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.atspi.client import Client, GoneError, Node
from tests.atspi.session import missing, session

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}"),
]
_SECONDS = 60
_DRIVER = "tests.kill.driver"


class Reader:
    """Walks the conversation again and again, uses what it finds, and asks what it has kept."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client, self.chance = client, random.Random(seed)
        self.app = client.program()
        self.kept: list[Node] = []
        self.visited = self.gone = 0

    def walk(self) -> None:
        """Once through the conversation, or until something of it is gone."""
        try:
            for node in self.app.find("list", "Conversation").walk():
                self.visited += 1
                self._look(node)
                if self.chance.random() < 0.2:
                    self.kept.append(node)
                if self.chance.random() < 0.05 and node.actions:
                    node.do(self.chance.choice(node.actions))
                self._ask_kept()
        except (LookupError, GoneError):
            self.gone += 1

    def _look(self, node: Node) -> None:
        assert node.name
        assert node.role
        _ = node.states, node.extents, node.attributes
        if "Text" in node.interfaces:
            assert node.text.startswith(node.name[:1])

    def _ask_kept(self) -> None:
        for node in self.chance.sample(self.kept, min(3, len(self.kept))):
            try:
                _ = node.name, node.parent, node.states, node.children
            except GoneError:
                self.kept.remove(node)
                self.gone += 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_reader_beside_random_use(tmp_path: Path, hybrid: Path, seed: int) -> None:
    print("seed", seed)
    arguments = (str(tmp_path / "data"), str(hybrid), str(seed), str(tmp_path / "log"))
    with session(*arguments, module=_DRIVER) as bus:
        client = Client(bus)
        reader = Reader(client, seed)
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            reader.walk()
        print(f"{reader.visited} visited, {reader.gone} gone, {len(client.announced)} announced")
        assert reader.visited > _SECONDS
        assert client.announced
        client.close()
