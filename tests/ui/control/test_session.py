"""What is as it was when the app is opened again."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from tests.ui.control.conftest import Stage


def test_values_are_kept_a_moment_after_their_last_change(stages: Callable[[], Stage], qtbot: QtBot) -> None:
    stage = stages()
    stage.session.start()
    assert stage.last("session.restored") == {}
    for width in (200, 240, 260):
        stage.session.keep("sidebar_width", width)
    assert stage.from_store(lambda store: store.state("sidebar_width")) is None
    qtbot.waitUntil(lambda: stage.from_store(lambda store: store.state("sidebar_width")) == 260)
    stage.session.keep("theme", "dark")
    stage.session.flush()
    again = stages()
    again.session.start()
    assert again.last("session.restored") == {"sidebar_width": 260, "theme": "dark"}


def test_nothing_is_kept_before_the_old_values_are_there(stage: Stage) -> None:
    stage.session.keep("theme", "light")
    stage.session.flush()
    assert stage.from_store(lambda store: store.state("theme")) is None


def test_a_value_of_another_type_is_a_strangers(stage: Stage) -> None:
    for key, value in {"sidebar_width": True, "open": 7, "theme": "dark", "other": "?"}.items():
        stage.store.write(lambda store, key=key, value=value: store.set_state(key, value))
    stage.session.start()
    assert stage.last("session.restored") == {"theme": "dark"}


def test_flush_writes_nothing_where_nothing_changed(stage: Stage) -> None:
    stage.session.start()
    stage.relay.holding = True
    stage.session.flush()
    assert stage.relay.held == []
