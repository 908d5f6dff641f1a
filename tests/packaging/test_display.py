"""`make run` without a display says so and names the command that needs none."""

import pytest


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":99"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_display(display, environment, platform, expected):
    assert display.has_display(environment, platform) is expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], True), (["model.gguf"], True), (["ask", "Why?"], False), (["--help"], False)],
)
def test_only_the_window_needs_one(display, arguments, expected):
    assert display.needs_window(arguments) is expected


def test_without_a_display_one_line_names_ask(display, monkeypatch, capsys):
    monkeypatch.setattr(display.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert display.main([]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert '.venv/bin/cascade-desk ask "…"' in printed.err
    assert display.main(["ask", "Why?"]) == 0
