"""Which signals concern documents and how much of the context they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.application import Application


def wire_gauge(desk: Application) -> None:
    """Connect the context gauge. Behind the chat's own: it counts what that knows."""
    gauge, worker, composer = desk.gauge, desk.worker, desk.window.composer
    worker.event.connect(gauge.on_event)
    gauge.count_wanted.connect(worker.count_prompt)
    gauge.cancel_wanted.connect(worker.cancel_count)
    gauge.changed.connect(composer.gauge.set_value)
    for typed in (composer.draft_changed, composer.edit_changed):
        typed.connect(gauge.on_typed)
    for other in (composer.mode_chosen, desk.window.settings.settings_changed):
        other.connect(gauge.refresh)
