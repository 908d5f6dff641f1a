"""What goes into the frozen program and what stays out, on each system."""

from pathlib import Path

import pytest

KEPT = [
    "PySide6/Qt/lib/libQt6Gui.so.6",
    "PySide6/QtWidgets.abi3.so",
    "PySide6/Qt/plugins/platforms/libqxcb.so",
    "PySide6/Qt/plugins/platforms/libqoffscreen.so",
    "PySide6/Qt/plugins/imageformats/libqsvg.so",
    "PySide6/Qt/translations/qtbase_de.qm",
    "PySide6/Qt/translations/qtbase_zh_CN.qm",
    "resources/translations/de/LC_MESSAGES/cascade-desk.mo",
    "keyring-25.7.0.dist-info/entry_points.txt",
    "libxkbcommon.so.0",
    "PySide6\\plugins\\platforms\\qwindows.dll",
    "PySide6\\plugins\\styles\\qmodernwindowsstyle.dll",
    "PySide6\\Qt6Gui.dll",
    "PySide6\\translations\\qtbase_de.qm",
    "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
]
LEFT_OUT = [
    "PySide6/Qt/lib/libQt6Quick.so.6",
    "PySide6/Qt/lib/libQt6Pdf.so.6",
    "PySide6/QtQml.abi3.so",
    "PySide6/Qt/plugins/platforms/libqvnc.so",
    "PySide6/Qt/plugins/imageformats/libqpdf.so",
    "PySide6/Qt/plugins/tls/libqopensslbackend.so",
    "PySide6/Qt/qml/QtQuick/qmldir",
    "PySide6/Qt/translations/qt_help_de.qm",
    "PySide6/Qt/translations/linguist_de.qm",
    "cascade_desk-0.1.0.dist-info/direct_url.json",
    "libX11.so.6",
    "libstdc++.so.6",
    "libGL.so.1",
    "PySide6\\Qt6Quick.dll",
    "PySide6\\plugins\\tls\\qschannelbackend.dll",
    "PySide6\\plugins\\platforms\\qdirect2d.dll",
    "PySide6\\translations\\qt_help_de.qm",
    "PySide6\\qml\\QtQuick\\qmldir",
    "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick",
]


def row(name, kind="BINARY"):
    return (name, f"/from/{name}", kind)


@pytest.mark.parametrize("name", KEPT)
def test_what_a_window_uses_is_kept(frozen, name):
    assert frozen.kept([row(name)]) == [row(name)]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_no_window_uses_stays_out(frozen, name):
    assert frozen.kept([row(name)]) == []


def test_every_plugin_that_is_named_is_one_of_the_installed_qt(frozen):
    qt = pytest.importorskip("PySide6")
    folder = next(place for place in Path(qt.__path__[0]).rglob("plugins") if (place / "platforms").is_dir())
    assert {path.parent.name for path in folder.glob("*/*")} >= {"platforms", "iconengines", "imageformats"}
    for name in ("platforms", "iconengines", "imageformats"):
        rows = [row(f"PySide6/Qt/plugins/{name}/{path.name}") for path in (folder / name).iterdir()]
        assert 0 < len(frozen.kept(rows)) <= len(rows)


@pytest.mark.parametrize("folders", ["", "PySide6/Qt/lib/", "PySide6\\"])
def test_a_library_stays_only_where_something_asks_for_it(frozen, folders):
    asked = {
        "/from/PySide6/QtCore.pyd": ["QT6CORE.dll"],
        f"/from/{folders}Qt6Core.dll": ["zlib1.dll", "KERNEL32.dll"],
    }
    rows = [row("PySide6/QtCore.pyd"), row(f"{folders}Qt6Core.dll"), row("zlib1.dll"), row("unused.dll")]
    assert frozen.needed(rows, lambda path: asked.get(path, [])) == rows[:3]


def test_the_target_of_a_link_is_needed_with_it(frozen):
    link = ("llama_cpp/lib/libllama.so", "libllama.so.0", "SYMLINK")
    rows = [link, row("llama_cpp/lib/libllama.so.0"), row("libgomp.so.1"), row("libalone.so.1")]
    asked = {"/from/llama_cpp/lib/libllama.so.0": ["libgomp.so.1"]}
    assert frozen.needed(rows, lambda path: asked.get(path, [])) == rows[:3]


def test_each_library_of_llama_is_in_once(frozen, tmp_path):
    for name in ("libllama.so.0.0.7", "libggml-cpu-haswell.so", "libmtmd.so"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "libllama.so.0").symlink_to("libllama.so.0.0.7")
    (tmp_path / "libllama.so").symlink_to("libllama.so.0")
    (tmp_path / "readme.txt").write_text("no library")
    place = "llama_cpp/lib/"
    assert frozen.llama_rows(tmp_path) == [
        (f"{place}libggml-cpu-haswell.so", str(tmp_path / "libggml-cpu-haswell.so"), "BINARY"),
        (f"{place}libllama.so", "libllama.so.0", "SYMLINK"),
        (f"{place}libllama.so.0", str(tmp_path / "libllama.so.0.0.7"), "BINARY"),
        (f"{place}libmtmd.so", str(tmp_path / "libmtmd.so"), "BINARY"),
    ]


def test_two_files_of_one_library_become_a_link(frozen, tmp_path):
    for name in ("libggml.so", "libggml.so.0"):
        (tmp_path / name).write_bytes(b"same")
    assert [one[::2] for one in frozen.llama_rows(tmp_path)] == [
        ("llama_cpp/lib/libggml.so", "SYMLINK"),
        ("llama_cpp/lib/libggml.so.0", "BINARY"),
    ]


@pytest.mark.parametrize(
    "name",
    ["libllama.so", "llama_cpp/lib/libggml-base.so.0", "llama_cpp\\lib\\ggml-cpu.dll", "libmtmd.dylib"],
)
def test_what_the_builder_found_of_llama_is_taken_out(frozen, name):
    other = row("libgomp.so.1")
    assert frozen.without_llama([row(name), other]) == [other]


def test_the_binding_itself_is_not_taken_for_a_library(frozen):
    rows = [row("llama_cpp/llama_cpp.py"), row("llama_cpp-0.3.dist-info/METADATA"), row("my_llama.so.txt")]
    assert frozen.without_llama(rows) == rows


def test_hooks_that_nothing_needs_do_not_run_at_the_start(frozen):
    rows = [row("pyi_rth_inspect"), row("pyi_rth_multiprocessing"), row("entry")]
    assert [name for name, *_ in frozen.without_unused_hooks(rows)] == ["pyi_rth_inspect", "entry"]
