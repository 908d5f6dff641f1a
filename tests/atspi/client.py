"""An assistive technology of a few lines: reads a program over AT-SPI, operates it, hears what it says.

The protocol is in the XML files of at-spi2-core; all messages go over a D-Bus of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from jeepney import DBusAddress, MatchRule, new_method_call
from jeepney.bus_messages import DBus
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import HeaderFields, Message, MessageType

WAIT_S = 60.0
_CALL_S = 20.0
_SPI = "org.a11y.atspi."
_REGISTRY = "org.a11y.atspi.Registry"
_EVENTS = ("object:announcement", "object:state-changed:focused", "object:children-changed")
_STATES: Final = {
    1: "active", 3: "busy", 9: "expandable", 10: "expanded", 11: "focusable", 12: "focused", 23: "selected",
    25: "showing", 30: "visible",
}  # fmt: skip


class GoneError(Exception):
    """What was asked is no more."""


class Heard(NamedTuple):
    """An event: its kind, its words, and what it is about."""

    kind: str
    detail: str
    on: int
    value: Any
    source: tuple[str, str]


class Node:
    """Something that the program shows."""

    def __init__(self, client: Client, ref: tuple[str, str]) -> None:
        self.client, self.ref = client, ref

    def _ask(self, interface: str, method: str, signature: str = "", *values: Any) -> Any:
        return self.client.ask(self.ref, _SPI + interface, method, signature, *values)

    def _get(self, interface: str, name: str) -> Any:
        wanted = (_SPI + interface, name)
        return self.client.ask(self.ref, "org.freedesktop.DBus.Properties", "Get", "ss", *wanted)[1]

    @property
    def name(self) -> str:
        return self._get("Accessible", "Name")

    @property
    def about(self) -> str:
        return self._get("Accessible", "Description")

    @property
    def role(self) -> str:
        return self._ask("Accessible", "GetRoleName")

    @property
    def attributes(self) -> dict[str, str]:
        return self._ask("Accessible", "GetAttributes")

    @property
    def states(self) -> set[str]:
        low, _high = self._ask("Accessible", "GetState")
        return {name for bit, name in _STATES.items() if low >> bit & 1}

    @property
    def interfaces(self) -> set[str]:
        return {one.removeprefix(_SPI) for one in self._ask("Accessible", "GetInterfaces")}

    @property
    def parent(self) -> Node:
        return Node(self.client, self._get("Accessible", "Parent"))

    @property
    def children(self) -> list[Node]:
        return [Node(self.client, ref) for ref in self._ask("Accessible", "GetChildren")]

    @property
    def extents(self) -> tuple[int, int, int, int]:
        return self._ask("Component", "GetExtents", "u", 0)

    @property
    def text(self) -> str:
        return self._ask("Text", "GetText", "ii", 0, -1)

    @property
    def actions(self) -> list[str]:
        return [action[0] for action in self._ask("Action", "GetActions")]

    def do(self, action: str) -> None:
        assert self._ask("Action", "DoAction", "i", self.actions.index(action))

    def type(self, text: str) -> None:
        assert self._ask("EditableText", "InsertText", "isi", 0, text, len(text))

    def write(self, text: str) -> None:
        """Put other text in place of what a field has."""
        assert self._ask("EditableText", "SetTextContents", "s", text)

    def focus(self) -> None:
        assert self._ask("Component", "GrabFocus")

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, role: str, name: str) -> Node:
        """The first one below with a role that is shown and whose name begins so."""
        for node in self.walk():
            if node.role == role and node.name.startswith(name) and "showing" in node.states:
                return node
        raise LookupError(f"{role} {name}")


class Client:
    """Connected to the accessibility bus of a session."""

    def __init__(self, session: str) -> None:
        asked = open_dbus_connection(session)
        try:
            bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            reply = asked.send_and_get_reply(new_method_call(bus, "GetAddress"), timeout=WAIT_S)
        finally:
            asked.close()
        self._bus: DBusConnection = open_dbus_connection(reply.body[0])
        self.heard: list[Heard] = []
        rule = MatchRule(type="signal", interface=f"{_SPI}Event.Object")
        self._bus.send_and_get_reply(DBus().AddMatch(rule), timeout=_CALL_S)
        self._filter = self._bus.filter(rule, bufsize=100_000)
        self._events = self._filter.__enter__()
        for event in _EVENTS:
            registry = (_REGISTRY, "/org/a11y/atspi/registry")
            self.ask(registry, _REGISTRY, "RegisterEvent", "s", event)

    def close(self) -> None:
        self._filter.__exit__(None, None, None)
        self._bus.close()

    def ask(self, ref: tuple[str, str], interface: str, method: str, signature: str, *values: Any) -> Any:
        address = DBusAddress(ref[1], ref[0], interface)
        call = new_method_call(address, method, signature or None, values)
        reply: Message = self._bus.send_and_get_reply(call, timeout=_CALL_S)
        self._take()
        if reply.header.message_type == MessageType.error:
            raise GoneError(reply.body)
        return reply.body[0] if len(reply.body) == 1 else reply.body

    def _take(self) -> None:
        while self._events:
            self._note(self._events.popleft())

    def _note(self, message: Message) -> None:
        fields = message.header.fields
        detail, on, _, value = message.body[:4]
        source = (fields[HeaderFields.sender], fields[HeaderFields.path])
        self.heard.append(Heard(fields[HeaderFields.member], detail, on, value[1], source))

    def listen(self, seconds: float = 0.05) -> None:
        """Take in what comes in a while."""
        try:
            self._note(self._bus.recv_until_filtered(self._events, timeout=seconds))
        except TimeoutError:
            return
        self._take()

    def until(self, done: Callable[[], Any]) -> Any:
        """Listen until something holds; what it gave."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                found = done()
            except (LookupError, GoneError):
                found = None
            if found:
                return found
            self.listen()
        raise TimeoutError(f"waited in vain; heard {self.heard[-20:]}")

    @property
    def announced(self) -> list[str]:
        return [event.value for event in self.heard if event.kind == "Announcement"]

    @property
    def focused(self) -> list[str]:
        """Names of what had the keyboard, in order."""
        found = []
        for event in self.heard:
            if event.kind == "StateChanged" and event.detail == "focused" and event.on:
                try:
                    found.append(Node(self, event.source).name)
                except GoneError:
                    found.append("")
        return found

    def program(self) -> Node:
        """The one program that is there."""
        root = Node(self, (_REGISTRY, "/org/a11y/atspi/accessible/root"))
        return self.until(lambda: next((one for one in root.children), None))

    def key(self, symbol: int) -> None:
        """Press and release a key by its X symbol."""
        self._device("GenerateKeyboardEvent", "isu", symbol, "", 3)

    def chord(self, held: int, key: int) -> None:
        """Press and release a key while another is held; both by their codes on the keyboard."""
        for code, kind in ((held, 0), (key, 2), (held, 1)):
            self._device("GenerateKeyboardEvent", "isu", code, "", kind)

    def click(self, node: Node) -> None:
        """Click into the middle of something."""
        x, y, width, height = node.extents
        self._device("GenerateMouseEvent", "iis", x + width // 2, y + height // 2, "b1c")

    def _device(self, method: str, signature: str, *values: Any) -> None:
        registry = (_REGISTRY, "/org/a11y/atspi/registry/deviceeventcontroller")
        self.ask(registry, f"{_SPI}DeviceEventController", method, signature, *values)
