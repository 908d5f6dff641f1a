"""The whole app as a screen reader meets it: real processes, real buses, an answer that really streams."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import AnswerInfo, Message, ReasoningPart, TextPart
from app.paths import Paths
from app.store import Store
from tests.atspi.client import Client, Node
from tests.atspi.session import missing, session

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}")
RETURN, END = 0xFF0D, 0xFF57  # X symbols
ALT_CODE, DOWN_CODE = 64, 116  # of an X keyboard of 105 keys
ANSWER = """\
## Trees

A **tree** has [leaves](https://example.org/leaf).

1. Oak
2. Elm

> Plant one.

```python
oak = Tree()
```

| Tree | Height |
|---|---|
| Oak | 40 m |

$$
h = 2r
$$
"""
READ = [
    ("list item", "You", {}),
    ("paragraph", "What is a tree?", {}),
    ("footer", "End of message", {}),
    ("push button", "Copy message", {}),
    ("push button", "Edit", {}),
    ("push button", "Delete", {}),
    ("list item", "Assistant", {}),
    ("push button", "Thought for 2 s", {}),
    ("heading", "Trees", {"level": "2"}),
    ("paragraph", "A tree has leaves.", {}),
    ("link", "leaves", {}),
    ("list item", "1. Oak", {"level": "1"}),
    ("list item", "2. Elm", {"level": "1"}),
    ("block quote", "Quote: Plant one.", {}),
    ("section", "Code, python:\noak = Tree()", {}),
    ("push button", "Wrap lines", {}),
    ("push button", "Save code…", {}),
    ("push button", "Copy code", {}),
    ("panel", "Table, 2 columns, 1 row", {}),
    ("list item", "Columns: Tree, Height", {}),
    ("list item", "Tree: Oak; Height: 40 m", {}),
    ("equation", "Formula: h = 2r", {}),
    ("footer", "Model · Q4_K_M · thinking · 12 tokens", {}),
]


class Desk:
    """The app's window and whoever reads it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.app = client.program()
        self.window = client.until(lambda: self.app.find("frame", "Cascade Desk"))

    def find(self, role: str, name: str) -> Node:
        return self.client.until(lambda: self.window.find(role, name))

    @property
    def conversation(self) -> Node:
        return next(node for node in self.window.walk() if (node.role, node.name) == ("list", "Conversation"))

    def open(self, title: str) -> None:
        """A conversation of the list, by keyboard."""
        client = self.client
        shown = self.find("list item", title)
        # Without a window manager a window becomes the active one by a click.
        client.click(self.find("text", "Your message"))
        client.until(lambda: "active" in self.window.states)
        shown.parent.focus()
        client.until(lambda: "focused" in shown.parent.states)
        client.key(END)
        client.until(lambda: any(name.startswith(title) for name in client.focused))
        client.key(RETURN)
        client.until(lambda: len(self.conversation.children) == 2)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("data")
    store = Store.open(Paths.default(data).store)
    store.create(_conversation())
    store.close()
    with session("--data-dir", str(data), str(starter)) as bus:
        client = Client(bus)
        desk = Desk(client)
        desk.open("On trees")
        yield desk
        client.close()


def _conversation() -> Conversation:
    conversation = Conversation(title="On trees", titled=True, id="c")
    conversation.add(Message("q", "user", (TextPart("What is a tree?"),), created=100.0), None)
    thought = ReasoningPart("A plant, I think.\n\nOr a graph.", 2.0, 12)
    info = AnswerInfo("Model", "Q4_K_M", "thinking", 12, 30.5, 0.25)
    answer = Message("a", "assistant", (thought, TextPart(ANSWER)), "", 101.0, info)
    conversation.add(answer, "q")
    return conversation


def test_the_conversation_is_read_in_order(desk: Desk) -> None:
    found = [(node.role, node.name, node.attributes) for node in desk.conversation.walk()][1:]
    for node in found:
        print(*node[:2], node[2] or "")
    assert [one[:2] for one in found[: len(READ) - 1]] == [one[:2] for one in READ[:-1]]
    assert [one[2] for one in found[: len(READ)]] == [one[2] for one in READ]
    assert found[len(READ) - 1][1].startswith(READ[-1][1])
    assert [name for role, name, _ in found[len(READ) :]] == ["Copy message", "Regenerate", "Edit", "Delete"]
    assert desk.find("section", "Code").text == "Code, python:\noak = Tree()"
    seen = [node.extents for node in desk.conversation.children[1].children]
    tops = [y for _, y, width, _ in seen if width]
    assert tops == sorted(tops)
    assert len(tops) > 8


def test_a_thought_opens_and_code_is_copied(desk: Desk) -> None:
    client = desk.client
    header = desk.find("push button", "Thought for 2 s")
    assert "expanded" not in header.states
    header.do("Press")
    client.until(lambda: "expanded" in header.states)
    assert desk.find("paragraph", "A plant, I think.").name == "A plant, I think."
    desk.find("section", "Code").do("Copy code")
    client.until(lambda: client.announced[-1:] == ["Copied"])
    header.do("Press")
    client.until(lambda: "expanded" not in header.states)


def test_keys_go_from_block_to_block(desk: Desk) -> None:
    client = desk.client
    desk.find("paragraph", "What is a tree?").focus()
    client.until(lambda: client.focused[-1:] == ["What is a tree?"])
    wanted = ["End of message", "Thought for 2 s", "Trees", "A tree has leaves.", "1. Oak"]
    for name in wanted:
        client.chord(ALT_CODE, DOWN_CODE)
        client.until(lambda name=name: client.focused[-1:] == [name])


def test_an_answer_is_heard_while_it_streams(desk: Desk) -> None:
    client = desk.client
    desk.find("text", "Your message").type("Tell me a long story about a dog and a cat.")
    client.heard.clear()
    client.until(lambda: desk.find("push button", "Send").do("Press") is None)
    client.until(lambda: len(client.announced) >= 2)
    answer = desk.conversation.children[3]
    with contextlib.suppress(LookupError):  # a fast machine is done by now
        desk.window.find("push button", "Stop").do("Press")
    client.until(lambda: client.announced[-1] in {"Stopped", "End of the answer"})
    print(client.announced)
    mark = ", Stopped" if client.announced[-1] == "Stopped" else ""
    assert [message.name for message in desk.conversation.children][2:] == ["You", f"Assistant{mark}"]
    assert "busy" not in answer.states
    read = " ".join(" ".join(node.name for node in answer.children).split())
    assert client.announced[0].splitlines()[0][:30] in read
