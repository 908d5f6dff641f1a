"""What the machine lacks: found, named in one line, installed only where that is allowed."""

import subprocess
import sys

import pytest

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looked for on Linux only")


@pytest.fixture
def programs(system_packages, monkeypatch):
    """The programs that are on the PATH; empty at first."""
    found: set[str] = set()
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: name if name in found else None)
    return found


@pytest.fixture
def ran(system_packages, monkeypatch):
    """Commands that were run, by a stand-in that succeeds."""
    commands: list[list[str]] = []

    def run(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(system_packages.subprocess, "run", run)
    return commands


@linux_only
def test_what_the_linker_does_not_find_is_missing_with_its_package(system_packages):
    absent = {"libGL.so.1", "libxcb-cursor.so.0"}
    needs = system_packages.missing_libraries(lambda soname: soname not in absent)
    assert needs == [("libGL.so.1", "libgl1"), ("libxcb-cursor.so.0", "libxcb-cursor0")]


def test_the_linker_is_asked(system_packages):
    assert not system_packages.loads("libno-such-library-at-all.so.9")


@linux_only
def test_the_linker_finds_the_c_library(system_packages):
    assert system_packages.loads("libc.so.6")


def test_nothing_is_looked_for_off_linux(system_packages, monkeypatch):
    monkeypatch.setattr(system_packages.sys, "platform", "darwin")
    assert system_packages.missing_libraries(lambda _: False) == []
    assert system_packages.missing_for_tests() == []


@linux_only
def test_what_the_tests_start_is_missing_with_its_package(system_packages, programs, monkeypatch, tmp_path):
    launcher = tmp_path / "launcher"
    monkeypatch.setattr(system_packages, "LAUNCHERS", (str(launcher),))
    programs.update({"Xvfb", "pdftotext"})
    assert [need.package for need in system_packages.missing_for_tests()] == ["dbus", "at-spi2-core"]
    launcher.touch()
    programs.add("dbus-daemon")
    assert system_packages.missing_for_tests() == []


@linux_only
def test_fonts_are_looked_for_in_folders_where_fc_list_is_not(
    system_packages, programs, monkeypatch, tmp_path
):
    monkeypatch.setattr(system_packages, "FONT_FOLDERS", (str(tmp_path), str(tmp_path / "none")))
    assert not system_packages.has_font()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Some.TTF").touch()
    assert system_packages.has_font()


def test_a_compiler_is_wanted_only_if_something_is_to_compile(system_packages, programs, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(system_packages.os, "name", "posix")
    assert [need.package for need in system_packages.missing_for_build(True)] == ["g++"]
    assert system_packages.missing_for_build(False) == []
    programs.add("clang++")
    assert system_packages.missing_for_build(True) == []


def test_a_python_without_ensurepip_wants_its_venv_package(system_packages, monkeypatch):
    monkeypatch.setattr(system_packages.importlib.util, "find_spec", lambda _: None)
    major, minor = system_packages.sys.version_info[:2]
    assert [need.package for need in system_packages.missing_for_build(False)] == [
        f"python{major}.{minor}-venv"
    ]


@pytest.mark.parametrize(
    "case",
    [
        ({"apt-get"}, 0, None, []),
        ({"apt-get"}, 1000, None, None),
        ({"apt-get", "sudo"}, 1000, 0, ["sudo", "-n"]),
        ({"apt-get", "sudo"}, 1000, 1, None),
        ({"sudo"}, 0, 0, None),
    ],
)
def test_apt_runs_only_where_it_need_not_ask(system_packages, programs, monkeypatch, case):
    on_path, user, sudo_status, prefix = case
    programs |= on_path
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: user, raising=False)
    done = subprocess.CompletedProcess([], sudo_status or 0)
    monkeypatch.setattr(system_packages.subprocess, "run", lambda _, **__: done)
    assert system_packages.apt_prefix() == prefix


def test_apt_can_be_forbidden(system_packages, programs, monkeypatch):
    programs.add("apt-get")
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setenv("CASCADE_NO_APT", "1")
    assert system_packages.apt_prefix() is None


def test_the_report_is_one_line_to_type_on_debian(system_packages, programs):
    needs = [system_packages.Need("b.so", "libb"), system_packages.Need("a.so", "liba")]
    needs.append(system_packages.Need("b2.so", "libb"))
    programs.add("apt-get")
    assert system_packages.report(needs) == "sudo apt-get install --no-install-recommends liba libb"


def test_the_report_names_the_libraries_elsewhere(system_packages, programs):
    needs = [system_packages.Need("b.so", "libb"), system_packages.Need("a font", "fonts")]
    assert system_packages.report(needs) == "with this system's package manager: b.so, a font"


def test_what_is_missing_is_installed_and_looked_for_again(system_packages, ran, monkeypatch):
    monkeypatch.setattr(system_packages, "apt_prefix", lambda: ["sudo", "-n"])
    answers = [[system_packages.Need("a.so", "liba")], []]
    assert system_packages.provide(lambda: answers.pop(0)) == []
    assert all(command[:2] == ["sudo", "-n"] for command in ran)
    assert [command[command.index("apt-get") :][-1] for command in ran] == ["update", "liba"]


def test_an_apt_that_installs_nothing_is_not_believed(system_packages, ran, monkeypatch):
    monkeypatch.setattr(system_packages, "apt_prefix", list)
    need = system_packages.Need("a.so", "liba")
    assert system_packages.provide(lambda: [need]) == [need]


def test_where_apt_may_not_run_nothing_is_run(system_packages, ran, monkeypatch):
    monkeypatch.setattr(system_packages, "apt_prefix", lambda: None)
    need = system_packages.Need("a.so", "liba")
    assert system_packages.provide(lambda: [need]) == [need]
    assert ran == []


def test_nothing_missing_asks_nothing(system_packages, ran):
    assert system_packages.provide(list) == []
    assert ran == []


@linux_only
def test_a_browser_and_a_reader_of_pdfs_are_looked_for(system_packages, programs, monkeypatch):
    monkeypatch.setattr(system_packages, "LAUNCHERS", (__file__,))
    programs.add("dbus-daemon")
    assert [need.package for need in system_packages.missing_for_tests()] == ["xvfb", "poppler-utils"]
    assert [need.package for need in system_packages.missing_for_soak()] == ["chromium"]
    programs.update({"pdftotext", "Xvfb", "google-chrome"})
    assert system_packages.missing_for_tests() == system_packages.missing_for_soak() == []


def test_trying_out_wants_what_its_tests_want_and_what_presses_keys(system_packages, programs, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    before = system_packages.missing_for_tests()
    assert before
    assert system_packages.missing_for_trying() == [*before, ("xdotool", "xdotool")]
    programs.add("xdotool")
    assert system_packages.missing_for_trying() == before
    monkeypatch.setattr(sys, "platform", "win32")
    assert system_packages.missing_for_trying() == []
