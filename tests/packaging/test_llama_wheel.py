"""The wheel cache: what its key depends on, and that only whole builds get in."""

import subprocess
from pathlib import Path

import pytest

NAME = "llama_cpp_python-1.2.3-py3-none-any.whl"


def test_the_pinned_version_is_that_of_the_constraints(llama_wheel, monkeypatch, tmp_path):
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(
        "llama-cpp-python-extra==9\nLlama-CPP-Python==1.2.3\nnumpy==2 ; python_version > '3'\n"
    )
    monkeypatch.setattr(llama_wheel, "CONSTRAINTS", constraints)
    assert llama_wheel.pinned_version() == "1.2.3"
    assert llama_wheel.pinned_version("numpy") == "2"
    with pytest.raises(LookupError, match="does not pin qt"):
        llama_wheel.pinned_version("qt")


def test_the_real_constraints_pin_llama_cpp(llama_wheel):
    assert llama_wheel.pinned_version()[0].isdigit()


def test_without_flags_of_ones_own_the_build_is_portable(llama_wheel):
    assert llama_wheel.cmake_flags() == ["-DGGML_NATIVE=OFF", "-DLLAVA_BUILD=OFF"]


def test_own_flags_extend_and_override(llama_wheel, monkeypatch):
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "-DGGML_CUDA=ON -DGGML_NATIVE=ON '-DX=a b'")
    assert llama_wheel.cmake_flags() == ["-DGGML_CUDA=ON", "-DGGML_NATIVE=ON", "-DLLAVA_BUILD=OFF", "-DX=a b"]


def test_the_order_of_flags_does_not_matter(llama_wheel, monkeypatch):
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "-DA=1 -DB=2")
    first = llama_wheel.cache_folder("1", llama_wheel.cmake_flags())
    monkeypatch.setenv("CASCADE_CMAKE_ARGS", "-DB=2 -DA=1")
    assert llama_wheel.cache_folder("1", llama_wheel.cmake_flags()) == first


def test_version_flags_and_machine_each_change_the_key(llama_wheel, monkeypatch):
    folders = {llama_wheel.cache_folder("1.0", ["-DA=ON"])}
    folders.add(llama_wheel.cache_folder("1.1", ["-DA=ON"]))
    folders.add(llama_wheel.cache_folder("1.0", ["-DA=OFF"]))
    folders.add(llama_wheel.cache_folder("1.0", ["-DA=ON", "-DB=ON"]))
    monkeypatch.setattr(llama_wheel.platform, "machine", lambda: "another")
    folders.add(llama_wheel.cache_folder("1.0", ["-DA=ON"]))
    assert len(folders) == 5


def test_the_cache_lies_outside_the_checkout_or_where_it_is_told(llama_wheel, monkeypatch, tmp_path):
    checkout = Path(llama_wheel.__file__).resolve().parent.parent
    assert checkout not in llama_wheel.cache_root().parents
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path))
    assert llama_wheel.cache_folder("1", []).parent == tmp_path


def test_a_half_made_folder_is_not_taken_for_a_wheel(llama_wheel, monkeypatch, tmp_path):
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path))
    folder = llama_wheel.cache_folder("1.2.3", [])
    half = tmp_path / "build-abc"
    half.mkdir()
    (half / NAME).touch()
    assert llama_wheel.find_wheel(folder) is None
    folder.mkdir()
    (folder / "flags.txt").touch()
    (folder / "another-1.2.3-py3-none-any.whl").touch()
    assert llama_wheel.find_wheel(folder) is None
    (folder / NAME).touch()
    assert llama_wheel.find_wheel(folder) == folder / NAME


def pip_that(makes_wheel: bool, fails: bool = False):
    """A stand-in for subprocess.run that behaves as `pip wheel` does, minus the ten minutes."""

    def run(command, *, check, env, stdout):
        assert env["CMAKE_ARGS"] == "-DA=ON"
        if makes_wheel:
            (Path(command[command.index("--wheel-dir") + 1]) / NAME).touch()
        if fails:
            raise subprocess.CalledProcessError(1, command)

    return run


def test_a_build_takes_its_place_as_a_whole(llama_wheel, monkeypatch, tmp_path):
    monkeypatch.setattr(llama_wheel.subprocess, "run", pip_that(makes_wheel=True))
    folder = tmp_path / "wheels" / "key"
    folder.mkdir(parents=True)
    assert llama_wheel.build("1.2.3", ["-DA=ON"], folder) == folder / NAME
    assert (folder / "flags.txt").read_text() == "-DA=ON\n"
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("makes_wheel", [True, False])
def test_a_failed_build_leaves_nothing(llama_wheel, monkeypatch, tmp_path, makes_wheel):
    monkeypatch.setattr(llama_wheel.subprocess, "run", pip_that(makes_wheel, fails=True))
    with pytest.raises(subprocess.CalledProcessError):
        llama_wheel.build("1.2.3", ["-DA=ON"], tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_a_build_without_a_wheel_is_an_error(llama_wheel, monkeypatch, tmp_path):
    monkeypatch.setattr(llama_wheel.subprocess, "run", pip_that(makes_wheel=False))
    with pytest.raises(FileNotFoundError, match=r"1\.2\.3"):
        llama_wheel.build("1.2.3", ["-DA=ON"], tmp_path / "key")
