"""Every message of the engine's protocol survives the pipe."""

from __future__ import annotations

import io
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import protocol
from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    PROTOCOL_VERSION,
    Generate,
    Load,
)
from app.wire import Registry, WireError

_JSON = st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.lists(st.text()), max_size=3)
#: The protocol has no other mappings.
st.register_type_strategy(dict, lambda _hint: _JSON)
st.register_type_strategy(float, st.floats(allow_nan=False))


@pytest.mark.parametrize(
    ("registry", "kind"),
    [(COMMANDS, kind) for kind in typing.get_args(protocol.Command)]
    + [(EVENTS, kind) for kind in typing.get_args(protocol.Event)],
    ids=lambda value: getattr(value, "__name__", ""),
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_round_trip(registry: Registry, kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert registry.read(io.BytesIO(registry.encode(value))) == value


def test_commands_and_events_are_apart() -> None:
    with pytest.raises(WireError):
        EVENTS.read(io.BytesIO(COMMANDS.encode(Load(1, "x"))))
    with pytest.raises(WireError):
        COMMANDS.encode(protocol.Unloaded(1))


def test_another_version_is_refused() -> None:
    older = Registry(PROTOCOL_VERSION + 1, Load)
    with pytest.raises(WireError, match="protocol version"):
        COMMANDS.read(io.BytesIO(older.encode(Load(1, "x"))))


def test_every_event_names_its_request_and_generated_text_its_choice() -> None:
    for kind in typing.get_args(protocol.Event):
        names = set(kind.__dataclass_fields__)
        assert "request_id" in names or kind is protocol.Ready
        assert ("choice" in names) == (kind in (protocol.Delta, protocol.Reclassified, protocol.Finished))
    for kind in typing.get_args(protocol.Command):
        assert "request_id" in kind.__dataclass_fields__


def test_a_million_tokens_of_text_fit_into_a_frame() -> None:
    text = "word\U0001f600" * 1_000_000
    request = Generate(1, messages=(protocol.ChatMessage("user", text),))
    assert COMMANDS.read(io.BytesIO(COMMANDS.encode(request))) == request
