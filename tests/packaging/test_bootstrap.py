"""Setting up: the stamp, what is asked of pip, and words for what goes wrong. No pip is run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(bootstrap, monkeypatch, tmp_path):
    """A checkout with nothing but the hashed files, which the bootstrap takes for its own."""
    (tmp_path / "packaging").mkdir()
    for name in bootstrap.HASHED:
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "packaging" / "constraints.txt").write_text("llama-cpp-python==1.2.3\n")
    venv = tmp_path / ".venv"
    python = bootstrap.venv_python(venv)
    python.parent.mkdir(parents=True)
    python.touch()
    places = {"ROOT": tmp_path, "VENV": venv, "STAMP": venv / "cascade-setup.json"}
    for name, place in places.items():
        monkeypatch.setattr(bootstrap, name, place)
    monkeypatch.setattr(bootstrap.llama_wheel, "CONSTRAINTS", tmp_path / "packaging" / "constraints.txt")
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path / "wheels"))
    return tmp_path


@pytest.fixture
def steps(bootstrap, checkout, monkeypatch):
    """What set_up() does, noted instead of done; the machine has all that the window needs."""
    noted: list[object] = []
    monkeypatch.setattr(bootstrap, "install", lambda _, extras: noted.append(extras))
    monkeypatch.setattr(bootstrap, "require_for_build", lambda _: None)
    monkeypatch.setattr(bootstrap, "fetch_specs", lambda: None)
    monkeypatch.setattr(bootstrap.system_packages, "missing_for_window", list)
    monkeypatch.setattr(bootstrap.system_packages, "missing_for_tests", list)
    return noted


BASE = {"python", "window"}


def test_a_second_setup_does_nothing(bootstrap, steps):
    bootstrap.set_up(BASE)
    bootstrap.set_up(BASE)
    assert steps == [["dev"]]


def test_what_the_tests_need_adds_nothing_to_the_libraries(bootstrap, steps):
    bootstrap.set_up(BASE)
    bootstrap.set_up(BASE | {"tests"})
    assert steps == [["dev"]]
    assert set(bootstrap.read_stamp(bootstrap.STAMP)["parts"]) == BASE | {"tests"}


def test_the_benchmark_adds_its_libraries_and_keeps_them(bootstrap, steps):
    bootstrap.set_up(BASE)
    bootstrap.set_up(BASE | {"bench"})
    bootstrap.set_up(BASE)
    assert steps == [["dev"], ["dev", "bench"]]


@pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt", "packaging/llama_wheel.py"])
def test_a_changed_file_sets_up_again(bootstrap, steps, checkout, name):
    bootstrap.set_up(BASE)
    (checkout / name).write_text("llama-cpp-python==1.2.4\n")
    bootstrap.set_up(BASE)
    assert len(steps) == 2


def test_another_python_or_place_or_flag_sets_up_again(bootstrap, checkout, monkeypatch, tmp_path):
    first = bootstrap.fingerprint(checkout, ["-DA=ON"])
    assert bootstrap.fingerprint(checkout, ["-DA=ON"]) == first
    assert bootstrap.fingerprint(checkout, ["-DA=OFF"]) != first
    moved = tmp_path / "elsewhere"
    (moved / "packaging").mkdir(parents=True)
    for name in bootstrap.HASHED:
        (moved / name).write_bytes((checkout / name).read_bytes())
    assert bootstrap.fingerprint(moved, ["-DA=ON"]) != first
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    assert bootstrap.fingerprint(checkout, ["-DA=ON"]) != first


def test_a_lost_interpreter_sets_up_again(bootstrap, steps):
    bootstrap.set_up(BASE)
    bootstrap.venv_python(bootstrap.VENV).unlink()
    bootstrap.set_up(BASE)
    assert len(steps) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": 1}'])
def test_a_damaged_stamp_counts_as_none(bootstrap, steps, text):
    bootstrap.STAMP.write_text(text)
    bootstrap.set_up(BASE)
    assert steps == [["dev"]]


def test_a_step_that_fails_leaves_no_stamp(bootstrap, steps, monkeypatch):
    def fail(wheel, extras):
        raise bootstrap.SetupError("installing", "no room", "Make room.")

    monkeypatch.setattr(bootstrap, "install", fail)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.set_up(BASE)
    assert not bootstrap.STAMP.exists()


def test_what_the_window_lacks_is_named_each_time_until_it_is_there(bootstrap, steps, monkeypatch, capsys):
    need = bootstrap.system_packages.Need("libGL.so.1", "libgl1")
    monkeypatch.setattr(bootstrap.system_packages, "apt_prefix", lambda: None)
    monkeypatch.setattr(bootstrap.system_packages, "missing_for_window", lambda: [need])
    for _ in range(2):
        bootstrap.set_up(BASE)
        assert "Missing for the window: libGL.so.1" in capsys.readouterr().out
    monkeypatch.setattr(bootstrap.system_packages, "missing_for_window", list)
    bootstrap.set_up(BASE)
    bootstrap.set_up(BASE)
    assert "Missing" not in capsys.readouterr().out
    assert steps == [["dev"]]


def test_a_gpu_build_is_kept_until_told_otherwise(bootstrap, steps, monkeypatch):
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "-DGGML_CUDA=ON")
    bootstrap.set_up(BASE)
    monkeypatch.delenv("CASCADE_CMAKE_ARGS")
    bootstrap.set_up(BASE)
    assert len(steps) == 1
    assert "-DGGML_CUDA=ON" in bootstrap.llama_wheel.cmake_flags()
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "")
    bootstrap.set_up(BASE)
    assert len(steps) == 2


def test_flags_with_an_open_quote_are_an_error_in_words(bootstrap, steps, monkeypatch, capsys):
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "-DX='a")
    assert bootstrap.main([]) == 1
    assert "reading CASCADE_CMAKE_ARGS" in capsys.readouterr().err


def test_an_old_python_is_told_so(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert bootstrap.main([]) == 1
    assert "Cascade Desk needs Python 3.11 or newer; this is 3.9.2." in capsys.readouterr().err


def test_a_missing_compiler_stops_before_anything_is_made(bootstrap, monkeypatch):
    need = bootstrap.system_packages.Need("a C++ compiler", "g++")
    monkeypatch.setattr(bootstrap.system_packages, "apt_prefix", lambda: None)
    monkeypatch.setattr(bootstrap.system_packages, "missing_for_build", lambda _: [need])
    with pytest.raises(bootstrap.SetupError, match=r"a C\+\+ compiler"):
        bootstrap.require_for_build(None)


def test_pip_may_fetch_all_but_what_is_compiled(bootstrap):
    wanted = bootstrap.requirements(ROOT, ["dev", "bench"])
    assert any(one.startswith("PySide6") for one in wanted)
    assert any(one.startswith("pytest") for one in wanted)
    assert any(one.startswith("xllamacpp") for one in wanted)
    assert not any(one.startswith("llama-cpp-python") for one in wanted)


def test_the_constraints_pin_everything_that_is_asked_for(bootstrap):
    pins = (ROOT / "packaging" / "constraints.txt").read_text().lower().splitlines()
    pinned = {line.partition("==")[0] for line in pins}
    assert all("==" in line for line in pins)
    for wanted in bootstrap.requirements(ROOT, ["dev", "bench"]):
        name = wanted.lower().replace("_", "-")
        assert any(name == pin or name.startswith((f"{pin}>", f"{pin}[", f"{pin}=")) for pin in pinned), (
            wanted
        )


def test_pip_fails_with_its_last_lines_and_what_to_do(bootstrap, checkout, monkeypatch):
    def run(command, *, check, env, stdin, stdout, stderr):
        stdout.write(b"".join(b"line %d\n" % number for number in range(40)))
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(bootstrap, "LOG", checkout / "log")
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.pip("installing this", "this")
    text = str(caught.value)
    assert text.startswith("Setup stopped: installing this.\nline 28\n")
    assert "line 39\nCheck network" in text


@pytest.mark.parametrize(
    ("log", "first"),
    [
        (
            "-- fine\n  CMake Error at CMakeLists.txt:1:\n  no CUDA\nnoise\n" + "noise\n" * 50,
            "  CMake Error at",
        ),
        (
            "[1/2] fine\na.cpp:1:2: fatal error: b.h: no such file\n" + "noise\n" * 50,
            "a.cpp:1:2: fatal error",
        ),
        ("fine\n" * 50 + "it ended\n", "fine\n"),
    ],
)
def test_a_failed_build_is_told_from_its_first_error(bootstrap, tmp_path, log, first):
    (tmp_path / "log").write_text(log)
    shown = bootstrap.first_error(tmp_path / "log")
    assert shown.startswith(first)
    assert shown.count("\n") < 12


def test_only_this_very_wheel_counts_as_installed(bootstrap, checkout):
    wheel = checkout / "wheels" / "a b" / "llama_cpp_python-1.2.3-py3-none-any.whl"
    assert not bootstrap.is_installed(wheel)
    packages = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.11/site-packages"
    record = bootstrap.VENV / packages / "llama_cpp_python-1.2.3.dist-info" / "direct_url.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"url": wheel.as_uri()}))
    assert bootstrap.is_installed(wheel)
    assert not bootstrap.is_installed(wheel.parent.parent / "other" / wheel.name)


def test_makes_own_variables_do_not_reach_the_compiler(bootstrap, monkeypatch):
    monkeypatch.setenv("MAKEFLAGS", " -j4 --jobserver-auth=3,4")
    assert "MAKEFLAGS" not in bootstrap.environment()


@pytest.fixture
def own_venv(bootstrap, checkout):
    """A .venv of this very Python, as far as usable() asks: no real one is made."""
    (bootstrap.VENV / "pyvenv.cfg").write_text(f"command = python -m venv {bootstrap.VENV}\n")
    return bootstrap.VENV


@pytest.fixture
def answer(bootstrap, monkeypatch):
    """What the interpreter of .venv prints when it is asked for its version."""
    said = ["{}.{}\n".format(*sys.version_info)]
    done = subprocess.CompletedProcess
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda command, **_: done(command, 0, stdout=said[0]))
    return said


def test_a_venv_of_this_place_and_python_is_kept(bootstrap, own_venv, answer):
    assert bootstrap.usable(own_venv)


def test_a_moved_venv_is_made_anew(bootstrap, own_venv, answer):
    (own_venv / "pyvenv.cfg").write_text("command = python -m venv elsewhere/.venv\n")
    assert not bootstrap.usable(own_venv)


@pytest.mark.parametrize("printed", ["", "3.1\n"])
def test_a_broken_venv_or_one_of_another_python_is_made_anew(bootstrap, own_venv, answer, printed):
    answer[0] = printed
    assert not bootstrap.usable(own_venv)


def test_no_venv_at_all_is_made(bootstrap, tmp_path):
    assert not bootstrap.usable(tmp_path / "none")
